package sim

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"

	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// The recount of the storage folder, at the end of a drained run: what the retained
// metadata names is counted anew, from the bytes on storage, without the coordinator's
// book of shared files and without the harness' own.

const (
	recountsCounter      = "storage_recounts"
	recountsExactCounter = "storage_recounts_exact"
	sharedOfFiveCounter  = "shared_files_of_five"
)

// sharedOfFive is from how many checkpoints up a shared file is counted.
const sharedOfFive = 5

// recount compares what retained metadata names with what is on storage.
func (w *world) recount() {
	if !w.cfg.durable() {
		return
	}
	r := &history.Recount{Retained: slices.Clone(w.files.root)}
	w.run.Recount = r
	named, err := w.namedFiles(r)
	if err != nil {
		r.Error = err.Error()
		return
	}
	for f := range w.machines[history.Storage].disk.Files() {
		switch {
		case named[f.Path]:
		case len(w.files.needed[f.Path]) > 0 && !w.files.stored(f.Path):
			r.Others++
		default:
			r.Unnamed = append(r.Unnamed, f.Path)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if _, err := w.machines[history.Storage].disk.File(name); err != nil {
			r.Missing = append(r.Missing, name)
		}
		if !w.files.stored(name) {
			r.Unlogged = append(r.Unlogged, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.files.needed)) {
		if w.files.stored(name) && !named[name] {
			r.Unlogged = append(r.Unlogged, name)
		}
	}
	w.count(recountsCounter, 1)
	if r.Exact() {
		w.count(recountsExactCounter, 1)
	}
}

// namedFiles reads the metadata of the retained checkpoints back and lists the files
// that it names, itself included.
func (w *world) namedFiles(r *history.Recount) (map[string]bool, error) {
	clone := w.machines[history.Storage].disk.Image().Crash(disk.Strict, nil)
	streams, err := w.newStorage(nil, clone, "")
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, c := range w.leader.store.Retained() {
		data, err := streams.ReadMetadata(context.Background(), c.Location)
		if err != nil {
			return nil, err
		}
		m, err := checkpoint.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Location, err)
		}
		named[path.Join(c.Location, "_metadata")] = true
		for h := range m.Streams() {
			if h.Path == "" {
				continue
			}
			if name := path.Clean(h.Path); !named[name] {
				named[name] = true
				if h.IsShared() {
					r.Shared++
				}
			}
		}
	}
	r.Named = len(named)
	return named, nil
}

// sharedBy notes which shared files a checkpoint names that has just been published.
func (l *fileLog) sharedBy(id int64) {
	seen := map[string]bool{}
	for _, m := range l.owners[storedOwner(id)] {
		if !m.shared || seen[m.path] {
			continue
		}
		seen[m.path] = true
		f := l.shared[m.path]
		if f == nil {
			f = &history.SharedFile{Path: m.path, First: id}
			l.shared[m.path] = f
		}
		f.Last, f.Gone = id, 0
		if f.Checkpoints++; f.Checkpoints == sharedOfFive {
			l.w.count(sharedOfFiveCounter, 1)
		}
	}
}

// sharedNoMore notes that a checkpoint which named these files is let go of.
func (l *fileLog) sharedNoMore(members []member) {
	for _, m := range members {
		if f := l.shared[m.path]; f != nil && f.Gone == 0 && !l.stored(m.path) {
			f.Gone = l.w.step()
		}
	}
}

func (l *fileLog) sharedDeleted(name string) {
	if f := l.shared[name]; f != nil && f.Deleted == 0 {
		f.Deleted = l.w.step()
	}
}

// sharedFiles lists the shared files that completed checkpoints named, by path.
func (l *fileLog) sharedFiles() []history.SharedFile {
	var list []history.SharedFile
	for _, name := range slices.Sorted(maps.Keys(l.shared)) {
		list = append(list, *l.shared[name])
	}
	return list
}
