package faults

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"flinch/model/history"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawFault draws any fault of any kind.
func drawFault(t *rapid.T) Fault {
	machine := rapid.SampledFrom([]history.Machine{history.JobManager, history.TaskManager(0), history.TaskManager(4)})
	phase := rapid.Map(rapid.IntRange(0, int(history.PhaseCount)-1), func(i int) history.Phase { return history.Phase(i) })
	span := rapid.Map(rapid.Int64Range(0, 1e12), func(n int64) Duration { return Duration(n) })
	nth, truth := rapid.IntRange(1, 1000), rapid.Bool()
	op := rapid.Map(rapid.IntRange(0, int(OpKindCount)-1), func(i int) OpKind { return OpKind(i) })
	var maybePhase *history.Phase
	var maybeMachine *history.Machine
	if truth.Draw(t, "with phase") {
		maybePhase = new(phase.Draw(t, "optional phase"))
	}
	if truth.Draw(t, "with machine") {
		maybeMachine = new(history.Storage)
	}
	kind := rapid.SampledFrom(Lossy)
	var maybeProcess *history.Machine
	if truth.Draw(t, "with process") {
		maybeProcess = new(machine.Draw(t, "process"))
	}
	all := []Fault{
		CrashAt{machine.Draw(t, "machine"), span.Draw(t, "at")},
		CrashAtIO{machine.Draw(t, "machine"), nth.Draw(t, "nth"), truth.Draw(t, "after"), maybePhase},
		CrashInPhase{phase.Draw(t, "phase"), nth.Draw(t, "nth"), span.Draw(t, "delay")},
		JobManagerCrash{span.Draw(t, "at")},
		LeaderChange{span.Draw(t, "at"), span.Draw(t, "unaware"), span.Draw(t, "cut")},
		LeaderChangeInPhase{phase.Draw(t, "phase"), nth.Draw(t, "nth"), span.Draw(t, "delay"), span.Draw(t, "unaware"), span.Draw(t, "cut")},
		DamagedLocalCopy{machine.Draw(t, "machine"), span.Draw(t, "at"), nth.Draw(t, "file"), nth.Draw(t, "byte"), truth.Draw(t, "cut")},
		PowerLoss{history.Storage, span.Draw(t, "at")},
		PowerLossInPhase{phase.Draw(t, "phase"), nth.Draw(t, "nth"), span.Draw(t, "delay"), maybeMachine},
		FailedIO{machine.Draw(t, "disk"), op.Draw(t, "op"), maybePhase, nth.Draw(t, "nth"), nth.Draw(t, "count"), truth.Draw(t, "after")},
		SlowIO{machine.Draw(t, "disk"), op.Draw(t, "op"), maybePhase, nth.Draw(t, "nth"), span.Draw(t, "delay")},
		FailedRequest{rapid.SampledFrom([]string{"", "PUT", "GET"}).Draw(t, "verb"), rapid.SampledFrom(requestFates).Draw(t, "fate"), maybePhase, nth.Draw(t, "nth"), nth.Draw(t, "count"), span.Draw(t, "delay")},
		FullDisk{machine.Draw(t, "disk"), span.Draw(t, "at"), span.Draw(t, "lasts"), rapid.Int64Range(0, 1e6).Draw(t, "room")},
		MessageLost{kind.Draw(t, "message"), maybeProcess, nil, nth.Draw(t, "nth"), nth.Draw(t, "count")},
		MessageDuplicated{kind.Draw(t, "message"), nil, maybeProcess, nth.Draw(t, "nth"), rapid.IntRange(1, copiesMax).Draw(t, "copies"), span.Draw(t, "within")},
		MessageDelayed{kind.Draw(t, "message"), maybeProcess, maybeProcess, nth.Draw(t, "nth"), span.Draw(t, "delay")},
		Partition{history.TaskManager(0), history.Storage, truth.Draw(t, "both"), span.Draw(t, "at"), span.Draw(t, "lasts")},
		PartitionInPhase{phase.Draw(t, "phase"), nth.Draw(t, "nth"), span.Draw(t, "lasts")},
		CommitUnanswered{nth.Draw(t, "nth"), nth.Draw(t, "count"), truth.Draw(t, "before")},
		TornWrite{machine.Draw(t, "disk"), maybePhase, nth.Draw(t, "nth"), SectorLargeBytes, nth.Draw(t, "boundary"), truth.Draw(t, "power")},
	}
	if len(all) != len(Kinds()) {
		t.Fatalf("%d kinds are drawn, %d registered", len(all), len(Kinds()))
	}
	return rapid.SampledFrom(all).Draw(t, "fault")
}

func TestPlanSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := Plan(rapid.SliceOfN(rapid.Custom(drawFault), 0, 5).Draw(t, "plan"))
		if err := plan.Validate(); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		var got Plan
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(plan, got); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", text, diff)
		}
	})
}

func TestPlanReadsAndPrints(t *testing.T) {
	const text = `[{"kind":"crash-at","machine":"task-manager-1","at":"1.2s"},` +
		`{"kind":"crash-in-phase","phase":"asynchronous","nth":2,"delay":"50ms"},` +
		`{"kind":"io-error","disk":"storage","op":"rename","phase":"publishing","nth":1,"count":3,"after":true},` +
		`{"kind":"torn-write","disk":"storage","nth":21,"sector_bytes":512,"boundary":1,"power":true}]`
	var plan Plan
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		t.Fatal(err)
	}
	want := "task-manager-1 crashes at 1.2 s; " +
		"the process crashes 0.05 s after entering asynchronous for the 2nd time; " +
		"storage's disk fails the 1st rename and the next 2 while publishing after its effect; " +
		"storage's disk tears the 21st write over a 512-byte boundary at boundary 1, and storage loses power"
	if diff := cmp.Diff(want, plan.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again, err := json.Marshal(plan)
	if err != nil || string(again) != text {
		t.Errorf("written again: %s, %v", again, err)
	}
}

