package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"flinch/checks"
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
)

// TestMessagesOfASmallJob prints what becomes of some kinds of messages of a small job,
// and of the sink's transactions.
// Command: run KIND... [settings as in testdata/coordinator, heartbeats], with a plan of
// faults in JSON.
func TestMessagesOfASmallJob(t *testing.T) {
	datadriven.Walk(t, "testdata/messages", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			if td.Cmd != "run" {
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			var kinds []string
			heartbeats := false
			td.CmdArgs = slices.DeleteFunc(td.CmdArgs, func(a datadriven.CmdArg) bool {
				switch {
				case a.Key == "heartbeats":
					heartbeats = true
				case slices.Contains(faults.Lossy, a.Key):
					kinds = append(kinds, a.Key)
				default:
					return false
				}
				return true
			})
			c := situation(t, td)
			if heartbeats {
				c = apart(c)
			}
			r := narrated(t, c)
			judge(t, td.Pos, r)
			return messagesOf(r.Evidence, kinds) + transactionsOf(r.Evidence.Run) + networkCountersOf(r.Evidence.Run)
		})
	})
}

// apart gives a job signs of life: a task manager that is cut off is lost after 8 ms,
// and goes on for 60 ms.
func apart(c sim.Config) sim.Config {
	c.Cluster.HeartbeatInterval = 2 * time.Millisecond
	c.Cluster.HeartbeatTimeout, c.Cluster.OrphanTimeout = 8*time.Millisecond, 60*time.Millisecond
	return c
}

func messagesOf(e *checks.Evidence, kinds []string) string {
	var out strings.Builder
	for _, m := range e.Run.Messages {
		if !slices.Contains(kinds, m.Kind) || m.Sent > e.Run.Quiesce.Healed {
			continue
		}
		fate := "arrives at"
		if m.Lost != 0 {
			fate = "is lost at"
		}
		kind := m.Kind
		if m.Copy {
			kind = "copy of " + kind
		}
		from := m.From.String()
		if m.Sender != "" {
			from = m.Sender
		}
		fmt.Fprintf(&out, "%7.3f ms  %s of checkpoint %d from %s to %s %s %.3f ms\n",
			float64(m.SentAt)/1e6, kind, m.Checkpoint, from, m.To, fate, float64(m.EndAt)/1e6)
	}
	return out.String()
}

func transactionsOf(r *history.Run) string {
	var out strings.Builder
	for _, t := range r.Transactions {
		if len(t.Records) == 0 {
			continue
		}
		switch {
		case t.Committed != 0:
			fmt.Fprintf(&out, "%s  %d records, closed by checkpoint %d, committed for %d, %d times\n", t.ID, len(t.Records), t.Epoch, t.CommittedFor, t.Commits)
		case t.Aborted != 0:
			fmt.Fprintf(&out, "%s  %d records, aborted while it was open\n", t.ID, len(t.Records))
		case t.Prepared != 0:
			fmt.Fprintf(&out, "%s  %d records, closed by checkpoint %d, never committed\n", t.ID, len(t.Records), t.Epoch)
		default:
			fmt.Fprintf(&out, "%s  %d records, left open\n", t.ID, len(t.Records))
		}
	}
	return out.String()
}

func networkCountersOf(r *history.Run) string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Counters)) {
		for _, about := range []string{"acks_", "messages_", "commits_", "zombie_", "partitions", "heartbeat", "transactions_", "task_managers_", "failovers"} {
			if strings.HasPrefix(name, about) && r.Counters[name] > 0 {
				fmt.Fprintf(&out, "%s %d\n", name, r.Counters[name])
			}
		}
	}
	return out.String()
}
