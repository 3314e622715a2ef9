package backendtest

import (
	"flinch/backends"
)

// Instance is an open instance and what tests do with one; errors end the test.
// Keys are numbers. Where the backend has background work, each call lets a step
// of it happen.
type Instance struct {
	backends.Keyed
	Params backends.KeyedParams
	t      TB
}

// Work lets the backend do a step of its background work, if it has any.
func (in *Instance) Work() {
	in.t.Helper()
	if m, ok := in.Keyed.(backends.Maintainer); ok && m.Backlog() > 0 {
		must(in.t, m.Maintain(background))
	}
}

// Use sets the current key.
func (in *Instance) Use(key int64) {
	in.t.Helper()
	in.Work()
	must(in.t, in.SetCurrentKey(backends.Int64Key(key)))
}

// Boxes returns the value state of boxes with that name.
func (in *Instance) Boxes(name string) backends.RawValue {
	in.t.Helper()
	return must2[backends.RawValue](in.t)(in.Value(Boxes(name, backends.ValueKind)))
}

// BoxList returns the list state of boxes with that name.
func (in *Instance) BoxList(name string) backends.RawList {
	in.t.Helper()
	return must2[backends.RawList](in.t)(in.List(Boxes(name, backends.ListKind)))
}

// BoxMap returns the map state of boxes with that name.
func (in *Instance) BoxMap(name string) backends.RawMap {
	in.t.Helper()
	return must2[backends.RawMap](in.t)(in.Map(Boxes(name, backends.MapKind)))
}

// Folding returns the reducing or aggregating state that d describes.
func (in *Instance) Folding(d backends.Descriptor) backends.RawMerging {
	in.t.Helper()
	if d.Kind == backends.ReducingKind {
		return must2[backends.RawMerging](in.t)(in.Reducing(d))
	}
	return must2[backends.RawMerging](in.t)(in.Aggregating(d))
}

// Queue returns the queue of timers of that name.
func (in *Instance) Queue(name string) backends.RawTimers {
	in.t.Helper()
	return must2[backends.RawTimers](in.t)(in.Timers(name))
}

// Put stores a box in a value state.
func (in *Instance) Put(name string, key, n int64) {
	in.t.Helper()
	s := in.Boxes(name)
	in.Use(key)
	must(in.t, s.Update(&Box{N: n}))
}

// Read returns the number in a value state's box, or -1.
func (in *Instance) Read(name string, key int64) int64 {
	in.t.Helper()
	s := in.Boxes(name)
	in.Use(key)
	got, err := s.Get()
	must(in.t, err)
	if got == nil {
		return -1
	}
	return got.(*Box).N
}

// Dump returns all entries as lines.
func (in *Instance) Dump() []string {
	in.t.Helper()
	in.Work()
	var lines []string
	all := backends.KeyGroupRange{Start: 0, End: in.Params.MaxParallelism - 1}
	must(in.t, in.Entries(all, func(e backends.Entry) error {
		lines = append(lines, line(e))
		return nil
	}))
	return lines
}

// Take is the synchronous phase of a snapshot.
func (in *Instance) Take(id backends.CheckpointID) backends.Pending {
	in.t.Helper()
	return in.take(id, backends.SnapshotOptions{})
}

// TakeFull is Take for a snapshot with every byte anew.
func (in *Instance) TakeFull(id backends.CheckpointID) backends.Pending {
	in.t.Helper()
	return in.take(id, backends.SnapshotOptions{Full: true})
}

func (in *Instance) take(id backends.CheckpointID, o backends.SnapshotOptions) backends.Pending {
	in.t.Helper()
	in.Work()
	return must2[backends.Pending](in.t)(in.Snapshot(id, o))
}

// OwnKeys returns the first n keys of the instance's range.
func (in *Instance) OwnKeys(n int) []int64 {
	var keys []int64
	for k := int64(0); len(keys) < n; k++ {
		if in.Params.KeyGroups.Contains(backends.KeyGroup(backends.Int64Key(k).Hash, in.Params.MaxParallelism)) {
			keys = append(keys, k)
		}
	}
	return keys
}
