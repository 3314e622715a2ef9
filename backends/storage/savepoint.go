package storage

import (
	"path"
	"strconv"

	"flinch/backends"
)

// savepointsName is the folder of savepoints, beside those of the jobs: a savepoint
// is the user's, and outlives the job that it was taken of.
const savepointsName = "savepoints"

// SavepointDir is the folder of savepoint id. Everything of it is in there, so that
// it can be moved and deleted as a whole.
func (f *Filesystem) SavepointDir(id backends.CheckpointID) string {
	return path.Join(path.Dir(f.base), savepointsName, "savepoint-"+strconv.FormatInt(int64(id), 10))
}

// Savepoint implements Storage.
func (f *Filesystem) Savepoint(id backends.CheckpointID) {
	if f.savepoints == nil {
		f.savepoints = map[backends.CheckpointID]bool{}
	}
	f.savepoints[id] = true
}

// makeSavepoints makes the folder of all savepoints.
func (f *Filesystem) makeSavepoints(id backends.CheckpointID) error {
	if !f.savepoints[id] {
		return nil
	}
	return makeDir(f.fs, path.Dir(f.SavepointDir(id)))
}

// Savepoint implements Storage. In memory a savepoint has no place of its own.
func (m *Memory) Savepoint(id backends.CheckpointID) {
	if m.durable != nil {
		m.durable.Savepoint(id)
	}
}

// Savepoint implements Storage.
func (o *ObjectStore) Savepoint(id backends.CheckpointID) { o.names.Savepoint(id) }
