package sim_test

import (
	"testing"

	"flinch/backends"
	"flinch/model"
	"flinch/sim"
)

// alarmed is restored with timers of both clocks.
func alarmed() sim.Config {
	c := restored()
	c.Job.WatermarkLag = 50
	c.Job.Operators = [sim.OperatorCount][]model.StateSpec{
		{{Name: "events", Kind: model.Timers, Namespaces: 2}},
		{{Name: "moments", Kind: model.Timers, Processing: true}},
	}
	for i := range c.Records {
		at := int64(20 * i)
		c.Records[i].Time = at - 700
		c.Records[i].Ops = [sim.OperatorCount][]model.Op{
			{
				{Kind: model.TimerRegister, State: 1, Namespace: i % 2, Args: []int64{at - 500}},
				{Kind: model.TimerRegister, State: 1, Namespace: i % 2, Args: []int64{at - 740}},
				{Kind: model.TimerDelete, State: 1, Args: []int64{at - 540}},
			},
			{{Kind: model.TimerRegister, State: 1, Args: []int64{int64(1000 * (i % 40))}}},
		}
	}
	return c
}

// wrongTimers go wrong with the order, the time and the number of firings.
var wrongTimers = []sense{
	{"a timer fires before its time", alarmed, func() *crooked {
		return &crooked{timers: func(_ *instance, s backends.RawTimers) backends.RawTimers { return hasty{s} }}
	}, []finding{{"timers", "The first timer of"}}},
	{"a timer is forgotten as it is registered", alarmed, func() *crooked {
		return &crooked{timers: func(_ *instance, s backends.RawTimers) backends.RawTimers { return forgetful{s} }}
	}, []finding{{"timers", "@1 under key"}}},
	{"a timer stays where it was polled", alarmed, func() *crooked {
		return &crooked{timers: func(_ *instance, s backends.RawTimers) backends.RawTimers { return repeating{s} }}
	}, []finding{{"timers", "The first timer of"}}},
	{"no timer is restored", alarmed, func() *crooked {
		return &crooked{
			timers: func(in *instance, s backends.RawTimers) backends.RawTimers {
				for len(in.params.Restore) > 0 {
					if _, found, err := s.Poll(); !found || err != nil {
						break
					}
				}
				return s
			},
		}
	}, []finding{{"restored-state", "lost"}, {"timers", "after restoring checkpoint"}}},
}

// hasty names a time that has come long ago.
type hasty struct{ backends.RawTimers }

func (s hasty) Peek() (backends.Timer, bool, error) {
	t, found, err := s.RawTimers.Peek()
	t.Time = -1 << 40
	return t, found, err
}

// forgetful knows one namespace only.
type forgetful struct{ backends.RawTimers }

func (s forgetful) Register(time int64, namespace string) (bool, error) {
	if namespace != backends.VoidNamespace {
		return true, nil
	}
	return s.RawTimers.Register(time, namespace)
}

// repeating takes no timer away.
type repeating struct{ backends.RawTimers }

func (s repeating) Poll() (backends.Timer, bool, error) { return s.Peek() }

func TestTimersFireOnBothClocks(t *testing.T) {
	c := alarmed()
	c.Faults = nil
	r := run(t, c)
	judge(t, "timers", r)
	// Each event timer that was not deleted, and each moment, fires.
	if got := r.Evidence.Run.Counters["timers_fired"]; got < int64(2*len(c.Records)) {
		t.Errorf("%d timers fired, want two for each of %d records or more", got, len(c.Records))
	}
}
