package sim

import (
	"fmt"

	"flinch/backends"
	"flinch/checks"
	"flinch/model/history"
)

// Right after a restore the store itself is searched for key groups of others: an
// instance may hide them from every reader and listing, and bring them back when it
// is restored at another parallelism.

// foreign returns what the backend's store holds of other subtasks' key groups, if
// the backend can tell. It is asked before the first record.
func (k *keyed) foreign(p *backends.KeyedParams) ([]backends.ForeignGroup, error) {
	s, ok := k.backend.(backends.Searcher)
	if !ok || len(p.Restore) == 0 {
		return nil, nil
	}
	groups, err := s.ForeignGroups()
	k.survive()
	if err != nil {
		return nil, fmt.Errorf("search the store of operator %s, subtask %d: %w", p.Operator, p.Subtask, err)
	}
	k.w.count(checks.SearchedCounter, 1)
	return groups, nil
}

// search writes down what the store of a live instance holds of others.
func (k *keyed) search(p *backends.KeyedParams) error {
	groups, err := k.foreign(p)
	w := k.w
	for _, g := range groups {
		w.tell(k.machine, 0, "FOREIGN KEY GROUP %d in the store of %s %d, state %s", g.Group, k.name(), k.subtask, g.State)
		if len(w.run.Foreign) >= mismatchesMax {
			continue
		}
		w.run.Foreign = append(w.run.Foreign, history.Foreign{
			Step: w.step(), Machine: k.machine, Attempt: k.attempt, Operator: k.name(), Subtask: k.subtask,
			First: p.KeyGroups.Start, Last: p.KeyGroups.End, State: g.State, Group: g.Group, Checkpoint: w.exec.restored,
		})
	}
	return err
}

// searchInto adds what the store of an auditor's instance holds of others to its
// dump.
func (k *keyed) searchInto(d *history.Dump, p *backends.KeyedParams) error {
	groups, err := k.foreign(p)
	for _, g := range groups {
		d.Foreign = append(d.Foreign, fmt.Sprintf("group %d of %s", g.Group, g.State))
	}
	return err
}