func TestPlanRefusesWhatCannotBeMeant(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{}`, `want a list`},
		{`[7]`, `fault 0: want an object, not 7`},
		{`[null]`, `fault 0: want an object, not null`},
		{`[{"at":"1s"}]`, `fault 0: field "kind": want the name of a kind of fault`},
		{`[{"kind":"job-manager-crash","at":"1s"},{"kind":"melt"}]`, `fault 1: field "kind": "melt" is not known: want one of commit-unanswered, crash-at, crash-at-io,`},
		{`[{"kind":"crash-at","machine":"storage","at":"1s"}]`, `fault 0 (crash-at): field "machine": storage runs no process`},
		{`[{"kind":"crash-at","machine":"moon","at":"1s"}]`, `fault 0 (crash-at): field "machine": machine "moon": want`},
		{`[{"kind":"crash-at","machine":"job-manager"}]`, `fault 0 (crash-at): field "at": is missing`},
		{`[{"kind":"crash-at","machine":"job-manager","at":null}]`, `field "at": null is no value`},
		{`[{"kind":"crash-at","machine":"job-manager","at":12}]`, `field "at": want a value of another type than number`},
		{`[{"kind":"crash-at","machine":"job-manager","at":"soon"}]`, `field "at": "soon": want a span of time`},
		{`[{"kind":"crash-at","machine":"job-manager","at":"-1s"}]`, `field "at": -1 s: want 0 s or more`},
		{`[{"kind":"crash-at","machine":"job-manager","at":"1s","when":2}]`, `field "when": is not known: want machine, at`},
		{`[{"kind":"job-manager-crash","at":"1s","e":1,"d":1,"b":1,"h":1,"a":1,"c":1,"f":1,"g":1}]`, `field "a": is not known: want at`},
		{`[{"kind":"crash-at","machine":"job-manager","At":"1s"}]`, `field "at": is missing`},
		{`[{"kind":"crash-at-io","machine":"job-manager","nth":0}]`, `field "nth": 0: want 1 or more`},
		{`[{"kind":"leader-change","at":"1s","unaware":"-1s"}]`, `fault 0 (leader-change): field "unaware": -1 s: want 0 s or more`},
		{`[{"kind":"damaged-local-copy","machine":"task-manager-1","at":"1s","file":-1,"byte":0}]`, `field "file": -1: want 0 or more`},
		{`[{"kind":"damaged-local-copy","machine":"task-manager-1","at":"1s","file":0,"byte":-1}]`, `field "byte": -1: want 0 or more`},
		{`[{"kind":"crash-in-phase","phase":"lunch","nth":1}]`, `field "phase": phase "lunch": want`},
		{`[{"kind":"io-error","disk":"storage","op":"lick","nth":1,"count":1}]`, `field "op": operation "lick": want one of create,`},
		{`[{"kind":"io-error","disk":"storage","op":"sync","nth":1,"count":0}]`, `field "count": 0: want 1 or more`},
		{`[{"kind":"failed-request","verb":"EAT","fate":"before","nth":1,"count":1}]`, `field "verb": "EAT": want one of PUT, `},
		{`[{"kind":"failed-request","fate":"never","nth":1,"count":1}]`, `field "fate": "never": want one of before, `},
		{`[{"kind":"full-disk","disk":"storage","at":"1s","lasts":"1s","room_bytes":-1}]`, `field "room_bytes": -1: want 0 or more`},
		{`[{"kind":"message-lost","message":"deploy","nth":1,"count":1}]`, `field "message": "deploy": want one of trigger, ack,`},
		{`[{"kind":"message-lost","message":"ack","nth":1,"count":0}]`, `field "count": 0: want 1 or more`},
		{`[{"kind":"message-duplicated","message":"ack","nth":1,"copies":0,"within":"1s"}]`, `field "copies": 0: want 1 to 100`},
		{`[{"kind":"message-delayed","message":"ack","from":"storage","nth":1,"delay":"1s"}]`, `field "from": storage sends and gets no messages`},
		{`[{"kind":"partition","from":"storage","to":"storage","at":"1s","lasts":"1s"}]`, `field "to": storage always reaches itself`},
		{`[{"kind":"partition-in-phase","phase":"running","nth":0,"lasts":"1s"}]`, `field "nth": 0: want 1 or more`},
		{`[{"kind":"commit-unanswered","nth":0,"count":1}]`, `field "nth": 0: want 1 or more`},
		{`[{"kind":"torn-write","disk":"storage","nth":1,"sector_bytes":100,"boundary":1}]`, `field "sector_bytes": 100: want 512 or 4096`},
	} {
		plan := Plan{JobManagerCrash{}}
		err := plan.UnmarshalJSON([]byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n got %v\nwant %s", test.text, err, test.want)
		}
		if len(plan) != 1 {
			t.Errorf("%s: the plan was changed to %v", test.text, plan)
		}
	}
}

func TestValidateNamesTheFault(t *testing.T) {
	phase := history.PhaseCount
	for _, test := range []struct {
		fault Fault
		want  string
	}{
		{CrashAtIO{Machine: history.JobManager, Nth: 1, Phase: &phase}, `fault 1 (crash-at-io): field "phase": there is no phase-14`},
		{PowerLossInPhase{Nth: 1, Delay: -1}, `field "delay"`},
		{FailedIO{Op: OpKindCount}, `field "op": there is no operation 13`},
	} {
		err := Plan{JobManagerCrash{}, test.fault}.Validate()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v, want %s", test.fault, err, test.want)
		}
	}
}

func TestKindsAreSortedAndDocumented(t *testing.T) {
	kinds := Kinds()
	sorted := slices.IsSortedFunc(kinds, func(a, b KindInfo) int { return strings.Compare(a.Name, b.Name) })
	if len(kinds) < 8 || !sorted {
		t.Errorf("got %v", kinds)
	}
	for _, k := range kinds {
		if k.Doc == "" {
			t.Errorf("%s has no sentence", k.Name)
		}
	}
}
