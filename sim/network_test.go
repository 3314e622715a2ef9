package sim

import (
	"context"
	"slices"
	"testing"
	"time"

	"flinch/faults"
	"flinch/model/history"
)

// Messages that arrive at one time are events of one time, which come in any
// order: a cancellation once overtook the deployment that it was to cancel.
func TestMessagesOfOneLinkArriveInTheirOrder(t *testing.T) {
	for seed := range 20 {
		cfg := &Config{Cluster: Cluster{TaskManagers: 1, NetworkDelay: time.Millisecond}}
		cfg.Seed = cfg.Seed.Derive(string(rune('a' + seed)))
		w, err := newWorld(context.Background(), cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		from := &process{m: w.machines[history.JobManager]}
		to := &process{m: w.machines[history.TaskManager(0)]}
		var arrived []int
		for i := range 50 {
			w.send(message{from: from, to: to, deliver: func() { arrived = append(arrived, i) }})
		}
		if err := w.loop.Run(nil); err != nil {
			t.Fatal(err)
		}
		w.close()
		for i, n := range arrived {
			if i != n {
				t.Fatalf("seed %d: message %d arrived as number %d of %v", seed, n, i, arrived)
			}
		}
		if len(arrived) != 50 || w.inFlight != 0 {
			t.Fatalf("seed %d: %d of 50 messages arrived, %d still under way", seed, len(arrived), w.inFlight)
		}
	}
}

// wire is a network between the job manager and a task manager, without a job.
type wire struct {
	*world
	from, to *process
	arrived  []int
	lost     []int
}

func newWire(t *testing.T, fault ...faults.Fault) *wire {
	t.Helper()
	cfg := &Config{Cluster: Cluster{TaskManagers: 1, NetworkDelay: time.Millisecond}, Faults: fault}
	w, err := newWorld(context.Background(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fault {
		f.Arm(w.controls)
	}
	return &wire{
		world: w,
		from:  &process{m: w.machines[history.JobManager]}, to: &process{m: w.machines[history.TaskManager(0)]},
	}
}

func (w *wire) post(kind string, n int) {
	w.send(message{
		about: about{kind: kind}, from: w.from, to: w.to,
		deliver: func() { w.arrived = append(w.arrived, n) }, lost: func() { w.lost = append(w.lost, n) },
	})
}

// expect carries everything, and compares what arrived, what was lost and some counters.
func (w *wire) expect(t *testing.T, arrived, lost []int, counters map[string]int64) {
	t.Helper()
	if err := w.loop.Run(nil); err != nil {
		t.Fatal(err)
	}
	w.close()
	if !slices.Equal(w.arrived, arrived) || !slices.Equal(w.lost, lost) || w.inFlight != 0 {
		t.Errorf("arrived %v, lost %v, %d under way; want %v, %v, none", w.arrived, w.lost, w.inFlight, arrived, lost)
	}
	for _, name := range []string{lostCounter, duplicatedCounter, reorderedCounter} {
		if got := w.world.run.Counters[name]; got != counters[name] {
			t.Errorf("%s: %d, want %d", name, got, counters[name])
		}
	}
}

// What a lost message names has the loss for an excuse, unless a copy arrived: then it
// has none.
func TestMessageIsKnownAsLostOnlyIfNoCopyArrives(t *testing.T) {
	loss := faults.MessageLost{Message: history.Ack, Nth: 2, Count: 1}
	double := faults.MessageDuplicated{Message: history.Ack, Nth: 2, Copies: 1}
	for _, test := range []struct {
		plan          []faults.Fault
		arrived, lost []int
		counters      map[string]int64
	}{
		{nil, []int{1, 2}, nil, nil},
		{[]faults.Fault{loss}, []int{1}, []int{2}, map[string]int64{lostCounter: 1}},
		{[]faults.Fault{double}, []int{1, 2, 2}, nil, map[string]int64{duplicatedCounter: 1}},
		{[]faults.Fault{loss, double}, []int{1, 2}, nil, map[string]int64{lostCounter: 1, duplicatedCounter: 1}},
	} {
		w := newWire(t, test.plan...)
		w.post(history.Ack, 1)
		w.post(history.Ack, 2)
		w.expect(t, test.arrived, test.lost, test.counters)
	}
	// The copies of a message to a dead process are lost with it, once.
	w := newWire(t, double)
	w.to.dead = true
	w.post(history.Ack, 1)
	w.post(history.Ack, 2)
	w.expect(t, nil, []int{1, 2}, map[string]int64{duplicatedCounter: 1})
}

func TestDelayedMessageIsOvertaken(t *testing.T) {
	w := newWire(t, faults.MessageDelayed{Message: history.Notify, Nth: 1, Delay: faults.Duration(10 * time.Millisecond)})
	w.post(history.Notify, 1)
	w.post(history.Cancel, 2)
	w.post(history.Notify, 3)
	w.expect(t, []int{2, 3, 1}, nil, map[string]int64{reorderedCounter: 1})
}

// Orders that do not get through come later, in their order; what nobody waits for
// is lost, and so is all that a dead process would still have sent.
func TestPartitionHoldsOrdersAndLosesTheRest(t *testing.T) {
	for _, dies := range []bool{false, true} {
		w := newWire(t, faults.Partition{
			From: history.JobManager, To: history.TaskManager(0),
			At: faults.Duration(time.Millisecond), Lasts: faults.Duration(20 * time.Millisecond),
		})
		w.loop.At(5*time.Millisecond, func() {
			w.post(history.Deploy, 1)
			w.post(history.Notify, 2)
			w.post(history.Cancel, 3)
		})
		w.loop.At(8*time.Millisecond, func() { w.from.dead = dies })
		if dies {
			w.expect(t, nil, []int{2, 1, 3}, map[string]int64{lostCounter: 1})
		} else {
			w.expect(t, []int{1, 3}, []int{2}, map[string]int64{lostCounter: 1})
		}
	}
}
