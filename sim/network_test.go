package sim

import (
	"context"
	"testing"
	"time"

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
