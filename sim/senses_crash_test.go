package sim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim"
)

// A power loss takes what was not durable, and what goes on afterwards goes on
// from that.

func TestPowerLossTakesWhatTheProfileDoesNotKeep(t *testing.T) {
	for _, m := range []history.Machine{history.JobManager, history.Storage} {
		taken := false
		for i := 0; i < 60 && !taken; i++ {
			c, at := smallConfig(60), 8*time.Millisecond+time.Duration(i)*409*time.Microsecond
			c.Faults = faults.Plan{faults.PowerLoss{Machine: m, At: faults.Duration(at)}}
			c.Cluster.Profile = disk.Strict
			kept := filesAfter(t, c, m, at)
			c.Cluster.Profile = disk.PosixWeak
			taken = !slices.Equal(filesAfter(t, c, m, at), kept)
		}
		if !taken {
			t.Errorf("%s: no power loss takes anything from its disk", m)
		}
	}
}

// filesAfter lists what is on a machine's disk at the first operation of anybody
// after a moment.
func filesAfter(t *testing.T, c sim.Config, m history.Machine, at time.Duration) []string {
	t.Helper()
	var files []string
	_, err := sim.Run(context.Background(), c, sim.Options{Observe: func(p sim.Point) {
		if p.At <= at || files != nil {
			return
		}
		for f := range p.Images[m].Crash(disk.Strict, nil).Files() {
			files = append(files, fmt.Sprintf("%s %d %x", f.Path, f.Size, f.Sum()))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRecoveryFindsWhatTheCrashLeft(t *testing.T) {
	for _, p := range wholeCheckpoint(t, smallConfig(60)) {
		if len(p.Images[history.Storage].Pending()) == 0 {
			continue
		}
		kept := recovery(t, p, sim.ProcessCrash)
		lost := recovery(t, p, func(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.PosixWeak, disk.LoseAll{}) })
		if kept.Sum != lost.Sum {
			return
		}
	}
	t.Error("a recovery is the same whether what was pending on storage is kept or lost")
}

// What no disk loses is missed when it is lost.
func TestHarnessNoticesWhenDurableFilesAreLost(t *testing.T) {
	points := wholeCheckpoint(t, smallConfig(60))
	p := points[len(points)/2]
	rows := []struct {
		name  string
		crash sim.Crash
		finds []finding
	}{
		{"all of the job manager's", emptied(history.JobManager), []finding{{"no-regress", ""}}},
		{"all of storage's", emptied(history.Storage), []finding{{"restored-state", "recover the checkpoint store"}}},
		{"a file of the checkpoint that is restored", without(p.Duty.Lo), []finding{{"restored-state", "could not be read"}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { expect(t, recovery(t, p, row.crash), row.finds) })
	}
}

func recovery(t *testing.T, p sim.Point, crash sim.Crash) *sim.Result {
	t.Helper()
	r, err := sim.Recover(context.Background(), p, sim.Recovery{Crash: crash})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// emptied is a crash after which one machine has a new disk.
func emptied(whose history.Machine) sim.Crash {
	return func(m history.Machine, i disk.Image) *disk.Disk {
		if m == whose {
			return disk.New(nil, disk.Options{})
		}
		return sim.ProcessCrash(m, i)
	}
}

// without is a crash that takes the chain's files of a checkpoint.
func without(checkpoint int64) sim.Crash {
	return func(m history.Machine, i disk.Image) *disk.Disk {
		d := sim.ProcessCrash(m, i)
		if m != history.Storage {
			return d
		}
		for f := range d.Files() {
			if strings.HasPrefix(f.Path, fmt.Sprintf("/checkpoints/job/chk-%d/chain-", checkpoint)) {
				if err := d.Remove(f.Path); err != nil {
					panic(err)
				}
			}
		}
		return d
	}
}
