package explore

import (
	"fmt"
	"maps"

	"flinch/checks"
	"flinch/model/history"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// summarize extracts what a campaign needs to know of a run.
func summarize(t Target, seed rng.Seed, o *scenarios.Outcome) reports.RunSummary {
	run := o.Evidence.Run
	s := reports.RunSummary{
		Scenario: t.Scenario, Backend: t.Backend, Seed: seed.String(), Sum: SumText(o.Sum),
		Verdicts: o.Verdicts, Counters: counters(o.Evidence), Fired: map[string]int64{},
		Operations: o.Operations, LegalStop: run.Quiesce.LegalStop != "",
		StrictLeaks: checks.Strict(o.Evidence), Simulated: o.Simulated,
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
		s.FiredIn = firedIn(s.FiredIn, f)
	}
	for _, a := range o.Evidence.Audits {
		if a.Kind == checks.AtRestore {
			s.AuditedEntries = append(s.AuditedEntries, audited(a))
		}
	}
	return s
}

// firedIn adds a fault to where faults took effect.
func firedIn(list []reports.FiredIn, f history.FiredFault) []reports.FiredIn {
	for i := range list {
		if list[i].Fault == f.Kind && list[i].Phase == f.Phase {
			list[i].Times++
			return list
		}
	}
	return append(list, reports.FiredIn{Fault: f.Kind, Phase: f.Phase, Times: 1})
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

// excusePrefix begins the names of the counters of excused left-over files.
const excusePrefix = "left_over."

// counterNames lists the counters of all summaries: those of runs, and how many
// left-over files had which excuse.
func counterNames() []string {
	names := sim.CounterNames()
	for _, excuse := range []string{
		checks.ExcuseWriterDied, checks.ExcuseMessageLost, checks.ExcuseOwnerDied, checks.ExcuseDeleteFailed,
		checks.ExcuseDeleteUndone, checks.ExcusePublishUnknown, checks.ExcuseRetained,
	} {
		names = append(names, excusePrefix+excuse)
	}
	return names
}

// counters returns a run's counters, excuses included.
func counters(e *checks.Evidence) map[string]int64 {
	all := map[string]int64{}
	maps.Copy(all, e.Run.Counters)
	for excuse, n := range checks.Excuses(e) {
		all[excusePrefix+excuse] += int64(n)
	}
	return all
}
