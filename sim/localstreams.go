package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	"flinch/backends"

	"github.com/cespare/xxhash/v2"
	"github.com/spf13/afero"
)

// localStreams are the checkpoint streams of one keyed instance, with local
// recovery: what goes to checkpoint storage is written to the machine's own disk as
// well, and what is restored comes from there if it is exact and whole. The copy is
// never what a checkpoint depends on: whatever goes wrong with it is passed over.
type localStreams struct {
	backends.CheckpointStreams
	s        *subtask
	copies   *localCopies
	operator string
	groups   backends.KeyGroupRange
	taking   map[int64]*localCopy
	known    map[string][]string // by path of a shared file: its copies, newest last
	source   *copyIndex          // of the copy to restore from; nil: there is none
	looked   bool
	used     int64 // streams that were read from it
	refused  bool
}

// localCopy is the copy of one snapshot that is being made.
type localCopy struct {
	l      *localStreams
	id     int64
	dir    string
	index  copyIndex
	number int
	failed bool
}

// withLocalCopies wraps the streams of one keyed operator; nil: without local
// recovery.
func (c *chain) withLocalCopies(operator int) *localStreams {
	if !c.w.cfg.Cluster.LocalRecovery {
		return nil
	}
	return &localStreams{
		CheckpointStreams: c.streams, s: &c.subtask, copies: c.tm.copies, operator: c.w.operators[operator],
		groups: backends.RangeOf(c.index, c.exec.parallelism, c.w.cfg.Job.MaxParallelism),
		taking: map[int64]*localCopy{}, known: map[string][]string{},
	}
}

// keyedStreams are the streams that a keyed operator restores from and writes to.
func (c *chain) keyedStreams(operator int) backends.CheckpointStreams {
	if c.copies[operator] = c.withLocalCopies(operator); c.copies[operator] != nil {
		return c.copies[operator]
	}
	return c.streams
}

// begin has the streams of a checkpoint copied from now on.
func (l *localStreams) begin(id int64) *localCopy {
	t := &localCopy{l: l, id: id, dir: copyDir(id, l.operator, l.s.index)}
	t.index = copyIndex{Checkpoint: id, Operator: l.operator, Subtask: l.s.index, KeyGroups: l.groups}
	l.taking[id] = t
	return t
}

// Create implements backends.CheckpointStreams.
func (l *localStreams) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	stream, err := l.CheckpointStreams.Create(ctx, id, scope)
	t := l.taking[int64(id)]
	if err != nil || t == nil {
		return stream, err
	}
	return &copiedStream{StreamWriter: stream, t: t}, nil
}

// copiedStream writes one stream twice. As long as it may travel in its handle,
// no file is made of it.
type copiedStream struct {
	backends.StreamWriter
	t       *localCopy
	pending []byte
	name    string
	file    afero.File
}

// Write implements io.Writer.
func (s *copiedStream) Write(p []byte) (int, error) {
	n, err := s.StreamWriter.Write(p)
	s.pending = append(s.pending, p[:n]...)
	if int64(len(s.pending)) > max(s.t.l.s.w.cfg.Storage.InlineThresholdBytes, int64(s.t.l.s.w.cfg.Storage.WriteBufferBytes)) {
		s.flush()
	}
	return n, err
}

func (s *copiedStream) flush() {
	if s.t.failed || len(s.pending) == 0 {
		return
	}
	var err error
	if s.file == nil {
		s.name = s.t.nextName()
		s.file, err = s.t.create(s.name)
	}
	if err == nil {
		_, err = s.file.Write(s.pending)
	}
	s.pending = s.pending[:0]
	s.t.check(err)
}

// CloseForHandle implements backends.StreamWriter. What travels in its handle
// needs no copy.
func (s *copiedStream) CloseForHandle() (backends.StreamHandle, error) {
	h, err := s.StreamWriter.CloseForHandle()
	if err != nil {
		return h, err
	}
	if h.Path != "" {
		s.flush()
	}
	s.close()
	if h.Path != "" && !s.t.failed {
		s.t.add(h, s.name)
	}
	return h, nil
}

// Abort implements backends.StreamWriter.
func (s *copiedStream) Abort() error {
	err := s.StreamWriter.Abort()
	s.close()
	return err
}

func (s *copiedStream) close() {
	if s.file != nil {
		s.t.check(s.file.Close())
		s.file = nil
	}
}

// nextName is deterministic.
func (t *localCopy) nextName() string {
	t.number++
	return strconv.Itoa(t.number)
}

func (t *localCopy) create(name string) (afero.File, error) {
	if t.l.copies.unwanted(t.id) {
		return nil, fmt.Errorf("checkpoint %d is over", t.id)
	}
	if err := t.l.copies.fs.MkdirAll(t.dir, 0o755); err != nil {
		return nil, err
	}
	return t.l.copies.fs.Create(path.Join(t.dir, name))
}

func (t *localCopy) add(h backends.StreamHandle, name string) {
	t.index.Files = append(t.index.Files, copiedFile{Path: h.Path, Name: name, SizeBytes: h.SizeBytes, Sum: h.Sum})
	if h.IsShared() {
		t.l.known[h.Path] = append(t.l.known[h.Path], path.Join(t.dir, name))
	}
}

// check gives the copy up if something went wrong with it.
func (t *localCopy) check(err error) {
	if err != nil && !t.failed {
		t.failed = true
		t.l.s.w.tell(t.l.s.p.m.id, t.id, "no local copy of checkpoint %d of %s: %v", t.id, t.l.s.of(t.l.operator), err)
	}
}

