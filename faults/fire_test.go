package faults

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"flinch/model/history"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const second = Duration(time.Second)

func TestTimedFaultsFireOnceAtTheirTime(t *testing.T) {
	tm := history.TaskManager(0)
	for _, test := range []struct {
		fault Fault
		want  []string
	}{
		{CrashAt{Machine: tm, At: 2 * second}, []string{"fired crash-at task-manager-1 @2s", "crash task-manager-1 @2s"}},
		{JobManagerCrash{At: second}, []string{"fired job-manager-crash job-manager @1s", "crash job-manager @1s"}},
		{PowerLoss{Machine: history.Storage, At: second}, []string{"fired power-loss storage @1s", "power storage @1s"}},
		{CrashAt{Machine: history.TaskManager(7), At: second}, nil}, // there is no such machine
		{LeaderChange{At: second, Unaware: second, Cut: second / 2}, []string{
			"fired leader-change job-manager @1s", "leader change, unaware for 1s, cut 500ms @1s",
		}},
	} {
		c := newFake(false)
		Plan{test.fault}.Arm(c)
		c.advance(time.Second - 1)
		if len(c.log) > 0 {
			t.Errorf("%v: fired too early: %v", test.fault, c.log)
		}
		c.advance(5 * time.Second)
		if diff := cmp.Diff(test.want, c.log); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.fault, diff)
		}
	}
}

func TestDamageWrapsAroundWhatIsThereAndSparesWhatIsNot(t *testing.T) {
	copies := []LocalCopy{{"/a", 10}, {"/b", 0}, {"/c", 3}}
	tm := history.TaskManager(0)
	for _, test := range []struct {
		fault  DamagedLocalCopy
		copies []LocalCopy
		want   []string
	}{
		{DamagedLocalCopy{Machine: tm, At: second, File: 5, Byte: 4}, copies, []string{
			"fired damaged-local-copy task-manager-1 @1s", "damage task-manager-1 /c at byte 1, cut false @1s",
		}},
		{DamagedLocalCopy{Machine: tm, At: second, Byte: 9, Cut: true}, copies, []string{
			"fired damaged-local-copy task-manager-1 @1s", "damage task-manager-1 /a at byte 9, cut true @1s",
		}},
		{DamagedLocalCopy{Machine: tm, At: second, File: 1}, copies, nil}, // an empty file
		{DamagedLocalCopy{Machine: tm, At: second}, nil, nil},
		{DamagedLocalCopy{Machine: history.TaskManager(7), At: second}, copies, nil}, // there is no such machine
	} {
		c := newFake(false)
		c.copies = test.copies
		Plan{test.fault}.Arm(c)
		c.advance(5 * time.Second)
		if diff := cmp.Diff(test.want, c.log); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.fault, diff)
		}
	}
}

func TestCrashOfADeadProcessIsNotCounted(t *testing.T) {
	c := newFake(false)
	tm := history.TaskManager(1)
	Plan{
		CrashAt{Machine: tm, At: second},
		CrashAt{Machine: tm, At: 2 * second},
		PowerLoss{Machine: tm, At: 3 * second},
		CrashInPhase{Phase: history.Aligning, Nth: 1, Delay: second},
	}.Arm(c)
	c.enter(tm, history.Aligning)
	c.advance(9 * time.Second)
	want := []string{"fired crash-at task-manager-2 @1s", "crash task-manager-2 @1s"}
	if diff := cmp.Diff(want, c.log); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNobodyIsElectedInPlaceOfADeadJobManager(t *testing.T) {
	c := newFake(false)
	Plan{JobManagerCrash{At: second}, LeaderChange{At: 2 * second}}.Arm(c)
	c.advance(9 * time.Second)
	want := []string{"fired job-manager-crash job-manager @1s", "crash job-manager @1s"}
	if diff := cmp.Diff(want, c.log); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPhaseFaultsWaitForTheNthEntryAndTheDelay(t *testing.T) {
	for _, test := range []struct {
		fault Fault
		want  []string
	}{
		{
			CrashInPhase{Phase: history.Publishing, Nth: 2},
			[]string{"fired crash-in-phase task-manager-2 @2s", "crash task-manager-2 @2s"},
		},
		{
			CrashInPhase{Phase: history.Publishing, Nth: 3, Delay: second / 2},
			[]string{"fired crash-in-phase task-manager-3 @3.5s", "crash task-manager-3 @3.5s"},
		},
		{
			PowerLossInPhase{Phase: history.Publishing, Nth: 1},
			[]string{"fired power-loss-in-phase task-manager-1 @1s", "power task-manager-1 @1s"},
		},
		{
			PowerLossInPhase{Phase: history.Publishing, Nth: 2, Machine: new(history.Storage)},
			[]string{"fired power-loss-in-phase storage @2s", "power storage @2s"},
		},
		{
			LeaderChangeInPhase{Phase: history.Publishing, Nth: 3, Delay: second},
			[]string{"fired leader-change-in-phase job-manager @4s", "leader change, unaware for 0s, cut 0s @4s"},
		},
		{CrashInPhase{Phase: history.Publishing, Nth: 4}, nil},
		{CrashInPhase{Phase: history.Restoring, Nth: 1}, nil},
	} {
		c := newFake(true)
		test.fault.Arm(c)
		for i := range 3 {
			c.advance(time.Duration(i+1) * time.Second)
			c.enter(history.TaskManager(i), history.Publishing)
			c.enter(history.TaskManager(i), history.Completing)
		}
		c.advance(time.Minute)
		if diff := cmp.Diff(test.want, c.log); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.fault, diff)
		}
	}
}

