package sim

import (
	"time"

	"flinch/model/history"
	"flinch/sim/checkpoint"
	"flinch/sim/sched"
)

// user is whoever the job belongs to: an actor outside of the cluster, who outlives
// every crash. He asks the job manager for one thing after the other, waits for the
// answer, and asks again if none comes: the job manager may have died with his
// request. What he was answered he keeps in mind.
type user struct {
	w          *world
	next       int // the action that comes next
	pause      sched.Event
	pausing    bool
	request    *request // nil: he waits for no answer
	numbers    int64
	savepoints []*savepoint

	// What the root of the store says, as anybody can read it.
	submission int64 // that the job belongs to
	source     int64 // that it began with
	fork       int
	basis      int64 // that the job began with and does not own; 0: it has checkpoints of its own
	stopped    checkpoint.Stop
}

// savepoint is one that is complete.
type savepoint struct {
	id       int64
	location string
	metadata checkpoint.Metadata
	known    bool // to the user: he was answered
	claimed  bool // he has given it away
	disposed bool
}

// request is what the user waits for.
type request struct {
	Action
	number int64
	source *savepoint // that it names; nil: none
	tries  int
	alarm  sched.Event
}

// triesMax is how often the user asks, before he lets it be. A job that is stopped
// he begins anew, however long that takes.
const triesMax = 4

// goOn goes on to the next action.
func (u *user) goOn() {
	u.request = nil
	if u.w.healed {
		u.next = len(u.w.cfg.Actions)
	}
	if u.next == len(u.w.cfg.Actions) {
		if u.stopped.ID != 0 { // nobody leaves his job behind
			u.ask(Action{Kind: ResubmitJob})
		}
		return
	}
	a := u.w.cfg.Actions[u.next]
	u.next++
	u.pausing = true
	u.pause = u.w.loop.After(a.After, func() {
		u.pausing = false
		u.ask(a)
	})
}

// healed has the user come to an end: what he has not asked for yet he lets be.
func (u *user) healed() {
	if u.pausing {
		u.w.loop.Cancel(u.pause)
		u.pausing = false
		u.goOn()
	}
}

// idle tells whether the user wants nothing more.
func (u *user) idle() bool {
	return u == nil || u.request == nil && !u.pausing && u.next == len(u.w.cfg.Actions) && u.stopped.ID == 0
}

// ask begins an action.
func (u *user) ask(a Action) {
	w := u.w
	r := &request{Action: a, number: u.numbers + 1}
	r.source = u.named(a)
	switch {
	case a.Kind == ResubmitJob && a.Savepoint > 0 && r.source == nil,
		a.Kind == DisposeSavepoint && (r.source == nil || r.source.id == u.basis),
		a.Kind == StopJob && u.stopped.ID != 0, a.Kind == TakeSavepoint && u.stopped.ID != 0:
		u.tell("has no use for %q", a.Kind)
		u.goOn()
		return
	}
	u.numbers, u.request = r.number, r
	switch a.Kind {
	case ResubmitJob:
		row := history.Submission{Number: r.number, Claim: a.Claim, Asked: w.step()}
		if r.source != nil {
			row.Named = r.source.id
		}
		w.run.Submissions = append(w.run.Submissions, row)
	case DisposeSavepoint:
		r.source.disposed = true
		w.files.release(savepointOwner(r.source.id))
	}
	u.send(r)
}

// named returns the savepoint that an action names, if the user still has it.
func (u *user) named(a Action) *savepoint {
	n := a.Savepoint
	for _, s := range u.savepoints {
		if !s.known {
			continue
		}
		if n--; n == 0 && !s.claimed && !s.disposed {
			return s
		}
	}
	if a.Kind == ResubmitJob && a.Savepoint == 0 && u.stopped.ID != 0 {
		return u.savepoint(int64(u.stopped.ID))
	}
	return nil
}

func (u *user) savepoint(id int64) *savepoint {
	for _, s := range u.savepoints {
		if s.id == id {
			return s
		}
	}
	return nil
}

// send asks whoever leads the job, and again after a while if no answer comes.
func (u *user) send(r *request) {
	w := u.w
	r.tries++
	w.note(pointMessage, userMark, uint64(r.number), uint64(r.tries))
	u.tell("asks for %q (request %d)", r.Kind, r.number)
	w.loop.After(u.way(r.number, 2*r.tries), func() {
		if jm := w.leader; jm != nil {
			jm.t.post(func() { jm.asked(*r) })
		}
	})
	r.alarm = w.loop.After(u.patience(), func() {
		if r.tries >= triesMax && r.Kind != ResubmitJob {
			u.tell("lets request %d be", r.number)
			u.goOn()
			return
		}
		u.send(r)
	})
}

