package history

import "time"

// Until returns the history as it was when a step was over: rows that began
// later are left out, and facts that became true later are not true yet. Rows
// of attempts that were still running end at the step, since that is what
// whoever goes on from there wants: everything dies, at the latest moment that is
// known of the time until then. Slices inside rows that never change once written
// are shared.
func (r *Run) Until(step Step) *Run {
	cut, at := &Run{Counters: map[string]int64{}}, r.momentOf(step)
	for _, a := range r.Attempts {
		if a.Begin > step {
			break
		}
		a.Ready = upTo(a.Ready, step)
		if a.End == 0 || a.End > step {
			a.End, a.EndAt = step, at
		}
		cut.Attempts = append(cut.Attempts, a)
	}
	for _, e := range r.RegionEnds {
		if e.End <= step {
			cut.RegionEnds = append(cut.RegionEnds, e)
		}
	}
	for _, c := range r.Checkpoints {
		if c.Triggered <= step {
			cut.Checkpoints = append(cut.Checkpoints, c.until(step))
		}
	}
	for _, s := range r.Submissions {
		if s.Asked <= step {
			s.Adopted = upTo(s.Adopted, step)
			cut.Submissions = append(cut.Submissions, s)
		}
	}
	for _, s := range r.Snapshots {
		if s.End <= step {
			cut.Snapshots = append(cut.Snapshots, s)
		}
	}
	for _, t := range r.Transactions {
		if t.Opened <= step {
			cut.Transactions = append(cut.Transactions, t.until(step))
		}
	}
	for _, o := range r.Registers {
		if o.Call <= step {
			cut.Registers = append(cut.Registers, o)
		}
	}
	cut.before(r, step)
	cut.narrative(r, step, at)
	return cut
}

// momentOf is the latest time of a row that had become true when a step was over.
func (r *Run) momentOf(step Step) (latest time.Duration) {
	add := func(happened Step, at time.Duration) {
		if 0 < happened && happened <= step {
			latest = max(latest, at)
		}
	}
	for i := range r.Attempts {
		add(r.Attempts[i].Begin, r.Attempts[i].BeginAt)
		add(r.Attempts[i].End, r.Attempts[i].EndAt)
	}
	for i := range r.Checkpoints {
		add(r.Checkpoints[i].Triggered, r.Checkpoints[i].TriggeredAt)
		add(r.Checkpoints[i].Observed, r.Checkpoints[i].ObservedAt)
	}
	for i := range r.Crashes {
		add(r.Crashes[i].Step, r.Crashes[i].At)
	}
	for i := range r.Fired {
		add(r.Fired[i].Step, r.Fired[i].At)
	}
	for i := range r.Events {
		add(r.Events[i].Step, r.Events[i].At)
	}
	for i := range r.Messages {
		add(r.Messages[i].Sent, r.Messages[i].SentAt)
		add(max(r.Messages[i].Arrived, r.Messages[i].Lost), r.Messages[i].EndAt)
	}
	for i := range r.Spans {
		add(r.Spans[i].Begin, r.Spans[i].BeginAt)
		add(r.Spans[i].End, r.Spans[i].EndAt)
	}
	for i := range r.Lives {
		add(r.Lives[i].Begin, r.Lives[i].BeginAt)
		add(r.Lives[i].End, r.Lives[i].EndAt)
	}
	return latest
}

// before takes over what happened at a step and never changes.
func (r *Run) before(whole *Run, step Step) {
	for _, c := range whole.Crashes {
		if c.Step <= step {
			r.Crashes = append(r.Crashes, c)
		}
	}
	for _, f := range whole.Fired {
		if f.Step <= step {
			r.Fired = append(r.Fired, f)
		}
	}
}

// narrative takes over what was told until the step: what was under way then,
// ends there, at a time.
func (r *Run) narrative(whole *Run, step Step, at time.Duration) {
	for _, e := range whole.Events {
		if e.Step <= step {
			r.Events = append(r.Events, e)
		}
	}
	for _, m := range whole.Messages {
		if m.Sent <= step {
			r.Messages = append(r.Messages, m.until(step, at))
		}
	}
	for _, s := range whole.Spans {
		if s.Begin > step {
			continue
		}
		if s.End == 0 || s.End > step {
			s.End, s.EndAt, s.Killed = step, at, true
		}
		r.Spans = append(r.Spans, s)
	}
	for _, l := range whole.Lives {
		if l.Begin > step {
			continue
		}
		if l.End == 0 || l.End > step {
			l.End, l.EndAt = step, at
		}
		r.Lives = append(r.Lives, l)
	}
}

// until loses a message that had not arrived.
func (m Message) until(step Step, at time.Duration) Message {
	if m.Lost > step {
		m.Lost = 0
	}
	if m.Arrived > step {
		m.Arrived = 0
	}
	if m.Arrived == 0 && m.Lost == 0 {
		m.Lost, m.EndAt = step, at
	}
	return m
}

func (c Checkpoint) until(step Step) Checkpoint {
	for _, at := range []*Step{
		&c.FullyAcked, &c.PublishIssued, &c.Published, &c.Unknown, &c.Aborted, &c.Subsumed,
	} {
		*at = upTo(*at, step)
	}
	if c.Observed > step {
		c.Observed, c.ObservedBy, c.ObservedAt = 0, "", 0
	}
	return c
}

// until forgets the records of a transaction that was not prepared yet: it dies
// with its writer.
func (t Transaction) until(step Step) Transaction {
	t.Prepared, t.Aborted = upTo(t.Prepared, step), upTo(t.Aborted, step)
	if t.Prepared == 0 {
		t.Records, t.Epoch = nil, 0
	}
	t.Commits = 1
	if t.Committed == 0 || t.Committed > step {
		t.Committed, t.CommittedFor, t.Commits = 0, 0, 0
	}
	return t
}

// upTo returns the step at which something happened, 0 if that was later.
func upTo(at, step Step) Step {
	if at > step {
		return 0
	}
	return at
}
