package faults

import (
	"fmt"
	"slices"
	"time"

	"flinch/model/history"
)

// fake is a simulation that consists of a clock, hooks and a log. Killing the
// process that is inside an I/O or a phase change panics, as the real one may.
type fake struct {
	now    time.Duration
	timers []fakeTimer
	io     []func(Site, Op) (Outcome, bool)
	phases []fakePhase
	mail   []func(Message) (Delivery, bool)
	commit []func(Commit) (Answer, bool)
	dead   map[history.Machine]bool
	inside history.Machine // whose I/O or phase change is under way
	kills  bool            // whether that one's death panics
	used   int64
	copies []LocalCopy
	log    []string
}

type fakeTimer struct {
	at time.Duration
	fn func()
}

type fakePhase struct {
	phase history.Phase
	fn    func(history.Machine, int64) bool
}

type killed struct{}

const nobody = history.Machine(250)

func newFake(kills bool) *fake {
	return &fake{dead: map[history.Machine]bool{}, inside: nobody, kills: kills}
}

func (c *fake) Now() time.Duration { return c.now }

func (c *fake) At(t time.Duration, fn func()) {
	c.timers = append(c.timers, fakeTimer{t, fn})
}

func (c *fake) OnIO(fn func(Site, Op) (Outcome, bool)) { c.io = append(c.io, fn) }

func (c *fake) OnPhase(phase history.Phase, fn func(history.Machine, int64) bool) {
	c.phases = append(c.phases, fakePhase{phase, fn})
}

func (c *fake) OnMessage(fn func(Message) (Delivery, bool)) { c.mail = append(c.mail, fn) }
func (c *fake) OnCommit(fn func(Commit) (Answer, bool))     { c.commit = append(c.commit, fn) }

// send asks every fault about a message.
func (c *fake) send(m Message) Delivery {
	var all Delivery
	c.mail = slices.DeleteFunc(c.mail, func(fn func(Message) (Delivery, bool)) bool {
		d, done := fn(m)
		all.Cut, all.Lost = all.Cut || d.Cut, all.Lost || d.Lost
		all.Copies, all.Delay = all.Copies+d.Copies, max(all.Delay, d.Delay)
		return done
	})
	return all
}

func (c *fake) Alive(m history.Machine) bool { return m <= history.TaskManager(2) && !c.dead[m] }

func (c *fake) Crash(m history.Machine)     { c.die("crash", m) }
func (c *fake) PowerLoss(m history.Machine) { c.die("power", m) }
func (c *fake) ChangeLeader(unaware, cut time.Duration) {
	c.log = append(c.log, fmt.Sprintf("leader change, unaware for %v, cut %v @%v", unaware, cut, c.now))
}

func (c *fake) LocalCopies(m history.Machine) []LocalCopy {
	if !c.Alive(m) {
		return nil
	}
	return c.copies
}

func (c *fake) DamageLocalCopy(m history.Machine, path string, at int64, cut bool) {
	c.log = append(c.log, fmt.Sprintf("damage %v %s at byte %d, cut %v @%v", m, path, at, cut, c.now))
}
func (c *fake) TaskManagers() int          { return 3 }
func (c *fake) Used(history.Machine) int64 { return c.used }

func (c *fake) die(how string, m history.Machine) {
	c.log = append(c.log, fmt.Sprintf("%s %v @%v", how, m, c.now))
	c.dead[m] = true
	if c.kills && m == c.inside {
		panic(killed{})
	}
}

func (c *fake) Fired(f Fault, m history.Machine, _ string) {
	c.log = append(c.log, fmt.Sprintf("fired %s %v @%v", f.Kind(), m, c.now))
}

// as runs fn as a process that can be killed inside it.
func (c *fake) as(process history.Machine, fn func()) {
	c.inside = process
	defer func() {
		c.inside = nobody
		if r := recover(); r != nil && r != (killed{}) {
			panic(r)
		}
	}()
	fn()
}

// ask puts one question to the hooks and notes what is decided.
func (c *fake) ask(site Site, op Op) Outcome {
	var out Outcome
	c.as(site.Process, func() {
		var kept []func(Site, Op) (Outcome, bool)
		for _, fn := range c.io {
			got, done := fn(site, op)
			if out.Err == nil {
				out = got
			}
			if !done {
				kept = append(kept, fn)
			}
		}
		c.io = kept
	})
	return out
}

// do performs one operation: entry and, unless it failed or killed, its end.
func (c *fake) do(site Site, op Op) Outcome {
	if out := c.ask(site, op); out.Err != nil || c.dead[site.Process] {
		return out
	}
	op.Done = true
	return c.ask(site, op)
}

func (c *fake) enter(process history.Machine, phase history.Phase) {
	c.as(process, func() {
		c.phases = slices.DeleteFunc(c.phases, func(p fakePhase) bool {
			return p.phase == phase && p.fn(process, 1)
		})
	})
}

// advance moves the clock and runs what is due, in order.
func (c *fake) advance(to time.Duration) {
	for {
		next := -1
		for i, t := range c.timers {
			if t.at <= to && (next < 0 || t.at < c.timers[next].at) {
				next = i
			}
		}
		if next < 0 {
			c.now = max(c.now, to)
			return
		}
		t := c.timers[next]
		c.timers = slices.Delete(c.timers, next, next+1)
		c.now = max(c.now, t.at)
		t.fn()
	}
}
