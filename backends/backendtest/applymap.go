package backendtest

import (
	"fmt"
	"strings"

	"flinch/backends"
)

func (in *Instance) applyMap(o operation) string {
	in.t.Helper()
	s := in.BoxMap(o.state)
	s.SetNamespace(o.ns)
	var err error
	switch o.verb {
	case "put":
		err = s.Put(o.user, &Box{N: o.n})
	case "remove":
		err = s.Remove(o.user)
	case "clear":
		err = s.Clear()
	case "contains":
		return fmt.Sprint(must2[bool](in.t)(s.Contains(o.user)))
	case "isEmpty":
		return fmt.Sprint(must2[bool](in.t)(s.IsEmpty()))
	case "range":
		var answer strings.Builder
		err = s.Range(func(k string, v any) bool {
			fmt.Fprintf(&answer, "%s=%s;", k, show(v))
			return true
		})
		must(in.t, err)
		return answer.String()
	case "iterate":
		return in.applyIterator(o, s)
	default:
		got := must2[any](in.t)(s.Get(o.user))
		answer := show(got)
		if o.verb == "change" && got != nil {
			got.(*Box).N = o.n
			must(in.t, s.Put(o.user, got))
		}
		return answer
	}
	must(in.t, err)
	return ""
}

// What an iteration does with the i-th entry.
type iteration uint8

const (
	iterationRemoves iteration = iota
	iterationReplaces
	iterationChanges // in place, and writes back
	iterationKeeps
	iterationStops
	iterations
)

func (o operation) iteration(i int) iteration {
	return iteration((uint64(o.n) + uint64(o.n)/10*uint64(i)) % uint64(iterations))
}

func (in *Instance) applyIterator(o operation, s backends.RawMap) string {
	in.t.Helper()
	var answer strings.Builder
	it := must2[backends.MapIterator](in.t)(s.Iterator())
	defer it.Close()
	for i := 0; it.Next(); i++ {
		fmt.Fprintf(&answer, "%s=%s;", it.Key(), show(it.Value()))
		switch o.iteration(i) {
		case iterationRemoves:
			must(in.t, it.Remove())
		case iterationReplaces:
			must(in.t, it.SetValue(&Box{N: o.n}))
		case iterationChanges:
			lent := it.Value().(*Box)
			lent.N++
			must(in.t, it.SetValue(lent))
		case iterationStops:
			return answer.String()
		}
	}
	must(in.t, it.Err())
	return answer.String()
}

func (in *Instance) applyTimers(o operation) string {
	in.t.Helper()
	q := in.Queue(o.state)
	switch o.verb {
	case "register":
		return fmt.Sprint(must2[bool](in.t)(q.Register(o.time(), o.ns)))
	case "delete":
		return fmt.Sprint(must2[bool](in.t)(q.Delete(o.time(), o.ns)))
	case "sweep":
		return in.applySweep(o, q)
	}
	x, found, err := q.Peek()
	if o.verb == "poll" {
		x, found, err = q.Poll()
	}
	must(in.t, err)
	return showTimer(x, found)
}

func showTimer(x backends.Timer, found bool) string {
	if !found {
		return "none"
	}
	return fmt.Sprintf("%d %q %d %q;", x.Time, x.Key, x.Group, x.Namespace)
}

// applySweep fires what is due. Some callbacks ask for a timer of their key again,
// later or in the past.
func (in *Instance) applySweep(o operation, q backends.RawTimers) string {
	in.t.Helper()
	var answer strings.Builder
	for range sweepMost {
		x, found, err := q.Peek()
		must(in.t, err)
		if !found || x.Time > o.time() {
			break
		}
		_, _, err = q.Poll()
		must(in.t, err)
		answer.WriteString(showTimer(x, found))
		if next, again := o.again(x); again {
			must(in.t, in.SetCurrentKey(o.keys[x.Key]))
			answer.WriteString(fmt.Sprint(must2[bool](in.t)(q.Register(next, x.Namespace))))
		}
	}
	return answer.String()
}

// sweepMost is how many timers a sweep fires.
const sweepMost = 8

// again is when the callback of a timer wants to be called again.
func (o operation) again(x backends.Timer) (int64, bool) {
	switch x.Time % 3 {
	case 0:
		return o.n, true
	case 1:
		return x.Time - 1, true
	}
	return 0, false
}
