package checkpoint

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"flinch/backends"
)

// TestRequestsStartInTheirOrder prints who waits and who starts. Commands: new, ask
// (clock, user, forced, savepoint or stop; at=ms, times=n), next (concurrent, pending,
// cleaning, pause), drop [clock].
func TestRequestsStartInTheirOrder(t *testing.T) {
	datadriven.Walk(t, "testdata/requests", func(t *testing.T, path string) {
		var q Requests
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			switch td.Cmd {
			case "new":
				q = Requests{}
				return ""
			case "ask":
				return ask(&q, td)
			case "next":
				return next(&q, td)
			case "drop":
				return "dropped:" + requestsText(q.Drop(td.HasArg("clock"))) + waitingText(&q)
			}
			t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			return ""
		})
	})
}

func ask(q *Requests, td *datadriven.TestData) string {
	r := Request{At: time.Duration(number(td, "at", 0)) * time.Millisecond}
	switch who := td.CmdArgs[0].Key; who {
	case "clock":
		r.Periodic = true
	case "forced":
		r.Kind, r.Forced = Full, true
	case "savepoint":
		r.Kind, r.Forced = CanonicalSavepoint, td.HasArg("forced")
	case "stop":
		r.Kind, r.Stop, r.Forced = NativeSavepoint, true, true
	}
	var out strings.Builder
	for range number(td, "times", 1) {
		_, dropped := q.Add(r)
		if len(dropped) > 0 {
			fmt.Fprintf(&out, "dropped:%s", requestsText(dropped))
		}
	}
	return out.String() + waitingText(q)
}

func next(q *Requests, td *datadriven.TestData) string {
	d := q.Next(Situation{
		ConcurrentMax: number(td, "concurrent", 1), Pending: number(td, "pending", 0), Cleaning: number(td, "cleaning", 0),
		Pause: time.Duration(number(td, "pause", 0)) * time.Millisecond,
	})
	said := "wait\n"
	switch {
	case d.Start:
		said = "start:" + requestsText([]Request{d.Request})
	case d.Early:
		said = "too early:" + requestsText([]Request{d.Request})
	}
	return said + waitingText(q)
}

func waitingText(q *Requests) string {
	if q.Len() > 10 {
		return fmt.Sprintf("waiting: %d, first%slast%s", q.Len(), requestsText(q.Waiting()[:1]), requestsText(q.Waiting()[q.Len()-1:]))
	}
	return "waiting:" + requestsText(q.Waiting())
}

func requestsText(list []Request) string {
	if len(list) == 0 {
		return " none\n"
	}
	var out strings.Builder
	for _, r := range list {
		fmt.Fprintf(&out, " #%d %s", r.Number, r.Kind)
		for _, is := range []struct {
			so   bool
			text string
		}{{r.Stop, ", stop"}, {r.Forced, ", forced"}, {r.Periodic, ", clock"}} {
			if is.so {
				out.WriteString(is.text)
			}
		}
		fmt.Fprintf(&out, " (%v);", r.At)
	}
	return strings.TrimSuffix(out.String(), ";") + "\n"
}

func number(td *datadriven.TestData, name string, otherwise int) int {
	arg, ok := td.Arg(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(arg.Vals[0])
	if err != nil {
		panic(fmt.Sprintf("%s: %s: %v", td.Pos, name, err))
	}
	return n
}

// TestFailuresInARowAreCounted prints what is counted. Commands: new tolerated=n,
// failed id=n (0: it got none), succeeded id=n, failover.
func TestFailuresInARowAreCounted(t *testing.T) {
	datadriven.Walk(t, "testdata/failures", func(t *testing.T, path string) {
		var f Failures
		tolerated := 0
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			exceeded := false
			switch td.Cmd {
			case "new":
				f, tolerated = Failures{}, number(td, "tolerated", 0)
			case "failed":
				exceeded = f.Failed(backends.CheckpointID(number(td, "id", 0)), tolerated)
			case "succeeded":
				f.Succeeded(backends.CheckpointID(number(td, "id", 0)))
			case "failover":
				f.Reset()
			default:
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			verdict := ""
			if exceeded {
				verdict = ": the job fails over"
			}
			return fmt.Sprintf("%d failed in a row, %d tolerated%s\n", f.Count(), tolerated, verdict)
		})
	})
}
