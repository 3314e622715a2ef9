package explore

import (
	"fmt"

	"flinch/checks"
	"flinch/model/history"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// summarize extracts what a campaign needs to know of a run.
func summarize(t Target, seed rng.Seed, o *scenarios.Outcome) reports.RunSummary {
	run := o.Evidence.Run
	s := reports.RunSummary{
		Scenario: t.Scenario, Backend: t.Backend, Seed: seed.String(), Sum: SumText(o.Sum),
		Verdicts: o.Verdicts, Counters: run.Counters, Fired: map[string]int64{},
		Operations: o.Operations, LegalStop: run.Quiesce.LegalStop != "",
		StrictLeaks: strict(run), Simulated: o.Simulated,
	}
	for _, c := range run.Checkpoints {
		if c.Published > 0 {
			s.Completed++
		}
	}
	for _, a := range run.Attempts {
		if a.Restored > 0 {
			s.Restores++
		}
	}
	for _, c := range run.Crashes {
		s.CrashPhases = append(s.CrashPhases, c.Phase)
	}
	for _, f := range run.Fired {
		s.Fired[f.Kind]++
	}
	for _, a := range o.Evidence.Audits {
		if a.Kind == checks.AtRestore {
			s.AuditedEntries = append(s.AuditedEntries, audited(a))
		}
	}
	return s
}

// SumText prints the checksum of a trace.
func SumText(sum uint64) string { return fmt.Sprintf("%016x", sum) }

// audited is how many entries an audit compared.
func audited(a checks.Audit) int64 {
	entries := 0
	for _, k := range a.Keyed {
		entries += len(k.Expected)
	}
	return int64(entries)
}

// strict tells whether the run gave no left-over file an excuse, so that the
// leak check demanded exact equality.
func strict(run *history.Run) bool {
	for _, f := range run.Leftovers {
		if f.WriterDied|f.MessageLost|f.OwnerDied|f.DeleteFailed|f.Undone|f.PublishUnknown != 0 {
			return false
		}
	}
	return run.Quiesce.Done
}
