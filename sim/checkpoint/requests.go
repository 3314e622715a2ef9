package checkpoint

import (
	"cmp"
	"slices"
	"time"
)

// Request asks for a checkpoint or savepoint.
type Request struct {
	Kind     Kind
	Stop     bool // the job is to stop with it
	Periodic bool // the coordinator's own clock asks, nobody else
	Forced   bool // neither the number of pending checkpoints nor a pause holds it up
	At       time.Duration
	Number   uint64 // given by Add, from 1: tells requests apart
	Asked    int64  // the user's own number; 0: he did not ask
}

// RequestsMax is how many requests wait at most.
const RequestsMax = 1000

// Requests is the queue of those that may not start yet, and the decision which
// one may: Flink's CheckpointRequestDecider. It is plain data: the coordinator
// says how things stand and acts on the answer.
// The zero value is an empty queue.
//
// Savepoints go before checkpoints, forced requests before others, those that
// somebody made before the clock's, and older ones before younger.
type Requests struct {
	waiting []Request // in the order in which they start
	numbers uint64
}

// Add takes a request in. If too many wait, the last periodic one is dropped for
// it and returned; a request for which there is no place is itself returned.
func (q *Requests) Add(r Request) (added Request, dropped []Request) {
	q.numbers++
	r.Number = q.numbers
	if n := len(q.waiting); n >= RequestsMax {
		last := q.waiting[n-1]
		if r.Periodic || !last.Periodic {
			return r, []Request{r}
		}
		q.waiting, dropped = q.waiting[:n-1], []Request{last}
	}
	at, _ := slices.BinarySearchFunc(q.waiting, r, inOrder)
	q.waiting = slices.Insert(q.waiting, at, r)
	return r, dropped
}

func inOrder(a, b Request) int {
	return cmp.Or(
		first(a.Kind.IsSavepoint(), b.Kind.IsSavepoint()),
		first(a.Forced, b.Forced),
		first(!a.Periodic, !b.Periodic),
		cmp.Compare(a.At, b.At),
		cmp.Compare(a.Number, b.Number),
	)
}

// first puts the one of two that has something before the other.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Situation is how things stand when a request might start.
type Situation struct {
	ConcurrentMax int // checkpoints under way, at most
	Pending       int // checkpoints under way
	Cleaning      int // clean-ups under way
	// Pause is how much is left of the least time between the completion of a
	// checkpoint and the next periodic trigger; 0 or less: it is over.
	Pause time.Duration
}

// Decision is what to do now. The zero value is: wait.
type Decision struct {
	Start bool // Request starts
	Early bool // Request is refused, since it came before the pause was over
	Request
}

// Next decides, and takes the request that it names out of the queue.
func (q *Requests) Next(s Situation) Decision {
	if len(q.waiting) == 0 || s.Cleaning > s.ConcurrentMax {
		return Decision{}
	}
	r := q.waiting[0]
	if s.Pending >= s.ConcurrentMax && !r.Forced {
		return Decision{}
	}
	q.waiting = slices.Delete(q.waiting, 0, 1)
	if r.Periodic && !r.Forced && s.Pause > 0 {
		return Decision{Early: true, Request: r}
	}
	return Decision{Start: true, Request: r}
}

// Drop takes requests out that will not be carried out any more: all of them, or
// the clock's alone.
func (q *Requests) Drop(periodic bool) []Request {
	var dropped, kept []Request
	for _, r := range q.waiting {
		if r.Periodic || !periodic {
			dropped = append(dropped, r)
		} else {
			kept = append(kept, r)
		}
	}
	q.waiting = kept
	return dropped
}

// Len is how many requests wait.
func (q *Requests) Len() int { return len(q.waiting) }

// Waiting returns the requests in the order in which they will start.
func (q *Requests) Waiting() []Request { return slices.Clone(q.waiting) }
