package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/afero"

	"flinch/backends"
	"flinch/backends/storage"
)

// lifecycle takes checkpoints one after another, each with an exclusive and
// a shared state file, on a disk that may fail or lose power, and keeps what it promised.
type lifecycle struct {
	fs       backends.FS
	attempt  int
	lo       backends.CheckpointID // newest that was reported complete
	hi       backends.CheckpointID // newest whose publishing write was issued
	used     backends.CheckpointID // highest id handed out
	failures []error
}

const retainedMax = 1

// open recovers from fsys alone, as a new process does.
func open(fsys backends.FS, writer string) (*Store, *storage.Filesystem, error) {
	st, err := storage.NewFilesystem(storage.FilesystemParams{FS: fsys, Root: "/checkpoints", JobID: "job", Writer: writer})
	if err != nil {
		return nil, nil, err
	}
	s, err := Open(ctx, Params{Pointer: NewFilePointer(fsys, "/checkpoints/completed"), Storage: st, RetainedMax: retainedMax})
	return s, st, err
}

// run opens the store, trying again as a job manager does, and takes n
// checkpoints. What it restored from is a promise, too: the sink has committed
// because of it.
func (l *lifecycle) run(n int) {
	for range 3 {
		l.attempt++
		s, st, err := open(l.fs, fmt.Sprintf("a%d", l.attempt))
		var restored Completed
		if err == nil {
			restored, _, err = s.Latest(ctx)
		}
		if err != nil {
			l.failures = append(l.failures, err)
			continue
		}
		l.lo = max(l.lo, restored.ID)
		for range n {
			if err := l.checkpoint(s, st); err != nil {
				l.failures = append(l.failures, err)
			}
		}
		return
	}
}

func (l *lifecycle) checkpoint(s *Store, st *storage.Filesystem) error {
	id, err := s.NextID(ctx)
	if err != nil {
		return err
	}
	if id <= l.used {
		return fmt.Errorf("id %d is handed out after %d", id, l.used)
	}
	l.used = id
	m, location, err := l.write(st, id)
	if err != nil {
		return errors.Join(err, discard(st, m))
	}
	l.hi = id
	released, err := s.Add(ctx, m, location)
	if errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	if err != nil {
		return errors.Join(err, discard(st, m))
	}
	l.lo = id
	for _, c := range released {
		err = errors.Join(err, discard(st, c.Metadata))
	}
	return err
}

func content(id backends.CheckpointID) string { return fmt.Sprintf("state of checkpoint %d", id) }

func (l *lifecycle) write(st *storage.Filesystem, id backends.CheckpointID) (Metadata, string, error) {
	m := Metadata{ID: id, Attempt: l.attempt}
	if err := st.Initialize(ctx, id); err != nil {
		return m, "", err
	}
	var keyed backends.KeyedHandle
	for _, scope := range []backends.Scope{backends.Exclusive, backends.Shared} {
		h, err := writeState(st, id, scope)
		if err != nil {
			return m, "", err // the shared stream comes last: nothing of it is there
		}
		keyed.Files = append(keyed.Files, backends.FileHandle{Stream: h})
	}
	m.Operators = []Operator{{Subtasks: []Subtask{{Keyed: []backends.KeyedHandle{keyed}}}}}
	location, err := st.Publish(ctx, id, Encode(m))
	return m, location, err
}

func writeState(st *storage.Filesystem, id backends.CheckpointID, scope backends.Scope) (backends.StreamHandle, error) {
	w, err := st.Create(ctx, id, scope)
	if err != nil {
		return backends.StreamHandle{}, err
	}
	if _, err := w.Write([]byte(content(id))); err != nil {
		return backends.StreamHandle{}, errors.Join(err, w.Abort())
	}
	return w.CloseForHandle()
}

// discard deletes all files of a checkpoint.
func discard(st *storage.Filesystem, m Metadata) error {
	err := st.DiscardCheckpoint(ctx, m.ID)
	for h := range m.Streams() {
		if h.Scope == backends.Shared {
			err = errors.Join(err, st.Discard(ctx, h))
		}
	}
	return err
}

// promise is what must hold after a crash at some moment.
type promise struct{ lo, hi, used backends.CheckpointID }

func (l *lifecycle) promise() promise { return promise{l.lo, l.hi, l.used} }

// verify recovers from fsys and tells how the promise is broken.
func (p promise) verify(fsys backends.FS) error {
	s, st, err := open(fsys, "verifier")
	if err != nil {
		return err
	}
	c, _, err := s.Latest(ctx)
	if err != nil {
		return err
	}
	if c.ID < p.lo || c.ID > p.hi {
		return fmt.Errorf("found checkpoint %d, want one in [%d, %d]", c.ID, p.lo, p.hi)
	}
	for _, c := range s.Retained() {
		if err := readable(st, c); err != nil {
			return fmt.Errorf("retained checkpoint %d: %w", c.ID, err)
		}
	}
	id, err := s.NextID(ctx)
	if err == nil && id <= p.used {
		err = fmt.Errorf("id %d is handed out again after %d", id, p.used)
	}
	return errors.Join(err, p.verifyScan(st))
}

// verifyScan does without the pointer.
func (p promise) verifyScan(st *storage.Filesystem) error {
	c, found, passed, err := Newest(ctx, st)
	switch {
	case err != nil:
		return err
	case found && readable(st, c) != nil:
		return fmt.Errorf("scan: checkpoint %d: %w", c.ID, readable(st, c))
	case !found && p.lo > 0 || c.ID < p.lo || c.ID > p.used:
		return fmt.Errorf("scan: checkpoint %d, want one in [%d, %d]; passed over %v", c.ID, p.lo, p.used, passed)
	}
	return nil
}

func readable(st *storage.Filesystem, c Completed) error {
	for h := range c.Metadata.Streams() {
		if h.IsEmpty() {
			continue
		}
		r, err := st.Open(ctx, h)
		if err != nil {
			return err
		}
		data, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
		if string(data) != content(c.ID) {
			return fmt.Errorf("%s holds %q", h.Path, data)
		}
	}
	return nil
}

// leftOver lists the files and folders that no retained checkpoint needs.
func leftOver(fsys backends.FS, s *Store, st *storage.Filesystem) (string, error) {
	needed := map[string]bool{
		"/": true, "/checkpoints": true, "/checkpoints/completed": true, "/checkpoints/job": true,
		st.SharedDir(): true, st.TaskOwnedDir(): true,
	}
	for _, c := range s.Retained() {
		needed[st.CheckpointDir(c.ID)] = true
		needed[st.CheckpointDir(c.ID)+"/_metadata"] = true
		for h := range c.Metadata.Streams() {
			needed[h.Path] = true
		}
	}
	var left []string
	err := afero.Walk(fsys, "/", func(name string, _ fs.FileInfo, err error) error {
		if !needed[name] {
			left = append(left, name)
		}
		return err
	})
	return strings.Join(left, " "), err
}
