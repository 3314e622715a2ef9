package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"

	"flinch/model"
	"flinch/model/history"
)

// What happens to the one register of these tests, each at the next step.
type registerStep struct {
	what    string // write, read, lost-write, lost-read, snapshot, restore
	value   int64  // or checkpoint
	attempt int    // 0: the current one
}

func put(v int64) registerStep      { return registerStep{what: "write", value: v} }
func get(v int64) registerStep      { return registerStep{what: "read", value: v} }
func remember(c int64) registerStep { return registerStep{what: "snapshot", value: c} }
func goBack(c int64) registerStep   { return registerStep{what: "restore", value: c} }

const nothing = history.Absent

// registerRun makes a run of steps, one after the other.
func registerRun(steps []registerStep) *Evidence {
	run := &history.Run{Attempts: []history.Attempt{{Number: 1, Begin: 1, Ready: 2}}}
	for i, s := range steps {
		step := history.Step(10 * (i + 1))
		attempt := len(run.Attempts)
		if s.attempt != 0 {
			attempt = s.attempt
		}
		op := history.RegisterOp{Kind: history.RegisterWrite, Group: 3, Attempt: attempt, Value: s.value, Call: step, Return: step + 1}
		switch s.what {
		case "snapshot":
			run.Snapshots = append(run.Snapshots, history.Snapshot{Checkpoint: s.value, Attempt: attempt, First: 0, Last: 7, Begin: step, End: step + 1})
			continue
		case "restore":
			run.Attempts[attempt-1].End = step
			run.Attempts = append(run.Attempts, history.Attempt{Number: attempt + 1, Restored: s.value, Begin: step + 1, Ready: step + 10})
			continue
		case "lost-write", "lost-read":
			op.Return = 0
		}
		if strings.HasSuffix(s.what, "read") {
			op.Kind = history.RegisterRead
		}
		run.Registers = append(run.Registers, op)
	}
	return &Evidence{Run: run}
}

func TestRegistersAreLinearizableWithTheirCrashes(t *testing.T) {
	lostWrite := func(v int64) registerStep { return registerStep{what: "lost-write", value: v} }
	tests := []struct {
		name  string
		steps []registerStep
		want  Outcome
	}{
		{"goes back to its checkpoint", []registerStep{put(1), remember(1), put(2), goBack(1), get(1), put(3), get(3)}, Pass},
		{"goes back to nothing", []registerStep{get(nothing), put(1), goBack(0), get(nothing)}, Pass},
		{"a checkpoint is restored twice", []registerStep{put(1), remember(1), put(2), goBack(1), put(3), remember(2), goBack(1), get(1)}, Pass},
		{"a lost write may count in what is restored later", []registerStep{put(1), lostWrite(2), remember(1), goBack(1), get(2)}, Pass},
		{"or may not", []registerStep{put(1), lostWrite(2), remember(1), goBack(1), get(1)}, Pass},
		{"a lost read", []registerStep{put(1), {what: "lost-read", value: 7}, goBack(0), get(nothing)}, Pass},
		{"the dead go on in their own world", []registerStep{put(1), remember(1), put(2), goBack(1), put(5), {"read", 2, 1}, {"write", 9, 1}, {"read", 9, 1}, get(5)}, Pass},

		{"a write is lost", []registerStep{put(1), put(2), get(1)}, Fail},
		{"a write after the barrier is restored", []registerStep{put(1), remember(1), put(2), goBack(1), get(2)}, Fail},
		{"a write before the barrier is not", []registerStep{put(1), put(2), remember(1), goBack(1), get(1)}, Fail},
		{"nothing is restored", []registerStep{put(1), remember(1), goBack(1), get(nothing)}, Fail},
		{"something is restored from nothing", []registerStep{put(1), goBack(0), get(1)}, Fail},
		{"another checkpoint is restored", []registerStep{put(1), remember(1), put(2), remember(2), goBack(2), goBack(1), get(2)}, Fail},
		{"what was rolled back comes again", []registerStep{put(1), remember(1), put(2), goBack(1), get(1), get(2)}, Fail},
		{"a lost write comes long after", []registerStep{put(1), remember(1), lostWrite(2), goBack(1), get(1), get(2)}, Fail},
		{"the dead see the living", []registerStep{put(1), remember(1), goBack(1), put(5), {"read", 5, 1}}, Fail},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := registerRun(test.steps)
			v := judgeLinearizable(context.Background(), e)
			if v.Outcome != test.want {
				t.Errorf("%s: %s %q", v.Outcome, v.Message, v.Details)
			}
			if v.Judged < int64(len(e.Run.Registers)) {
				t.Errorf("judged %d of %d", v.Judged, len(e.Run.Registers))
			}
		})
	}
}

