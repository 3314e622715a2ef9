package checkpoint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flinch/backends"
)

// ErrUnknownState is wrapped by errors about a place-holder for a file that the
// coordinator does not know, or does not know any more.
var ErrUnknownState = errors.New("unknown shared state")

// SharedState is the coordinator's book of the files that several checkpoints may
// name: Flink's SharedStateRegistry as it has been since 1.15. It counts no
// references: each file knows the last checkpoint that used it, and can go once
// every checkpoint up to that one is gone.
//
// It lives in the job manager's memory and is made anew from the retained
// checkpoints: see NewSharedState. It does no I/O: the caller deletes what Unused
// returns.
type SharedState struct {
	files map[string]*sharedFile // by path
}

// sharedFile is a file of the book.
type sharedFile struct {
	handle    backends.StreamHandle
	used      backends.CheckpointID // the newest checkpoint that names it
	unclaimed bool                  // the job does not own it
}

// NewSharedState returns a book of what the retained checkpoints name.
func NewSharedState(retained []Completed) *SharedState {
	s := &SharedState{files: map[string]*sharedFile{}}
	for _, c := range retained {
		for h := range c.Metadata.Streams() {
			if h.IsShared() {
				s.note(c.ID, h)
				f := s.files[h.Path]
				f.unclaimed = f.unclaimed || c.Unclaimed
			}
		}
	}
	return s
}

// Reset makes the book anew, of what is retained after the job was begun again, and
// returns the files that were in it and are not any more, for the caller to delete.
func (s *SharedState) Reset(retained []Completed) []backends.StreamHandle {
	before := s.files
	s.files = NewSharedState(retained).files
	var unused []backends.StreamHandle
	for name, f := range before { //tidy:anyorder sorted below
		if s.files[name] == nil && !f.unclaimed {
			unused = append(unused, f.handle)
		}
	}
	return sorted(unused)
}

func sorted(list []backends.StreamHandle) []backends.StreamHandle {
	slices.SortFunc(list, func(a, b backends.StreamHandle) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// Register takes over what a subtask's acknowledgement of a checkpoint names. It
// is called on every acknowledgement, late ones included: from then on the files
// are the coordinator's, whatever becomes of the checkpoint. What is returned has
// the registered handles in the place of place-holders; state itself is not
// changed.
//
// A place-holder that is not known is an error that wraps ErrUnknownState, and
// nothing is registered: the file may be deleted by now, and the checkpoint must
// not complete. So is a file that is known with other bytes.
func (s *SharedState) Register(id backends.CheckpointID, state Subtask) (Subtask, error) {
	for h := range state.Streams() {
		if f := s.files[h.Path]; h.Placeholder && (f == nil || f.unclaimed) {
			return Subtask{}, fmt.Errorf("register state of checkpoint %d: place-holder for %s: %w", id, h.Path, ErrUnknownState)
		}
		if f := s.files[h.Path]; f != nil && !h.Placeholder && (f.handle.SizeBytes != h.SizeBytes || f.handle.Sum != h.Sum) {
			return Subtask{}, fmt.Errorf("register state of checkpoint %d: %s is registered with other bytes: %w", id, h.Path, ErrUnknownState)
		}
	}
	state.Keyed = slices.Clone(state.Keyed)
	for i := range state.Keyed {
		files := slices.Clone(state.Keyed[i].Files)
		for n, f := range files {
			if f.Stream.IsShared() {
				files[n].Stream = s.note(id, f.Stream)
			}
		}
		state.Keyed[i].Files = files
	}
	return state, nil
}

// note writes down that a checkpoint names a file and returns its handle.
func (s *SharedState) note(id backends.CheckpointID, h backends.StreamHandle) backends.StreamHandle {
	f := s.files[h.Path]
	if f == nil {
		f = &sharedFile{handle: h}
		s.files[h.Path] = f
	}
	f.used = max(f.used, id)
	return f.handle
}

// Unused strikes out the files that no checkpoint from lowest on has named, and
// returns them in the order of their paths, for the caller to delete. lowest is
// the oldest checkpoint that is retained, or may be.
func (s *SharedState) Unused(lowest backends.CheckpointID) []backends.StreamHandle {
	var unused []backends.StreamHandle
	for name, f := range s.files { //tidy:anyorder sorted below
		if f.used < lowest && !f.unclaimed {
			unused = append(unused, f.handle)
			delete(s.files, name)
		}
	}
	return sorted(unused)
}
