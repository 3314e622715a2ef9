package checks

import (
	"math"
	"slices"

	"flinch/model/history"
)

// lineage is a chain of attempts, each restored from a checkpoint of the one
// before it. What an attempt did after the checkpoint that its successor was
// restored from is rolled back.
type lineage struct {
	through map[int]int64 // by attempt: the last of its checkpoints that counts
	fork    int           // of its last attempt
}

// holds tells whether the work that checkpoint closed in attempt is on the
// lineage. Work that no checkpoint has closed has checkpoint 0.
func (l lineage) holds(attempt int, checkpoint int64) bool {
	through, found := l.through[attempt]
	return found && (checkpoint <= through && checkpoint != 0 || through == math.MaxInt64)
}

// lineageOf walks from an attempt back through the checkpoints that it and its
// predecessors were restored from.
func lineageOf(e *Evidence, attempt int) lineage {
	l := lineage{through: map[int]int64{}}
	through := int64(math.MaxInt64)
	for {
		a := findAttempt(e.Run, attempt)
		if a == nil {
			return l
		}
		if _, again := l.through[attempt]; again {
			return l
		}
		l.through[attempt] = through
		c := findCheckpoint(e.Run, a.Restored)
		if c == nil {
			return l
		}
		attempt, through = c.Attempt, c.ID
	}
}

// lives returns the lineages of a run, the last one last. There is one, except
// where state is lost by design with its job manager: then each start from
// nothing begins a life, and the one before it counts for itself. So it is where the
// user goes back to what the job had left behind: a fork begins a life that shares
// what was before it.
func lives(e *Evidence) []lineage {
	var result []lineage
	attempts := slices.DeleteFunc(slices.Clone(e.Run.Attempts), func(a history.Attempt) bool { return a.Superseded != 0 })
	for i := range attempts {
		if i == len(attempts)-1 || lostByDesign(e, &attempts[i+1]) || attempts[i+1].Fork != attempts[i].Fork {
			l := lineageOf(e, attempts[i].Number)
			l.fork = attempts[i].Fork
			result = append(result, l)
		}
	}
	return result
}

// lostByDesign tells whether an attempt rightly started from nothing although a
// checkpoint had completed: metadata does not survive the job manager, and the
// one that held it died.
func lostByDesign(e *Evidence, a *history.Attempt) bool {
	return !e.Facts.Durable && a.Restored == 0 && a.Empty != ""
}

func findAttempt(run *history.Run, number int) *history.Attempt {
	i := slices.IndexFunc(run.Attempts, func(a history.Attempt) bool { return a.Number == number })
	if i < 0 {
		return nil
	}
	return &run.Attempts[i]
}

// findCheckpoint returns nil for 0, which is no checkpoint.
func findCheckpoint(run *history.Run, id int64) *history.Checkpoint {
	if id == 0 {
		return nil
	}
	i := slices.IndexFunc(run.Checkpoints, func(c history.Checkpoint) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &run.Checkpoints[i]
}
