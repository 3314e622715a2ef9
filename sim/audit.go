package sim

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"flinch/backends"
	"flinch/checks"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// Auditors are fresh instances of the backend on a clone of the disks, opened
// from the handles that a restore gets. They dump what is there and are thrown
// away: no hook sees them, no fault strikes them, and the live instances are not
// touched.

// auditSite is what to audit, and how it is to be restored.
type auditSite struct {
	kind        checks.AuditKind
	metadata    checkpoint.Metadata
	attempt     int
	parallelism int
	sources     int
}

// auditChance is the share of completed checkpoints that are audited: one in so
// many.
const auditChance = 4

// auditCompleted audits some of the checkpoints that complete.
func (w *world) auditCompleted(m checkpoint.Metadata) {
	who := actor(actorAudit, int(m.ID), 0, 0)
	if w.draw(who, purposeAudit, auditChance-1) == 0 {
		w.audit(auditSite{kind: checks.AtCompleted, metadata: m, attempt: m.Attempt, parallelism: m.Parallelism, sources: len(operatorOf(m, sourceName).Subtasks)})
	}
}

// audit dumps a checkpoint into the evidence.
func (w *world) audit(at auditSite) {
	id := int64(at.metadata.ID)
	kept := w.cuts[id]
	a := checks.Audit{
		Kind: at.kind, Step: w.step(), Now: w.milliseconds(), Checkpoint: id, Attempt: at.attempt, Parallelism: at.parallelism, Sources: at.sources,
	}
	clone := w.machines[history.Storage].disk.Image().Crash(disk.Strict, nil)
	streams, err := w.newStorage(nil, clone, "")
	if err != nil {
		panic(fmt.Sprintf("sim: checkpoint storage of a checked configuration: %v", err))
	}
	p := w.distribute(at.metadata, at.parallelism, at.sources)
	for i := range w.operators {
		k := checks.KeyedAudit{Operator: i, Expected: kept.expected(w, i), Dumps: make([]history.Dump, 0, at.parallelism)}
		for n := range at.parallelism {
			k.Dumps = append(k.Dumps, w.auditKeyed(at, kept, keyedSite{
				operator: i, subtask: n, parallelism: at.parallelism, attempt: at.attempt,
				local: disk.New(nil, disk.Options{}), streams: streams, restore: p.keyed[i][n],
				who: actor(actorAudit, len(w.audits)+1, n, i),
			}))
		}
		w.countAudited(at.kind, k.Dumps)
		a.Keyed = append(a.Keyed, k)
	}
	a.Lists = kept.auditLists(p, streams)
	a.Channels = w.auditChannels(at.metadata, streams)
	w.operations += kept.credit()
	w.audits = append(w.audits, a)
	w.run.Counters["audits"]++
}

func (w *world) countAudited(kind checks.AuditKind, dumps []history.Dump) {
	for _, d := range dumps {
		w.run.Counters["audited_entries"] += int64(len(d.Entries))
		if kind == checks.AtRestore {
			w.run.Counters["audited_restore_entries"] += int64(len(d.Entries))
		}
	}
}

// auditKeyed dumps one subtask of a keyed operator.
func (w *world) auditKeyed(at auditSite, kept *cut, s keyedSite) (d history.Dump) {
	p := w.keyedParams(s)
	d = history.Dump{Subtask: s.subtask, First: p.KeyGroups.Start, Last: p.KeyGroups.End}
	defer func() {
		// Nothing yields here, so this is no kill: the backend panicked.
		if value := recover(); value != nil {
			d.Error = fmt.Sprintf("panic: %v, in %s", value, strings.Join(framesOf(string(debug.Stack())), "; "))
		}
	}()
	k, err := openKeyed(context.Background(), w, s.operator, p)
	if err == nil {
		defer func() {
			if err := k.backend.Close(); err != nil && d.Error == "" {
				d.Error = err.Error()
			}
		}()
		err = k.searchInto(&d, &p)
		// What a job restores is dumped as the job sees it, with its states
		// registered; elsewhere as the backend brought it back.
		if err == nil && at.kind == checks.AtRestore {
			err = k.registerAll()
		}
		if err == nil {
			err = w.dump(k, p.KeyGroups, &d)
		}
	}
	if err == nil {
		err = w.readAbsent(k, kept, &d)
	}
	if err != nil {
		d.Error = err.Error()
	}
	return d
}