// commit makes the copy one that is restored from: every stream of the snapshot
// that it has, and its index last.
func (t *localCopy) commit(h backends.KeyedHandle) {
	delete(t.l.taking, t.id)
	for _, f := range h.Files {
		if f.Stream.Placeholder {
			t.link(f.Stream)
		}
	}
	if !t.failed && len(t.index.Files) == 0 {
		return // all of it travels in its handle
	}
	if !t.failed {
		t.check(t.writeIndex())
	}
	if t.failed || t.l.copies.unwanted(t.id) {
		t.drop()
		return
	}
	t.l.s.w.count(copiesWrittenCounter, 1)
}

// link takes a stream that an earlier checkpoint has written into the copy, if
// that one's copy is still there. What is not there is read from checkpoint storage.
func (t *localCopy) link(h backends.StreamHandle) {
	olds := t.l.known[h.Path]
	for len(olds) > 0 && !t.failed {
		old := olds[len(olds)-1]
		name := t.nextName()
		err := t.l.copies.fs.MkdirAll(t.dir, 0o755)
		if err == nil {
			err = t.l.copies.fs.Link(old, path.Join(t.dir, name))
		}
		if err == nil {
			t.l.known[h.Path] = olds
			t.add(h, name)
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.check(err)
			return
		}
		olds = olds[:len(olds)-1]
	}
	delete(t.l.known, h.Path)
}

func (t *localCopy) writeIndex() error {
	file, err := t.create(indexName)
	if err != nil {
		return err
	}
	_, err = file.Write(t.index.encode())
	return errors.Join(err, file.Close())
}

// drop removes what there is of a copy that will not be restored from.
func (t *localCopy) drop() {
	delete(t.l.taking, t.id)
	if t.failed {
		t.l.s.w.count(copiesFailedCounter, 1)
	}
	if t.number > 0 || t.failed {
		_ = t.l.copies.fs.RemoveAll(t.dir) // what is left goes when a later checkpoint completes
	}
}

// dropCopies gives up the copies of the snapshots that were not written.
func (a *async) dropCopies(wrote []bool) {
	for i, t := range a.local {
		if !wrote[i] {
			t.drop()
		}
	}
}

// Open implements backends.CheckpointStreams. It prefers the local copy.
func (l *localStreams) Open(ctx context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if h.Path != "" && ctx.Err() == nil {
		if data, ok := l.local(h); ok {
			l.used++
			return localReader{bytes.NewReader(data)}, nil
		}
	}
	return l.CheckpointStreams.Open(ctx, h)
}

// local reads a stream from the copy of the very checkpoint that is restored.
func (l *localStreams) local(h backends.StreamHandle) ([]byte, bool) {
	dir := copyDir(l.s.launch.restored, l.operator, l.s.index)
	if !l.looked {
		l.looked = true
		l.lookUp(dir)
	}
	f, ok := l.source.find(h.Path)
	if !ok {
		return nil, false
	}
	data, err := afero.ReadFile(l.copies.fs, path.Join(dir, f.Name))
	if err == nil {
		err = f.holds(h, data)
	}
	if err != nil {
		l.refuse(dir, err)
		return nil, false
	}
	if h.IsShared() {
		l.known[h.Path] = append(l.known[h.Path], path.Join(dir, f.Name))
	}
	return data, true
}

// lookUp reads the index of the copy.
func (l *localStreams) lookUp(dir string) {
	data, err := afero.ReadFile(l.copies.fs, path.Join(dir, indexName))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var x copyIndex
	if err == nil {
		x, err = decodeIndex(data)
	}
	if err == nil {
		err = x.belongs(l.s.launch.restored, l.operator, l.s.index)
	}
	switch {
	case err != nil:
		l.refuse(dir, err)
	case x.KeyGroups == l.groups: // of another parallelism it is no use
		l.source = &x
	}
}

// refuse leaves a copy alone that is not exactly what is restored, or not whole:
// it is deleted, and the rest comes from checkpoint storage.
func (l *localStreams) refuse(dir string, err error) {
	w, m := l.s.w, l.s.p.m
	l.source = nil
	if l.s.p.dead || l.refused {
		return
	}
	l.refused = true
	w.count(copiesRefusedCounter, 1)
	w.tell(m.id, l.s.launch.restored, "local copy of %s is refused: %v", l.s.of(l.operator), err)
	if !m.scathed {
		// Nothing has happened to that disk: the copy was made, kept or found wrongly.
		w.unexpected(m.id, l.s.launch.number, "restore "+l.s.of(l.operator)+" from its local copy", err)
	}
	_ = l.copies.fs.RemoveAll(dir) // what is left goes when a later checkpoint completes
}

// localReader reads a stream that came from a local copy.
type localReader struct{ *bytes.Reader }

// Close implements io.Closer.
func (localReader) Close() error { return nil }

// holds tells whether bytes are the stream that a handle names.
func (f copiedFile) holds(h backends.StreamHandle, data []byte) error {
	switch sum := xxhash.Sum64(data); {
	case f.SizeBytes != h.SizeBytes || f.Sum != h.Sum:
		return fmt.Errorf("file %s is a copy of another stream than %s", f.Name, h)
	case int64(len(data)) != h.SizeBytes:
		return fmt.Errorf("file %s has %d bytes, its handle says %d", f.Name, len(data), h.SizeBytes)
	case sum != h.Sum:
		return fmt.Errorf("file %s has checksum %#016x, its handle says %#016x", f.Name, sum, h.Sum)
	}
	return nil
}
