//go:build cgo && !norocksdb

package rocksdb

import "flinch/backends"

// fileSet is what a snapshot holds of the engine's table files, by their names:
// where their bytes are.
type fileSet map[string]backends.StreamHandle

// history is what an incremental snapshot may build on: the files of the last
// confirmed checkpoint, and those of newer ones that may still be confirmed. The
// sets are never changed once they are in here.
type history struct {
	id      backends.CheckpointID
	base    fileSet // of checkpoint id; nil: nothing is confirmed
	uploads map[backends.CheckpointID]fileSet
}

// confirmed makes checkpoint id the base if it is known. Known ones are newer than
// the base.
func (h *history) confirmed(id backends.CheckpointID) {
	files, known := h.uploads[id]
	if !known {
		return
	}
	h.id, h.base = id, files
	for other := range h.uploads {
		if other <= id {
			delete(h.uploads, other)
		}
	}
}

// uploaded notes what a snapshot that was written holds.
func (h *history) uploaded(id backends.CheckpointID, files fileSet) {
	if h.covers(id) {
		return
	}
	if h.uploads == nil {
		h.uploads = make(map[backends.CheckpointID]fileSet)
	}
	h.uploads[id] = files
}

// forget drops a checkpoint that will never be confirmed.
func (h *history) forget(id backends.CheckpointID) { delete(h.uploads, id) }

// covers tells whether the base is as new as checkpoint id.
func (h *history) covers(id backends.CheckpointID) bool { return h.base != nil && id <= h.id }

// reuse returns the handle of a file that the base has as well: same name, same
// size. A file on the storage is referred to by a placeholder; bytes that travel
// in a handle travel again.
func (f fileSet) reuse(name string, sizeBytes int64) (backends.StreamHandle, bool) {
	h, found := f[name]
	if !found || h.SizeBytes != sizeBytes {
		return backends.StreamHandle{}, false
	}
	h.Placeholder = h.Path != ""
	return h, true
}
