package sim

import (
	"fmt"
	"math"
	"slices"
	"time"

	"flinch/backends"
	"flinch/model"
	"flinch/model/history"
)

// Timers fire one at a time, the least first, as the clock of their queue reaches
// them: the watermark, or the virtual time in microseconds. Each leaves a mark
// under its key, and some register a timer in turn.

// timerUnit is the distance of event timers, in units of Record.Time.
const timerUnit = 20

// now is the clock of a queue.
func (k *keyed) now(queue int) int64 {
	if k.specs[queue].Processing {
		return k.w.loop.Now().Microseconds()
	}
	return k.mark
}

// unit is the distance of a queue's timers: times that are drawn often meet.
func (k *keyed) unit(queue int) int64 {
	if k.specs[queue].Processing {
		return max(1, k.w.cfg.Job.Pace.Microseconds())
	}
	return timerUnit
}

// absolute returns an operation with the time that it means: those on processing
// timers say how long from now.
func (k *keyed) absolute(op *model.Op) *model.Op {
	if spec := &k.specs[op.State]; spec.Kind != model.Timers || !spec.Processing {
		return op
	}
	unit := k.unit(op.State)
	at := (k.now(op.State) + op.Args[0]) / unit * unit
	return &model.Op{Kind: op.Kind, State: op.State, Namespace: op.Namespace, Args: []int64{at}}
}

// applyTimers carries an operation on timers out and appends its answer.
func (k *keyed) applyTimers(op *model.Op, answer []int64) ([]int64, error) {
	act := k.timers[op.State].Register
	if op.Kind == model.TimerDelete {
		act = k.timers[op.State].Delete
	}
	changed, err := act(op.Args[0], model.Namespace(op.Namespace))
	return append(answer, truth(changed)), err
}

// fire fires one timer that is due, and tells whether there was one.
func (k *keyed) fire() (bool, error) {
	for _, queue := range k.queues {
		if k.stopped[queue] {
			continue
		}
		clock := k.now(queue)
		got, found, err := k.timers[queue].Peek()
		k.survive()
		if err != nil {
			return false, fmt.Errorf("look at the first timer of %q: %w", k.specs[queue].Name, err)
		}
		want, wanted := k.shadow.First(queue)
		wanted = wanted && want.Time <= clock
		due := wanted || found && got.Time <= clock
		if due && found {
			got, found, err = k.timers[queue].Poll()
			k.survive()
			if err != nil {
				return false, fmt.Errorf("poll timer of %q: %w", k.specs[queue].Name, err)
			}
		}
		switch {
		case !due:
			continue
		case found != wanted || got != k.timer(want): // too early, too late, or another one
			k.mistimed(queue, clock, k.timerText(got, found), k.timerText(k.timer(want), wanted))
			return false, nil
		}
		return true, k.fired(queue, want)
	}
	return false, nil
}

// timer is a timer of the model as backends give it.
func (k *keyed) timer(t model.Timer) backends.Timer {
	return backends.Timer{
		Time: t.Time, Key: k.w.job.keys[t.Key].Encoded, Group: k.w.job.groups[t.Key], Namespace: model.Namespace(t.Namespace),
	}
}

// fired runs the callback of a timer that was polled.
func (k *keyed) fired(queue int, t model.Timer) error {
	at := [1]int64{t.Time}
	k.shadow.Apply(t.Key, model.Op{Kind: model.TimerDelete, State: queue, Namespace: t.Namespace, Args: at[:]}, k.want[:0])
	k.w.fired++
	if k.w.opt.Narrate {
		k.w.tell(k.machine, 0, "timer %s of %s %s fires", k.timerText(k.timer(t), true), k.name(), k.specs[queue].Name)
	}
	k.key = t.Key
	if err := k.backend.SetCurrentKey(k.w.job.keys[t.Key]); err != nil {
		return fmt.Errorf("set current key %q: %w", k.w.cfg.Job.Keys[t.Key], err)
	}
	one := [1]int64{1}
	mark := t.Time*64 + int64(queue*model.NamespacesMax+t.Namespace)
	if err := k.apply(&model.Op{Kind: model.MapBump, State: k.w.job.firings[k.index], UserKey: mark, Args: one[:]}); err != nil {
		return err
	}
	unit := k.unit(queue)
	if next := t.Time + unit; next > t.Time && t.Time/unit%4 == 3 {
		at[0] = next
		return k.apply(&model.Op{Kind: model.TimerRegister, State: queue, Namespace: t.Namespace, Args: at[:]})
	}
	return nil
}

