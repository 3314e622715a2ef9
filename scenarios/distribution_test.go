package scenarios_test

import (
	"fmt"
	"slices"
	"testing"

	"flinch/faults"
	"flinch/model"
	"flinch/model/history"
	"flinch/scenarios"
	"flinch/sim"
)

// census counts what cases have.
type census map[string]int

func (n census) of(c scenarios.Case) {
	n["case"]++
	n[fmt.Sprintf("storage %s", c.Storage.Kind)]++
	n[fmt.Sprintf("pointer %s", c.Storage.Pointer)]++
	n[fmt.Sprintf("inline threshold %d", c.Storage.InlineThresholdBytes)]++
	n[fmt.Sprintf("retained %d", c.Checkpointing.Retained)]++
	n[fmt.Sprintf("tolerated %d", c.Checkpointing.Tolerated)]++
	n[fmt.Sprintf("task managers %d", c.Cluster.TaskManagers)]++
	n[fmt.Sprintf("profile %v", c.Cluster.Profile)]++
	n[fmt.Sprintf("faults %d", min(len(c.Faults), 6))]++
	n.when("pure", c.Job.Pure)
	n[fmt.Sprintf("key groups %d", c.Job.MaxParallelism)]++
	n.when("rescales", len(c.Job.Parallelism) > 1)
	n.when("parallel", c.Job.Parallelism[0] > 1)
	n.when("volatile", c.Storage.Kind == sim.JobManagerMemory && !c.Storage.Durable)
	n.when("register", c.Job.Operators[0][0].Register)
	for _, states := range c.Job.Operators {
		for _, s := range states {
			n[fmt.Sprintf("state %v of %v", s.Kind, s.Shape)]++
			n[fmt.Sprintf("namespaces %d", s.Namespaces)]++
			n.when("default", len(s.Default) > 0)
			n.when("event timers", s.Kind == model.Timers && !s.Processing)
			n.when("processing timers", s.Processing)
		}
	}
	for _, key := range c.Job.Keys {
		n.when("odd key "+key, key == "" || key == "\x00" || key == "," || key == "Aa" || key == "BB" || len(key) > 200)
	}
	for _, r := range c.Records {
		for _, ops := range r.Ops {
			for _, op := range ops {
				n["operation "+op.Kind.String()]++
				n.when("merge of a target with itself", slices.Contains(op.Sources, op.Namespace))
				n.when("merge out of order", !slices.IsSorted(op.Sources))
				n["operations"]++
			}
		}
	}
	for _, f := range c.Faults {
		n["fault "+f.Kind()]++
		n.fault(f)
	}
}

func (n census) fault(f faults.Fault) {
	switch f := f.(type) {
	case faults.CrashInPhase:
		n["crash while "+f.Phase.String()]++
	case faults.PowerLossInPhase:
		n["power loss while "+f.Phase.String()]++
	case faults.CrashAtIO:
		n.when("crash after I/O", f.After)
		n.when("crash before I/O", !f.After)
	case faults.FailedIO:
		n["error of "+f.Op.String()]++
		n.when("error after its effect", f.After)
	case faults.TornWrite:
		n[fmt.Sprintf("torn at %d", f.SectorBytes)]++
	case faults.PowerLoss:
		n["power loss of "+f.Machine.String()]++
	}
}

func (n census) when(what string, is bool) {
	if is {
		n[what]++
	}
}

func TestScenariosDrawEverythingThatCasesCanHave(t *testing.T) {
	n := census{}
	draw(t, 500, func(_ *testing.T, c scenarios.Case) { n.of(c) })
	wanted := []string{
		"storage filesystem", "storage job-manager-memory", "pointer file", "pointer coordination", "volatile", "rescales", "parallel",
		"odd key ", "odd key \x00", "odd key ,", "odd key Aa", "odd key BB", "crash after I/O", "crash before I/O",
		"torn at 512", "torn at 4096", "error after its effect",
		"power loss of storage", "power loss of job-manager", "power loss of task-manager-1", "power loss of task-manager-2",
		"profile posix-weak", "profile ext4-ordered", "profile prefix",
		"inline threshold 0", "inline threshold 64", "inline threshold 1024", "inline threshold 20480",
		"retained 1", "retained 2", "retained 3", "tolerated -1", "tolerated 0", "tolerated 1", "tolerated 3",
		"task managers 1", "task managers 2", "task managers 3", "task managers 4", "faults 6",
		"namespaces 0", "namespaces 2", "namespaces 3", "namespaces 4", "default", "event timers", "processing timers", "merge of a target with itself", "merge out of order",
		"key groups 129", "key groups 1000", "key groups 32768",
	}
	for _, k := range faults.Kinds() {
		wanted = append(wanted, "fault "+k.Name)
	}
	for p := history.Triggered; p <= history.Restoring; p++ {
		wanted = append(wanted, "crash while "+p.String(), "power loss while "+p.String())
	}
	for op := range model.OpKindCount {
		wanted = append(wanted, "operation "+op.String())
	}
	for op := range faults.OpKindCount {
		if op != faults.OpTruncate && op != faults.OpLink { // nobody uses them on storage
			wanted = append(wanted, "error of "+op.String())
		}
	}
	for kind := model.Value; kind < model.Timers; kind++ {
		for shape := model.Int; shape <= model.Text; shape++ {
			wanted = append(wanted, fmt.Sprintf("state %v of %v", kind, shape))
		}
	}
	for _, what := range wanted {
		if n[what] < 5 {
			t.Errorf("%s: %d times in %d cases, want 5 or more", what, n[what], n["case"])
		}
	}
}

func TestScenariosKeepTheirProportions(t *testing.T) {
	n := census{}
	draw(t, 500, func(_ *testing.T, c scenarios.Case) { n.of(c) })
	for _, tc := range []struct {
		what      string
		low, high int // percent of cases
	}{
		{"pure", 55, 80},
		{"register", 65, 95},
		{"volatile", 1, 10},
		{"faults 0", 5, 45},
		{"rescales", 15, 45},
		{"operations", 100 * 300, 100 * 3000},
	} {
		if n[tc.what]*100 < tc.low*n["case"] || n[tc.what]*100 > tc.high*n["case"] {
			t.Errorf("%s: %d in %d cases, want %d %% to %d %%", tc.what, n[tc.what], n["case"], tc.low, tc.high)
		}
	}
}
