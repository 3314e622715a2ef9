package sim

import "flinch/faults"

// Zombies are subtasks of an attempt that is over which do not know it yet, and
// run beside the next attempt. The counters tell what they try: nothing of it may
// have an effect on that.

const (
	lostCounter         = "messages_lost"
	duplicatedCounter   = "messages_duplicated"
	reorderedCounter    = "messages_reordered"
	partitionCounter    = "partitions"
	heartbeatCounter    = "heartbeat_timeouts"
	orphanedCounter     = "task_managers_orphaned"
	zombieWritesCounter = "zombie_writes"
	zombieDeleteCounter = "zombie_deletes"
	zombieAcksCounter   = "zombie_acks"
	zombieRecordCounter = "zombie_records"
	unansweredCounter   = "commits_unanswered"
	repeatedCounter     = "commits_repeated"
	fencedCounter       = "transactions_fenced"
)

// networkCounters lists the counters of what the network does.
var networkCounters = []string{
	lostCounter, duplicatedCounter, reorderedCounter, partitionCounter, heartbeatCounter, orphanedCounter,
	zombieWritesCounter, zombieDeleteCounter, zombieAcksCounter, zombieRecordCounter,
	unansweredCounter, repeatedCounter, fencedCounter,
}

// isZombie tells whether a later attempt than the subtask's has begun.
func (s *subtask) isZombie() bool { return s.exec != s.w.exec || !s.exec.current(s) }

// countZombie counts a change of checkpoint storage by a zombie.
func (w *world) countZombie(t *task, op faults.Op) {
	switch {
	case t == nil || t.subtask == nil || !t.subtask.isZombie():
	case op.Kind == faults.OpUnlink:
		w.count(zombieDeleteCounter, 1)
	case op.Kind.Mutates():
		w.count(zombieWritesCounter, 1)
	}
}
