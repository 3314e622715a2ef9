package sim

import (
	"slices"

	"flinch/faults"
)

// OnMessage implements faults.Controls.
func (c *controls) OnMessage(fn func(faults.Message) (faults.Delivery, bool)) {
	c.mail = append(c.mail, fn)
}

// OnCommit implements faults.Controls.
func (c *controls) OnCommit(fn func(faults.Commit) (faults.Answer, bool)) {
	c.commit = append(c.commit, fn)
}

// delivery asks the faults about a message that sets out.
func (c *controls) delivery(m faults.Message) faults.Delivery {
	var all faults.Delivery
	if c.w.healed || len(c.mail) == 0 {
		return all
	}
	c.mail = slices.DeleteFunc(c.mail, func(fn func(faults.Message) (faults.Delivery, bool)) bool {
		d, over := fn(m)
		all.Cut, all.Lost = all.Cut || d.Cut, all.Lost || d.Lost
		all.Copies, all.Within = all.Copies+d.Copies, max(all.Within, d.Within)
		all.Delay = max(all.Delay, d.Delay)
		return over
	})
	return all
}

// answer asks the faults about a commit of the sink.
func (c *controls) answer(t faults.Commit) faults.Answer {
	var all faults.Answer
	if c.w.healed || len(c.commit) == 0 {
		return all
	}
	c.commit = slices.DeleteFunc(c.commit, func(fn func(faults.Commit) (faults.Answer, bool)) bool {
		a, over := fn(t)
		all.Lost, all.Undone = all.Lost || a.Lost, all.Undone || a.Undone
		return over
	})
	return all
}