// userMark stands for the user where the trace has a machine.
const userMark = 1 << 16

// way is how long a request or its answer takes.
func (u *user) way(number int64, leg int) time.Duration {
	return u.w.drawn(actor(actorUser, 0, 0, 0), purposeNetwork, uint64(number)<<16|uint64(leg), u.w.cfg.Cluster.NetworkDelay)
}

// patience is how long the user waits for an answer.
func (u *user) patience() time.Duration { return u.w.cfg.patience() }

func (c *Config) patience() time.Duration {
	return c.Checkpointing.Timeout + c.Cluster.DetectDelay + c.Cluster.ProcessRestart + c.Cluster.RestartDelay + 2*c.Cluster.NetworkDelay + 1
}

// answered takes the answer to a request in. One that comes twice, or too late, says
// nothing new; but a savepoint that exists is known from then on.
func (u *user) answered(number, savepoint int64) {
	if s := u.savepoint(savepoint); s != nil && !s.known {
		s.known = true
	}
	if u.request == nil || u.request.number != number {
		return
	}
	u.w.note(pointMessage, userMark, uint64(number), 0)
	u.tell("has the answer to request %d", number)
	u.w.loop.Cancel(u.request.alarm)
	u.goOn()
}

// rooted takes in what the root of the store durably says.
func (u *user) rooted(r checkpoint.Record) {
	if r.Submission > u.submission {
		u.begun(r)
	}
	u.stopped, u.basis = r.Stop, 0
	for _, e := range r.Retained {
		if e.Unclaimed {
			u.basis = int64(e.ID)
		}
	}
	if s := u.savepoint(int64(r.Stop.ID)); s != nil {
		s.known = true
	}
	if u.w.healed && u.request == nil && !u.pausing && u.stopped.ID != 0 {
		u.goOn() // a stop that he had let be
	}
}

// begun notes that a submission has begun: who owns its source now, and whether it is
// a fork. It is one if the job had gone further than its source, or elsewhere.
func (u *user) begun(r checkpoint.Record) {
	w := u.w
	var s *history.Submission
	for i := range w.run.Submissions {
		if w.run.Submissions[i].Number == r.Submission {
			s = &w.run.Submissions[i]
		}
	}
	if s == nil || len(r.Retained) == 0 {
		return // nobody asked for it: no-regress sees what was restored
	}
	s.Adopted, s.Source = w.step(), int64(r.Retained[0].ID)
	row := w.row(s.Source)
	if row == nil {
		return
	}
	if s.Source != u.source && w.submissionOf(row.Attempt) != u.submission || s.Source < u.reached() {
		u.fork++
		w.count(forksCounter, 1)
		w.tell(history.JobManager, s.Source, "forks the job: what it did after checkpoint %d counts no more", s.Source)
	}
	s.Fork = u.fork
	u.submission, u.source = s.Number, s.Source
	if held := u.savepoint(s.Source); held != nil {
		held.claimed = held.claimed || s.Claim
	}
	w.files.begun(s)
}

// reached is the newest checkpoint of the submission that anybody knows to be
// complete, and that a failover would go on from.
func (u *user) reached() int64 {
	newest := u.source
	for i := range u.w.run.Checkpoints {
		c := &u.w.run.Checkpoints[i]
		if c.Observed != 0 && (!c.Savepoint || c.Stops) && u.w.submissionOf(c.Attempt) == u.submission {
			newest = max(newest, c.ID)
		}
	}
	return newest
}

// submissionOf is the submission that an attempt belongs to.
func (w *world) submissionOf(attempt int) int64 {
	for i := range w.run.Attempts {
		if w.run.Attempts[i].Number == attempt {
			return w.run.Attempts[i].Submission
		}
	}
	return 0
}

func (u *user) tell(format string, args ...any) {
	u.w.tell(history.JobManager, 0, "the user "+format, args...)
}

// userTime is how long the user's actions take, if all goes well.
func (c *Config) userTime() (total time.Duration) {
	for _, a := range c.Actions {
		total += a.After + 2*c.patience()
	}
	return total
}

// lastRequest is how long it takes a user to come to an end: to get his last answers,
// and to begin a job that he has stopped anew.
func (c *Config) lastRequest() time.Duration {
	if len(c.Actions) == 0 {
		return 0
	}
	return 2*triesMax*c.patience() + 2000*c.Cluster.IODelay
}