// TestIOFaultsFireExactlyAtTheirOperations draws a run's operations and compares
// which of them failed with those that a plain count picks.
func TestIOFaultsFireExactlyAtTheirOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machines := []history.Machine{history.JobManager, history.Storage, history.TaskManager(0)}
		phases := []history.Phase{history.Running, history.Publishing}
		machine := rapid.SampledFrom(machines)
		phase := rapid.SampledFrom(phases)
		f := FailedIO{
			Disk: machine.Draw(t, "disk"), Op: OpRename,
			Nth: rapid.IntRange(1, 4).Draw(t, "nth"), Count: rapid.IntRange(1, 3).Draw(t, "count"),
			After: rapid.Bool().Draw(t, "after"),
		}
		if rapid.Bool().Draw(t, "in a phase") {
			f.Phase = new(phase.Draw(t, "phase"))
		}
		c := newFake(false)
		f.Arm(c)
		matched, failed := 0, 0
		for range rapid.IntRange(0, 30).Draw(t, "operations") {
			site := Site{Disk: machine.Draw(t, "on"), Process: machine.Draw(t, "by"), Phase: phase.Draw(t, "during")}
			op := Op{Kind: rapid.SampledFrom([]OpKind{OpRename, OpSync}).Draw(t, "op"), Path: "/a", To: "/b"}
			want := false
			if site.Disk == f.Disk && op.Kind == f.Op && (f.Phase == nil || *f.Phase == site.Phase) {
				matched++
				want = matched >= f.Nth && matched < f.Nth+f.Count
			}
			entry := c.ask(site, op)
			var end Outcome
			if entry.Err == nil {
				op.Done = true
				end = c.ask(site, op)
			}
			if (entry.Err != nil) != (want && !f.After) || (end.Err != nil) != (want && f.After) {
				t.Fatalf("%v: operation %d of its kind: entry %v, end %v", f, matched, entry.Err, end.Err)
			}
			if want {
				failed++
			}
		}
		if len(c.log) != failed {
			t.Fatalf("%v: fired %d times, %d operations failed", f, len(c.log), failed)
		}
	})
}

func TestCrashAtIOKillsOnceAtItsOperation(t *testing.T) {
	for _, kills := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			c := newFake(kills)
			tm := history.TaskManager(0)
			f := CrashAtIO{Machine: tm, Nth: 3, After: after}
			f.Arm(c)
			var entries int
			for i := range 10 {
				c.now = time.Duration(i)
				c.ask(Site{Disk: history.Storage, Process: history.JobManager}, Op{Kind: OpWrite})
				entries++
				if out := c.do(Site{Disk: history.Storage, Process: tm}, Op{Kind: OpWrite}); out.Err != nil || c.dead[tm] {
					break
				}
			}
			if entries != 3 {
				t.Errorf("%v: died at operation %d", f, entries)
			}
			c.dead[tm] = false // it starts again
			for range 10 {
				if out := c.do(Site{Process: tm}, Op{Kind: OpWrite}); out.Err != nil {
					t.Errorf("%v: hit again: %v", f, out.Err)
				}
			}
			want := []string{"fired crash-at-io task-manager-1 @2ns", "crash task-manager-1 @2ns"}
			if diff := cmp.Diff(want, c.log); diff != "" {
				t.Errorf("%v, kills %v: (-want +got)\n%s", f, kills, diff)
			}
		}
	}
}

func TestCrashAtIOCountsOnlyItsPhase(t *testing.T) {
	c := newFake(false)
	f := CrashAtIO{Machine: history.JobManager, Nth: 1, Phase: new(history.Deleting)}
	f.Arm(c)
	if out := c.do(Site{Phase: history.Running}, Op{}); out.Err != nil {
		t.Errorf("another phase: %v", out.Err)
	}
	if out := c.do(Site{Phase: history.Deleting}, Op{}); out.Err == nil {
		t.Error("its phase: nothing happened")
	}
}

