//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/afero"

	"flinch/backends"
)

// tableSuffix ends the names of table files. They never change, so that
// checkpoints may share them.
const tableSuffix = ".sst"

// upload is the asynchronous phase of one snapshot.
type upload struct {
	*pending
	ctx     context.Context
	chunk   []byte
	streams *[]backends.StreamHandle // written so far
}

// with returns the upload as one of several transfers has it.
func (u *upload) with(ctx context.Context) *upload {
	return &upload{pending: u.pending, ctx: ctx, chunk: make([]byte, len(u.chunk)), streams: u.streams}
}

// Write uploads the files that the base does not have. The task may run whenever
// a piece is read or goes out.
func (p *pending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	defer p.release()
	handle, err := p.write(ctx)
	if err != nil {
		params := &p.s.params
		return backends.KeyedHandle{}, fmt.Errorf("write checkpoint %d of %s/%d: %w", p.id, params.Operator, params.Subtask, err)
	}
	return handle, nil
}

func (p *pending) write(ctx context.Context) (handle backends.KeyedHandle, err error) {
	if err := p.check(ctx); err != nil {
		return handle, err
	}
	if err := p.s.usable(); err != nil {
		return handle, err
	}
	if p.started {
		return handle, errStarted
	}
	p.started = true
	u := &upload{pending: p, ctx: ctx, chunk: make([]byte, p.s.tuning.chunkBytes), streams: new([]backends.StreamHandle)}
	done := false
	// Deferred, since a task may also be killed at any step, which unwinds it.
	defer func() { _ = p.removeFolder() }()
	defer func() {
		if !done {
			err = errors.Join(err, u.discard())
		}
	}()
	files, err := u.files()
	if err != nil {
		return handle, err
	}
	table, err := u.table()
	if err != nil {
		return handle, err
	}
	// A folder that stays behind harms no one.
	_ = p.removeFolder()
	if err := p.check(ctx); err != nil {
		return handle, err
	}
	done = true
	p.remember(files)
	return backends.KeyedHandle{
		Backend:    backendName,
		Format:     format,
		Checkpoint: p.id,
		KeyGroups:  p.s.params.KeyGroups,
		Stream:     table,
		Files:      files,
	}, nil
}

// remember keeps what the snapshot holds, for it may be confirmed.
func (p *pending) remember(files []backends.FileHandle) {
	if !p.aborted {
		p.s.history.uploaded(p.id, tableFiles(files))
	}
}

// tableFiles are those of the files that checkpoints share.
func tableFiles(files []backends.FileHandle) fileSet {
	set := make(fileSet)
	for _, f := range files {
		if strings.HasSuffix(f.Name, tableSuffix) && f.Stream.Scope == backends.Shared {
			h := f.Stream
			h.Placeholder = false
			set[f.Name] = h
		}
	}
	return set
}

// run is what runs transfers.
func (s *store) run() backends.Runner {
	if s.params.Transfers == nil {
		return backends.OneByOne
	}
	return s.params.Transfers
}

// files uploads what is in the folder, in the order of the names.
func (u *upload) files() ([]backends.FileHandle, error) {
	infos, err := u.list()
	if err != nil {
		return nil, err
	}
	files := make([]backends.FileHandle, len(infos))
	err = u.s.run()(u.ctx, len(infos), func(ctx context.Context, i int) (err error) {
		name := infos[i].Name()
		files[i].Name = name
		if files[i].Stream, err = u.with(ctx).file(name, infos[i].Size()); err != nil {
			return fmt.Errorf("upload %s: %w", name, err)
		}
		return nil
	})
	return files, err
}

func (u *upload) list() ([]fs.FileInfo, error) {
	dir, err := u.s.files.Open(u.dir)
	if err != nil {
		return nil, u.local(err)
	}
	infos, err := dir.Readdir(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return nil, u.local(err)
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return infos, u.check(u.ctx)
}

// file returns the handle of a file that the base has, or uploads it.
func (u *upload) file(name string, sizeBytes int64) (backends.StreamHandle, error) {
	if !strings.HasSuffix(name, tableSuffix) {
		return u.send(name, sizeBytes, backends.Exclusive)
	}
	if h, found := u.base.reuse(name, sizeBytes); found {
		return h, nil
	}
	return u.send(name, sizeBytes, backends.Shared)
}

// send uploads the bytes of a file.
func (u *upload) send(name string, sizeBytes int64, scope backends.Scope) (h backends.StreamHandle, err error) {
	file, err := u.s.files.Open(path.Join(u.dir, name))
	if err != nil {
		return h, u.local(err)
	}
	defer func() {
		if failed := file.Close(); failed != nil {
			err = errors.Join(err, u.local(failed))
		}
	}()
	return u.stream(scope, func(w io.Writer) error { return u.copy(w, file, sizeBytes) })
}

// copy hands over a file's bytes in pieces.
func (u *upload) copy(w io.Writer, file afero.File, sizeBytes int64) error {
	for offset := int64(0); offset < sizeBytes; {
		piece := u.chunk[:min(int64(len(u.chunk)), sizeBytes-offset)]
		n, err := file.ReadAt(piece, offset)
		if n == 0 {
			if err == nil {
				err = io.ErrNoProgress
			}
			return u.local(fmt.Errorf("read %d bytes at %d of %d: %w", len(piece), offset, sizeBytes, err))
		}
		if err := u.check(u.ctx); err != nil {
			return err
		}
		if err := u.put(w, piece[:n]); err != nil {
			return err
		}
		offset += int64(n)
	}
	return nil
}

func (u *upload) put(w io.Writer, piece []byte) error {
	n, err := w.Write(piece)
	if err == nil && n != len(piece) {
		err = fmt.Errorf("stream took %d of %d bytes and gave no error", n, len(piece))
	}
	return errors.Join(err, u.check(u.ctx))
}

// table writes the description of the states.
func (u *upload) table() (backends.StreamHandle, error) {
	h, err := u.stream(backends.Exclusive, func(w io.Writer) error {
		for rest := u.pending.table; len(rest) > 0; {
			n := min(len(u.chunk), len(rest))
			if err := u.put(w, rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("write the table of states: %w", err)
	}
	return h, nil
}

// stream makes one checkpoint stream of what fill writes.
func (u *upload) stream(scope backends.Scope, fill func(io.Writer) error) (h backends.StreamHandle, err error) {
	w, err := u.s.params.Storage.Create(u.ctx, u.id, scope)
	if err != nil {
		return h, err
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, w.Abort())
		}
	}()
	if err := u.check(u.ctx); err != nil {
		return h, err
	}
	if err := fill(w); err != nil {
		return h, err
	}
	if h, err = w.CloseForHandle(); err != nil {
		return backends.StreamHandle{}, err
	}
	done = true
	*u.streams = append(*u.streams, h)
	return h, u.check(u.ctx)
}

// local judges an error of the linked files. They are the engine's own, so that
// the instance is broken, unless they are gone because nobody wants them.
func (u *upload) local(err error) error {
	if u.s.closed || u.released {
		return errors.Join(u.check(u.ctx), err)
	}
	return u.s.fail(err)
}

// discard deletes what was uploaded, and nothing of what other checkpoints
// uploaded.
func (u *upload) discard() error {
	var errs []error
	for _, h := range *u.streams {
		errs = append(errs, u.s.params.Storage.Discard(context.WithoutCancel(u.ctx), h))
	}
	return errors.Join(errs...)
}
