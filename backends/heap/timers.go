package heap

import "flinch/backends"

// timerState is a queue of timers. The tables, with the time as a part of the
// address, make a set of them and are what snapshots freeze; the table's value is
// the *timer, which the queue holds in order over all key groups. Snapshots know
// nothing of the queue: it is made anew from the tables.
type timerState struct{ *state }

var _ backends.RawTimers = timerState{}

func (s timerState) Register(time int64, namespace string) (bool, error) {
	t, err := s.timerAt(time, namespace)
	if err != nil || t != nil {
		return false, err
	}
	at := &s.at
	t = newTimer(at, s.in.group)
	s.table(t.Group).put(at, t)
	s.queue.add(t)
	return true, nil
}

func (s timerState) Delete(time int64, namespace string) (bool, error) {
	t, err := s.timerAt(time, namespace)
	if err != nil || t == nil {
		return false, err
	}
	s.current().remove(&s.at)
	s.queue.remove(t)
	return true, nil
}

// timerAt points s.at at a timer of the current key and returns it, or nil if it is
// not there.
func (s timerState) timerAt(time int64, namespace string) (*timer, error) {
	if s.at.namespace != namespace {
		s.SetNamespace(namespace)
	}
	t, err := s.locate()
	if err != nil {
		return nil, err
	}
	s.at.time = time
	s.at.hash = timerHash(s.at.hash, time)
	if t == nil {
		return nil, nil
	}
	found, _ := t.peek(&s.at).(*timer)
	return found, nil
}

func (s timerState) Peek() (backends.Timer, bool, error) {
	switch {
	case s.in.closed:
		return backends.Timer{}, false, errClosed
	case len(s.queue) == 0:
		return backends.Timer{}, false, nil
	}
	return s.queue[0].timer.Timer, true, nil
}

func (s timerState) Poll() (backends.Timer, bool, error) {
	first, found, err := s.Peek()
	if !found || err != nil {
		return first, false, err
	}
	t := s.queue[0].timer
	at := t.address()
	s.of(t.Group).remove(&at)
	s.queue.remove(t)
	return first, true, nil
}

func newTimer(at *address, group int) *timer {
	t := backends.Timer{Time: at.time, Key: at.key.Encoded, Group: group, Namespace: at.namespace}
	return &timer{Timer: t, keyHash: at.key.Hash, hash: at.hash}
}

// timerHash joins a time to the hash of key and namespace.
func timerHash(hash uint32, time int64) uint32 {
	return backends.BitMix(hash ^ uint32(time) ^ uint32(time>>32)*0x9e3779b1)
}

type timerLayout struct{}

// apply is for what a codec does to values: timers have none.
func (timerLayout) apply(value any, _ func(any) (any, error)) (any, error) { return value, nil }

func (timerLayout) write(w *backends.ChunkWriter, _ backends.Codec, value any) error {
	time := uint64(value.(*timer).Time)
	w.Uint32(uint32(time >> 32))
	w.Uint32(uint32(time))
	return nil
}

// read completes the address by the timer's time.
func (timerLayout) read(c *backends.Cursor, at *address, group int) any {
	at.time = int64(uint64(c.Uint32())<<32 | uint64(c.Uint32()))
	at.hash = timerHash(at.hash, at.time)
	return newTimer(at, group)
}

// load leaves the timer to whoever knows its address.
func (timerLayout) load(old any, _ backends.Entry) (any, error) {
	if old != nil {
		return nil, errTwice
	}
	return nil, nil
}

// without drops none: timers have no stamps.
func (timerLayout) without(value any, _ func(any) bool) (any, bool) { return value, false }

func (timerLayout) entries(base backends.Entry, value any, x exporter) error {
	base.UserKey = backends.TimeKey(value.(*timer).Time)
	return x.yield(base)
}