func TestTheMessageNamesTheOperationThatFits(t *testing.T) {
	v := judgeLinearizable(context.Background(), registerRun([]registerStep{put(1), remember(1), put(2), goBack(1), get(2), put(4)}))
	if want := "In attempt 2, read 2 on register state 0[0] of operator 0 fits no order of what came before."; v.Message != want {
		t.Errorf("message %q, want %q", v.Message, want)
	}
	if v.Step != 50 || !slices.Contains(v.Details, "  attempt 2  steps 50 to 51  read 2   <- broken here") {
		t.Errorf("step %d, details %q", v.Step, v.Details)
	}
}

func TestARestoreWithoutItsSnapshotIsUndecided(t *testing.T) {
	v := judgeLinearizable(context.Background(), registerRun([]registerStep{put(1), goBack(1), get(1)}))
	if v.Outcome != Unknown {
		t.Errorf("%+v", v)
	}
}

func TestOperationsOfOneStepKeepTheirOrder(t *testing.T) {
	for value, want := range map[int64]Outcome{1: Fail, 2: Pass} {
		e := registerRun([]registerStep{put(1), put(2), get(value)})
		for i := range e.Run.Registers {
			e.Run.Registers[i].Call, e.Run.Registers[i].Return = 5, 5
		}
		if v := judgeLinearizable(context.Background(), e); v.Outcome != want {
			t.Errorf("read %d: %s", value, v.Outcome)
		}
	}
}

func TestTheShortWayAgreesWithTheSearch(t *testing.T) {
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		var steps []registerStep
		taken := []int64{0}
		for i := range int64(rapid.IntRange(2, 8).Draw(t, "steps")) {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				steps, taken = append(steps, remember(i+1)), append(taken, i+1)
			case 1:
				steps = append(steps, goBack(rapid.SampledFrom(taken).Draw(t, "checkpoint")))
			case 2, 3:
				steps = append(steps, put(rapid.Int64Range(1, 2).Draw(t, "value")))
			default:
				steps = append(steps, get(rapid.SampledFrom([]int64{nothing, 1, 2}).Draw(t, "value")))
			}
		}
		hs := registerHistories(registerRun(steps).Run)
		for _, h := range hs.all {
			legal, forced := h.inSequence(len(hs.restored))
			if !forced {
				t.Fatalf("operations overlap: %+v", h.operations)
			}
			if found := porcupine.CheckOperations(registerModel(context.Background(), len(hs.restored)), h.operations); found != legal {
				t.Fatalf("in sequence %v, by search %v", legal, found)
			}
			seen[legal]++
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("seen %v", seen)
	}
}

func BenchmarkLinearizable(b *testing.B) {
	for _, perKey := range []int{20, 200} {
		b.Run(fmt.Sprintf("operations-per-key=%d", perKey), func(b *testing.B) {
			var steps []registerStep
			value := int64(nothing)
			for i := range int64(perKey) {
				switch {
				case i%10 == 5:
					steps = append(steps, remember(i))
				case i%30 == 6:
					steps = append(steps, goBack(i-1))
				case i%2 == 0:
					value = i
					steps = append(steps, put(i))
				default:
					steps = append(steps, get(value))
				}
			}
			e := registerRun(steps)
			ops := e.Run.Registers
			const keys = 20
			for key := 1; key < keys; key++ {
				for _, op := range ops {
					op.Key = key
					e.Run.Registers = append(e.Run.Registers, op)
				}
			}
			for b.Loop() {
				if v := judgeLinearizable(b.Context(), e); v.Outcome != Pass {
					b.Fatal(v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(e.Run.Registers)), "ns/operation")
		})
	}
}

func BenchmarkDifference(b *testing.B) {
	e := goodEvidence()
	e.Facts.MaxParallelism = 128
	e.Facts.Keys = nil
	e.Facts.Records = nil
	good := goodEvidence()
	var ids []int
	for id := range 400 {
		r := good.Facts.Records[0]
		if id < 100 {
			e.Facts.Keys = append(e.Facts.Keys, fmt.Sprintf("key-%d", id))
		}
		r.Key = id % 100
		r.Ops = [][]model.Op{{{Kind: model.MapPut, State: 0, UserKey: int64(id), Args: []int64{1}}, {Kind: model.ValueSet, State: 1, Args: []int64{5}}, {Kind: model.ValueBump, State: 2, Args: []int64{5}}}}
		e.Facts.Records = append(e.Facts.Records, r)
		ids = append(ids, id)
	}
	a := Audit{Parallelism: 3, Keyed: []KeyedAudit{e.audited(ids, 3)}}
	for b.Loop() {
		c := newComparison(e, &a, &a.Keyed[0])
		c.expected = a.Keyed[0].Expected
		if d := c.difference(); len(d.rows) > 0 {
			b.Fatal(d.rows)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(a.Keyed[0].Expected)), "ns/entry")
}
