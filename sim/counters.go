package sim

import (
	"flinch/checks"
	"flinch/model"
	"flinch/model/history"
)

// count adds to a counter of the run.
func (w *world) count(name string, n int64) { w.run.Counters[name] += n }

// newCounters returns every counter of a run at 0, so that what was never
// reached shows.
func newCounters() map[string]int64 {
	counters := map[string]int64{}
	for _, name := range CounterNames() {
		counters[name] = 0
	}
	return counters
}

// CounterNames lists the counters that runs keep.
func CounterNames() []string {
	names := []string{
		checks.AnswersCounter, checks.FiredCounter, "acks_duplicate", "acks_late", "audits", "audited_entries", "audited_restore_entries",
		"checkpoints_aborted", "checkpoints_completed", "checkpoints_concurrent", "checkpoints_declined", "checkpoints_expired",
		"checkpoints_subsumed", "checkpoints_triggered", "deletes_failed", "failovers", "io_operations",
		"legal_stops", "messages_dropped", "publish_outcomes_unknown", regionFailoversCounter, "rescales_down", "rescales_up",
		savepointsTakenCounter, savepointsRestoredCounter, claimCounter, noClaimCounter, forksCounter,
		"restores", recountsCounter, recountsExactCounter, "transactions_committed", expiredCounter,
		enospcCounter, inFlightCounter, switchedCounter, overtakeCounter, replayedCounter, tooLargeCounter, requestsCounter, multipartCounter, lateCounter, expiredUploads, parallelCounter,
		copiesUsedCounter, copiesRefusedCounter, copiesWrittenCounter, copiesFailedCounter,
	}
	names = append(names, leaderChangesCounter, staleRefusedCounter)
	names = append(names, networkCounters...)
	for p := history.Triggered; p < history.PhaseCount; p++ {
		names = append(names, "phases."+p.String())
	}
	for _, gap := range gaps {
		names = append(names, gapCounter(gap.name))
	}
	for kind := range model.StateKindCount {
		names = append(names, stateCounter(kind))
	}
	for _, d := range operatorModes {
		names = append(names, operatorCounter(d))
	}
	return names
}

// expiredCounter counts values of state with a time to live that operations found
// expired.
const expiredCounter = "ttl_expired"

// stateCounter counts the operations of the case on one kind of state, repeated
// ones too.
func stateCounter(kind model.StateKind) string { return "state_" + kind.String() }