func TestTornWriteEndsAtASectorBoundary(t *testing.T) {
	for _, test := range []struct {
		offset       int64
		bytes        int
		sector       int64
		boundary     int
		partial      int
		cannotTearIt bool
	}{
		{offset: 0, bytes: 512, sector: 512, boundary: 1, cannotTearIt: true},
		{offset: 0, bytes: 513, sector: 512, boundary: 1, partial: 512},
		{offset: 500, bytes: 100, sector: 512, boundary: 1, partial: 12},
		{offset: 100, bytes: 2000, sector: 512, boundary: 3, partial: 1436},
		{offset: 100, bytes: 2000, sector: 512, boundary: 99, partial: 1948},
		{offset: 100, bytes: 2000, sector: 4096, boundary: 1, cannotTearIt: true},
		{offset: 4000, bytes: 9000, sector: 4096, boundary: 2, partial: 4192},
		{offset: 8, bytes: 0, sector: 512, boundary: 1, cannotTearIt: true},
	} {
		c := newFake(false)
		f := TornWrite{Disk: history.Storage, Nth: 1, SectorBytes: test.sector, Boundary: test.boundary}
		f.Arm(c)
		out := c.do(Site{Disk: history.Storage}, Op{Kind: OpWrite, Offset: test.offset, Bytes: test.bytes})
		if out.Partial != test.partial || (out.Err == nil) != test.cannotTearIt {
			t.Errorf("%+v: got %+v", test, out)
		}
	}
}

func TestTornWriteStopsEverythingUntilDeath(t *testing.T) {
	tm, other := history.TaskManager(0), history.TaskManager(1)
	write := Op{Kind: OpWrite, Path: "/chk-1/state", Bytes: 5000}
	for _, power := range []bool{false, true} {
		c := newFake(true)
		f := TornWrite{Disk: history.Storage, Nth: 2, SectorBytes: 512, Boundary: 1, Power: power}
		f.Arm(c)
		mine, theirs := Site{Disk: history.Storage, Process: tm}, Site{Disk: history.Storage, Process: other}
		if out := c.do(mine, write); out.Err != nil {
			t.Fatalf("the first write failed: %v", out.Err)
		}
		if out := c.do(mine, write); out.Partial != 512 {
			t.Fatalf("the second write did not tear: %+v", out)
		}
		if out := c.do(mine, Op{Kind: OpUnlink}); out.Err == nil {
			t.Error("the writer went on")
		}
		if out := c.do(theirs, Op{Kind: OpUnlink}); (out.Err != nil) != power {
			t.Errorf("power %v: another writer on that disk: %v", power, out.Err)
		}
		c.advance(0)
		end := "crash task-manager-1 @0s"
		if power {
			end = "power storage @0s"
		}
		if diff := cmp.Diff([]string{"fired torn-write storage @0s", end}, c.log); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		clear(c.dead)
		if out := c.do(mine, write); out.Err != nil {
			t.Errorf("hit again after the restart: %v", out.Err)
		}
	}
}

func TestInjectedErrorsAreEIOAndSayWhat(t *testing.T) {
	c := newFake(false)
	FailedIO{Disk: history.Storage, Op: OpRename, Nth: 1, Count: 1, After: true}.Arm(c)
	err := c.do(Site{Disk: history.Storage}, Op{Kind: OpRename, Path: "/a", To: "/b"}).Err
	if !errors.Is(err, ErrInjected) || !errors.Is(err, syscall.EIO) {
		t.Errorf("%v: is neither injected nor EIO", err)
	}
	want := "to /b: input/output error (injected fault io-error, after its effect)"
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSlowIOStallsOneOperationOnce(t *testing.T) {
	c := newFake(false)
	SlowIO{Disk: history.Storage, Op: OpWrite, Nth: 2, Delay: Duration(time.Second)}.Arm(c)
	site := Site{Disk: history.Storage, Process: history.TaskManager(0)}
	for i, want := range []time.Duration{0, time.Second, 0} {
		if out := c.ask(site, Op{Kind: OpWrite, Path: "/a"}); out.Delay != want || out.Err != nil {
			t.Errorf("write %d: delay %v, error %v; want %v and none", i+1, out.Delay, out.Err, want)
		}
	}
	if out := c.ask(site, Op{Kind: OpSync, Path: "/a"}); out.Delay != 0 {
		t.Errorf("a sync was stalled for %v", out.Delay)
	}
}
