package sim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"flinch/model/history"
	"flinch/sim"
)

// TestCoordinatorInEverySituation prints what the coordinator does with a small job.
// Command: run [records=n concurrent=n pause=d interval=d timeout=d retained=n
// tolerated=n coordination], with a plan of faults in JSON.
func TestCoordinatorInEverySituation(t *testing.T) {
	datadriven.Walk(t, "testdata/coordinator", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			if td.Cmd != "run" {
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			r := narrated(t, situation(t, td))
			judge(t, td.Pos, r)
			return protocolOf(r.Evidence.Run)
		})
	})
}

func situation(t *testing.T, td *datadriven.TestData) sim.Config {
	t.Helper()
	c := smallConfig(12)
	c.Job.Parallelism, c.Job.Sources = []int{2}, []int{1}
	for _, arg := range td.CmdArgs {
		value := ""
		if len(arg.Vals) > 0 {
			value = arg.Vals[0]
		}
		n, _ := strconv.Atoi(value)
		span, _ := time.ParseDuration(value)
		k := &c.Checkpointing
		switch arg.Key {
		case "records":
			c.Records = smallConfig(n).Records
		case "concurrent":
			k.ConcurrentMax = n
		case "pause":
			k.MinPause = span
		case "interval":
			k.Interval = span
		case "timeout":
			k.Timeout = span
		case "retained":
			k.Retained = n
		case "tolerated":
			k.Tolerated = n
		case "coordination":
			c.Storage.Pointer = sim.PointerCoordination
		default:
			t.Fatalf("%s: no such setting: %s", td.Pos, arg.Key)
		}
	}
	if td.Input != "" {
		if err := json.Unmarshal([]byte(td.Input), &c.Faults); err != nil {
			t.Fatalf("%s: %v", td.Pos, err)
		}
	}
	return c
}

// protocolOf is what the coordinator says, what is done to it, and what was counted.
func protocolOf(r *history.Run) string {
	var out strings.Builder
	for _, e := range r.Events {
		if e.Machine != history.JobManager && !e.Fault {
			continue
		}
		if text, found := strings.CutPrefix(e.Text, "deletes: "); found {
			e.Text = "clean-up: " + text
		}
		if e.Step > r.Quiesce.Healed && !strings.Contains(e.Text, "no more faults") {
			break
		}
		text, _, _ := strings.Cut(e.Text, "/checkpoints/")
		fmt.Fprintf(&out, "%7.3f ms  %s: %s\n", float64(e.At)/1e6, e.Machine, text)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Counters)) {
		for _, about := range []string{"checkpoints_", "acks_", "job_manager_crashes."} {
			if strings.HasPrefix(name, about) && r.Counters[name] > 0 {
				fmt.Fprintf(&out, "%s %d\n", name, r.Counters[name])
			}
		}
	}
	return out.String()
}
