package checks

import (
	"context"
	"strings"
	"testing"

	"flinch/model"
	"flinch/model/history"
)

// pairOf is the evidence of a run and of the same on another backend: checkpoint 2
// is audited when it is restored.
func pairOf() *Evidence {
	one := func(backend string) *Evidence {
		entries := []model.Entry{{State: "count", Group: 1, Key: "a", Value: "7"}, {State: "count", Group: 3, Key: "b", Value: "8"}}
		return &Evidence{
			Facts: Facts{Backend: backend, Pure: true, MaxParallelism: 4, Operators: []OperatorFacts{{Name: "first"}}},
			Run:   &history.Run{Attempts: []history.Attempt{{Number: 1}, {Number: 2, Restored: 2}}},
			Audits: []Audit{{
				Kind: AtRestore, Checkpoint: 2, Attempt: 2, Parallelism: 1,
				Lists: []ListAudit{{Old: [][]string{{"partition 0 at 7"}, {"partition 1 at 3"}}}},
				Keyed: []KeyedAudit{{Dumps: []history.Dump{{First: 0, Last: 3, Entries: entries}}}},
			}},
		}
	}
	e := one("rocksdb")
	e.Reference = one("heap")
	return e
}

func TestBackendsThatBringBackDifferentStateDisagree(t *testing.T) {
	ours := func(e *Evidence) *history.Dump { return &e.Audits[0].Keyed[0].Dumps[0] }
	for name, c := range map[string]struct {
		change func(e *Evidence)
		want   string // "": pass
	}{
		"equal":          {func(*Evidence) {}, ""},
		"other numbers":  {func(e *Evidence) { e.Audits[0].Checkpoint = 5 }, ""},
		"other subtasks": {func(e *Evidence) { e.Audits[0].Lists[0].Old = [][]string{{"partition 1 at 3", "partition 0 at 7"}} }, ""},
		"other value":    {func(e *Evidence) { ours(e).Entries[1].Value = "9" }, "against checkpoint 2 of the same records on heap"},
		"lost entries":   {func(e *Evidence) { ours(e).Entries = nil }, "lost 2 entries"},
		"extra entry":    {func(e *Evidence) { ours(e).Entries = append(ours(e).Entries, model.Entry{State: "x", Group: 3}) }, "1 entry too many"},
	} {
		e := pairOf()
		c.change(e)
		v := judgeBackendsAgree(context.Background(), e)
		switch {
		case c.want == "" && (v.Outcome != Pass || v.Judged == 0):
			t.Errorf("%s: %v, judged %d: %s", name, v.Outcome, v.Judged, v.Message)
		case c.want != "" && (v.Outcome != Fail || !strings.Contains(v.Message, c.want)):
			t.Errorf("%s: %v %q, want a failure with %q", name, v.Outcome, v.Message, c.want)
		}
	}
}

func TestWhatNeedNotBeEqualIsNotCompared(t *testing.T) {
	for name, change := range map[string]func(e *Evidence){
		"one backend alone":  func(e *Evidence) { e.Reference = nil },
		"other offsets":      func(e *Evidence) { e.Audits[0].Lists[0].Old[0][0] = "partition 0 at 8" },
		"keys of many feeds": func(e *Evidence) { e.Facts.Pure = false },
		"unread reference":   func(e *Evidence) { e.Reference.Audits[0].Keyed[0].Dumps[0].Error = "gone" },
	} {
		e := pairOf()
		e.Audits[0].Keyed[0].Dumps[0].Entries = nil
		change(e)
		if v := judgeBackendsAgree(context.Background(), e); v.Outcome != Pass || v.Judged != 0 {
			t.Errorf("%s: %v, judged %d: %s", name, v.Outcome, v.Judged, v.Message)
		}
	}
}