func (w *world) dump(k *keyed, groups backends.KeyGroupRange, d *history.Dump) error {
	w.scratch.entries, w.scratch.values = w.scratch.entries[:0], w.scratch.values[:0]
	err := k.backend.Entries(backends.KeyGroupRange{Start: 0, End: w.cfg.Job.MaxParallelism - 1}, func(e backends.Entry) error {
		stamp, err := k.unstamp(&e)
		if err != nil {
			return err
		}
		w.scratch.entries = append(w.scratch.entries, model.Entry{
			State: e.State, Group: e.Group, Key: w.keyName(e.Key), Namespace: e.Namespace,
			UserKey: e.UserKey, Index: e.Index, Stamp: stamp,
		})
		w.scratch.values = append(w.scratch.values, e.Value...)
		w.scratch.ends = append(w.scratch.ends[:len(w.scratch.entries)-1], len(w.scratch.values))
		return nil
	})
	d.Entries = w.scratch.take()
	if err != nil {
		return fmt.Errorf("list entries of key groups %s: %w", groups, err)
	}
	return nil
}

// dumpScratch gathers the entries of a dump: their values in one buffer, so that
// an entry costs no allocation of its own.
type dumpScratch struct {
	entries []model.Entry
	values  []byte
	ends    []int // by entry: where its value ends
}

func (s *dumpScratch) take() []model.Entry {
	values, begin := string(s.values), 0
	for i := range s.entries {
		s.entries[i].Value = values[begin:s.ends[i]]
		begin = s.ends[i]
	}
	return slices.Clone(s.entries)
}

// keyName turns an encoded key back into the case's key. One that the case does
// not have is shown as it is.
func (w *world) keyName(encoded string) string {
	if i, ok := w.job.byEncoded[encoded]; ok {
		return w.cfg.Job.Keys[i]
	}
	return fmt.Sprintf("unknown key %q", encoded)
}

// readAbsent reads every key that the case has touched and that the checkpoint
// does not hold: it must be absent for readers, too.
func (w *world) readAbsent(k *keyed, kept *cut, d *history.Dump) error {
	for key, touched := range w.touched {
		group := w.job.groups[key]
		if !touched || group < d.First || group > d.Last || kept.has(k.index, key) {
			continue
		}
		if !k.registered {
			if err := k.registerAll(); err != nil {
				return err
			}
		}
		if err := k.backend.SetCurrentKey(w.job.keys[key]); err != nil {
			return fmt.Errorf("set current key %q: %w", w.cfg.Job.Keys[key], err)
		}
		d.AbsentRead++
		if err := k.ghosts(w.cfg.Job.Keys[key], d); err != nil {
			return err
		}
	}
	return nil
}

// ghosts reads every state under the current key.
func (k *keyed) ghosts(key string, d *history.Dump) error {
	for i := range k.specs {
		for namespace := range k.specs[i].Width() {
			k.enter(i, namespace)
			present, err := k.present(i)
			if err != nil {
				return fmt.Errorf("read state %q, key %q: %w", k.specs[i].Name, key, err)
			}
			if present {
				d.Ghosts = append(d.Ghosts, fmt.Sprintf("%s%s[%q]", k.specs[i].Name, atNamespace(namespace), key))
			}
		}
	}
	return nil
}

// present tells whether a state holds anything under the current key.
func (k *keyed) present(i int) (bool, error) {
	switch k.specs[i].Kind {
	case model.Value:
		v, err := k.values[i].Get()
		byDefault := len(k.specs[i].Default) > 0 && slices.Equal(appendWordsOf(nil, v), k.specs[i].Default)
		return v != nil && !byDefault, err
	case model.List:
		list, err := k.lists[i].Get()
		return len(list) > 0, err
	case model.Reducing, model.Aggregating:
		v, err := k.merging[i].Get()
		return v != nil, err
	}
	if k.specs[i].Kind == model.Timers {
		return false, nil // they cannot be looked at one by one: dumps show them
	}
	empty, err := k.maps[i].IsEmpty()
	return !empty, err
}
