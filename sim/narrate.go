package sim

import (
	"fmt"
	"time"

	"flinch/model/history"
)

// The narrative: what a run tells of itself beside its facts, if it is asked to.
// Nothing here adds to the trace, and none of it costs anything otherwise.

// about is what a message is, as the narrative tells it.
type about struct {
	kind       string   // of history's kinds of messages
	checkpoint int64    // 0: none
	from, to   *subtask // nil: it is the process' own
}

// untold stands for the place in a table of what is not told.
const untold = -1

// tellSent tells that a message sets out and returns its place among the
// messages.
func (w *world) tellSent(from, to history.Machine, a about) int32 {
	if !w.opt.Narrate || a.kind == history.Heartbeat {
		return untold
	}
	w.run.Messages = append(w.run.Messages, history.Message{
		Kind: a.kind, From: from, To: to, Sender: a.from.title(), Receiver: a.to.title(),
		Checkpoint: a.checkpoint, Sent: w.step(), SentAt: w.loop.Now(),
	})
	return int32(len(w.run.Messages) - 1)
}

// tellArrived tells that a message has arrived.
func (w *world) tellArrived(message int32) {
	if message != untold {
		m := &w.run.Messages[message]
		m.Arrived, m.EndAt = w.step(), w.loop.Now()
	}
}

// tellLost tells that a message got lost, or nobody was there to receive it.
func (w *world) tellLost(message int32) {
	if message != untold {
		m := &w.run.Messages[message]
		m.Lost, m.EndAt = w.step(), w.loop.Now()
	}
}

// tellBarrier tells that a barrier sets out in a channel.
func (c *channel) tellBarrier(id int64) int32 {
	if !c.w.opt.Narrate {
		return untold
	}
	to := c.to.tm.p.m.id
	n := c.w.tellSent(c.from.p.m.id, to, about{kind: history.Barrier, checkpoint: id, from: &c.from.subtask, to: &c.to.subtask})
	c.w.run.Messages[n].Attempt = c.to.launch.number
	c.w.barriers = append(c.w.barriers, n)
	return n
}

// tellBarriersLost tells that nobody will read some of the barriers in channels.
func (w *world) tellBarriersLost(which func(*history.Message) bool) {
	left := w.barriers[:0]
	for _, n := range w.barriers {
		switch m := &w.run.Messages[n]; {
		case m.Arrived != 0:
		case which(m):
			w.tellLost(n)
		default:
			left = append(left, n)
		}
	}
	w.barriers = left
}

// tellPhase tells that a task leaves its phase for another one.
func (t *task) tellPhase(phase history.Phase, checkpoint int64) {
	w := t.proc.m.w
	if !w.opt.Narrate {
		return
	}
	if t.span > 0 {
		s := &w.run.Spans[t.span-1]
		s.End, s.EndAt, s.Killed = w.step(), w.loop.Now(), t.proc.dead
		if t.proc.dead {
			s.End, s.EndAt = t.proc.deathTold()
		}
		t.span = 0
	}
	if phase == history.Running {
		return
	}
	w.run.Spans = append(w.run.Spans, history.Span{
		Machine: t.proc.m.id, Task: t.title(), Phase: phase, Checkpoint: checkpoint, Begin: w.step(), BeginAt: w.loop.Now(),
	})
	t.span = int32(len(w.run.Spans))
}

// tellCheckpoint tells which checkpoint the phase that a task is in is about, if
// that was not known at its begin.
func (t *task) tellCheckpoint(checkpoint int64) {
	if t.span > 0 {
		t.proc.m.w.run.Spans[t.span-1].Checkpoint = checkpoint
	}
}

// title names what a task works for.
func (t *task) title() string {
	switch {
	case t.subtask != nil:
		return t.subtask.title()
	case t.rank == rankCleanup:
		return "clean-up"
	}
	return t.Name()
}

// title is how the narrative names a subtask; "" for none.
func (s *subtask) title() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s %d", s.vertex, s.index)
}

// deathTold is when the process died, which was told before its tasks unwind.
func (p *process) deathTold() (history.Step, time.Duration) {
	for i := len(p.m.w.run.Lives) - 1; i >= 0; i-- {
		if l := p.m.w.run.Lives[i]; l.Machine == p.m.id && l.Number == p.number && l.End != 0 {
			return l.End, l.EndAt
		}
	}
	return p.m.w.step(), p.m.w.loop.Now()
}

// tellLife tells that a machine's process starts, or checkpoint storage.
func (m *machine) tellLife(number int) {
	w := m.w
	if !w.opt.Narrate {
		return
	}
	w.run.Lives = append(w.run.Lives, history.Life{Machine: m.id, Number: number, Begin: w.step(), BeginAt: w.loop.Now()})
}

// tellDeath tells that one process of several is dead.
func (p *process) tellDeath() {
	w := p.m.w
	for i := range w.run.Lives {
		if l := &w.run.Lives[i]; l.Machine == p.m.id && l.Number == p.number && l.End == 0 {
			l.End, l.EndAt = w.step(), w.loop.Now()
		}
	}
}

// tellDeath tells that what lived on a machine is dead, and what it had not read
// is lost.
func (m *machine) tellDeath() {
	w := m.w
	w.tellBarriersLost(func(b *history.Message) bool { return b.To == m.id })
	for i := len(w.run.Lives) - 1; i >= 0; i-- {
		if l := &w.run.Lives[i]; l.Machine == m.id {
			if l.End == 0 {
				l.End, l.EndAt = w.step(), w.loop.Now()
			}
			return
		}
	}
}
