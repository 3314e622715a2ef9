package checks

import (
	"context"
	"strings"
	"testing"

	"flinch/model"
	"flinch/model/history"
)

// pairOf is the evidence of a run and of the same on another backend: one attempt
// that restores checkpoint 2, audited.
func pairOf() *Evidence {
	one := func(backend string) *Evidence {
		entries := []model.Entry{{State: "count", Group: 1, Key: "a", Value: "7"}, {State: "count", Group: 3, Key: "b", Value: "8"}}
		return &Evidence{
			Facts: Facts{Backend: backend, MaxParallelism: 4, Operators: []OperatorFacts{{Name: "first"}}},
			Run:   &history.Run{Attempts: []history.Attempt{{Number: 1}, {Number: 2, Restored: 2}}},
			Audits: []Audit{{
				Kind: AtRestore, Checkpoint: 2, Attempt: 2, Parallelism: 1,
				Keyed: []KeyedAudit{{Dumps: []history.Dump{{First: 0, Last: 3, Entries: entries}}}},
			}},
		}
	}
	e := one("rocksdb")
	e.Reference = one("heap")
	return e
}

func TestBackendsThatBringBackDifferentStateDisagree(t *testing.T) {
	for name, c := range map[string]struct {
		change func(e *Evidence)
		want   string // "": pass
	}{
		"equal":        {func(*Evidence) {}, ""},
		"other value":  {func(e *Evidence) { e.Audits[0].Keyed[0].Dumps[0].Entries[1].Value = "9" }, "against what heap brings back"},
		"lost entry":   {func(e *Evidence) { e.Audits[0].Keyed[0].Dumps[0].Entries = nil }, "lost 2 entries"},
		"other choice": {func(e *Evidence) { e.Run.Attempts[1].Restored = 1 }, "on heap it restores 2"},
		"attempts":     {func(e *Evidence) { e.Run.Attempts = e.Run.Attempts[:1] }, "on heap it took 2"},
		"audits":       {func(e *Evidence) { e.Audits = nil }, "on heap there were 1"},
		"other audit":  {func(e *Evidence) { e.Audits[0].Checkpoint = 1 }, "on heap it is of checkpoint 2"},
	} {
		e := pairOf()
		c.change(e)
		v := judgeBackendsAgree(context.Background(), e)
		switch {
		case c.want == "" && (v.Outcome != Pass || v.Judged == 0):
			t.Errorf("%s: %v, judged %d: %s", name, v.Outcome, v.Judged, v.Message)
		case c.want != "" && (v.Outcome != Fail || !strings.Contains(v.Message+strings.Join(v.Details, " "), c.want)):
			t.Errorf("%s: %v %q, want a failure with %q", name, v.Outcome, v.Message, c.want)
		}
	}
}

func TestRunOnOneBackendAloneIsNotCompared(t *testing.T) {
	e := pairOf()
	e.Reference = nil
	if v := judgeBackendsAgree(context.Background(), e); v.Outcome != Pass || v.Judged != 0 {
		t.Errorf("%v, judged %d", v.Outcome, v.Judged)
	}
}