// mistimed writes down that a queue went wrong. It fires no more in this attempt.
func (k *keyed) mistimed(queue int, clock int64, got, want string) {
	w := k.w
	k.stopped[queue] = true
	w.tell(k.machine, 0, "WRONG TIMER of %s %s: want %s, got %s", k.name(), k.specs[queue].Name, want, got)
	if len(w.run.Mistimed) < mismatchesMax {
		w.run.Mistimed = append(w.run.Mistimed, history.Mistimed{
			Step: w.step(), Machine: k.machine, Attempt: k.attempt, Operator: k.name(), Subtask: k.subtask,
			Queue: k.specs[queue].Name, Clock: clock, Want: want, Got: got, Checkpoint: w.exec.restored,
		})
	}
}

// timerText names a timer: "40@1 under key "a"".
func (k *keyed) timerText(t backends.Timer, found bool) string {
	if !found {
		return "none"
	}
	return fmt.Sprintf("%d%s under key %q", t.Time, atNamespace(int(namespaceIndex(t.Namespace))), k.w.keyName(t.Key))
}

// marker makes the watermarks of a source: the highest time that was sent, less
// the lag. The zero value has sent nothing.
type marker struct {
	any     bool
	ended   bool
	highest int64
}

// sent returns the watermark after a record, and whether it has risen.
func (m *marker) sent(at int64) (int64, bool) {
	if m.any && at <= m.highest {
		return 0, false
	}
	m.any, m.highest = true, at
	return at, true
}

// end returns the watermark behind the last record, once.
func (m *marker) end() (int64, bool) {
	first := !m.ended
	m.ended = true
	return math.MaxInt64, first
}

// sendMark sends a watermark to every chain, if it has risen.
func (s *source) sendMark(mark int64, risen bool) {
	if !s.w.job.timed || !risen {
		return
	}
	if mark != math.MaxInt64 {
		mark -= s.w.cfg.Job.WatermarkLag
	}
	for _, out := range s.outputs {
		out.putMark(mark)
	}
}

// advance takes an input's watermark. The subtask's is the least of all.
func (c *chain) advance(input int, mark int64) {
	c.marks[input] = mark
	for _, k := range c.ops {
		k.mark = max(k.mark, slices.Min(c.marks))
	}
}

// fire fires one timer that is due, in the first operator that has one.
func (c *chain) fire() (bool, error) {
	for _, k := range c.ops {
		fired, err := k.fire()
		if !fired && err == nil {
			continue
		}
		c.exec.accept(c.launch)
		c.wakeBackground()
		c.t.pass(pointTimer, 0)
		return fired, err
	}
	return false, nil
}

// wait waits for an item that arrives at some time, if there is one, for another
// one, and for the first processing timer.
func (c *chain) wait(item bool, at time.Duration) {
	for _, k := range c.ops {
		if alarm, found := k.alarm(); found && (!item || alarm < at) {
			item, at = true, alarm
		}
	}
	if alarm, found := c.barriers.Deadline(); found && (!item || alarm < at) {
		item, at = true, alarm
	}
	if !item {
		c.t.Park(pointPark)
		return
	}
	c.t.waitUntil(at, pointWait)
}

// alarm is when the first processing timer is due.
func (k *keyed) alarm() (time.Duration, bool) {
	first, found := int64(TimeMax), false
	for _, queue := range k.queues {
		if t, any := k.shadow.First(queue); any && k.specs[queue].Processing && !k.stopped[queue] && t.Time < first {
			first, found = t.Time, true
		}
	}
	return time.Duration(first) * time.Microsecond, found
}

// idle tells whether the subtask has nothing to do, timers that are due included.
func (c *chain) idle() bool {
	if !c.subtask.idle() {
		return false
	}
	return !c.w.job.timed || c.marks != nil && slices.Min(c.marks) == math.MaxInt64 && len(c.due()) == 0
}

// due lists the timers whose time has passed, the first of each queue.
func (c *chain) due() []string {
	var list []string
	for _, k := range c.ops {
		for _, queue := range k.queues {
			if t, found := k.shadow.First(queue); found && !k.stopped[queue] && t.Time <= k.now(queue) {
				list = append(list, fmt.Sprintf("%s %s: %s", k.name(), k.specs[queue].Name, k.timerText(k.timer(t), true)))
			}
		}
	}
	return list
}

// overdue lists such timers of the last attempt.
func (w *world) overdue() []string {
	if w.exec == nil || !w.job.timed || !w.run.Quiesce.Done || w.run.Quiesce.LegalStop != "" {
		return nil
	}
	var list []string
	for _, c := range w.exec.chains {
		list = append(list, c.due()...)
	}
	return list
}
