package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/spf13/afero"

	"flinch/backends"
)

// Flink's defaults for FilesystemParams.
const (
	InlineThresholdBytesDefault = 20 << 10
	InlineThresholdBytesMax     = 1 << 20
	WriteBufferBytesDefault     = 4096
)

// FilesystemParams describes a Filesystem storage.
type FilesystemParams struct {
	FS    backends.FS // this process' view of the storage machine
	Root  string      // absolute, slashes
	JobID string
	// InlineThresholdBytes: a stream of at most so many bytes travels in its
	// handle. 0: every stream that has bytes is a file. Negative: Flink's 20 KiB.
	InlineThresholdBytes int64
	// WriteBufferBytes is how much a stream gathers before it writes; at least
	// the inline threshold is gathered. 0: Flink's 4096.
	WriteBufferBytes int
	// Writer is who writes: job attempt, operator and subtask. It is part of file
	// names and makes them unique over the life of the job: no two values that
	// create streams may have the same. May be empty for a value that creates none.
	Writer string
}

// Filesystem keeps checkpoints in files.
type Filesystem struct {
	fs             backends.FS
	base           string // <root>/<job>
	writer         string
	thresholdBytes int64
	bufferBytes    int
	files          uint64 // names given out so far
	basesMade      bool
	savepoints     map[backends.CheckpointID]bool // ids that are savepoints
}

var _ Storage = (*Filesystem)(nil)

// NewFilesystem returns a storage over p.FS. It does no I/O.
func NewFilesystem(p FilesystemParams) (*Filesystem, error) {
	switch {
	case p.FS == nil:
		return nil, errors.New("filesystem storage: no file system given")
	case !path.IsAbs(p.Root):
		return nil, fmt.Errorf("filesystem storage: root %q: want an absolute path", p.Root)
	case p.JobID == "" || strings.Contains(p.JobID, "/"):
		return nil, fmt.Errorf("filesystem storage: job id %q: want a name without a slash", p.JobID)
	case strings.Contains(p.Writer, "/"):
		return nil, fmt.Errorf("filesystem storage: writer %q: want a name without a slash", p.Writer)
	case p.InlineThresholdBytes > InlineThresholdBytesMax:
		return nil, fmt.Errorf("filesystem storage: inline threshold of %d bytes: at most %d", p.InlineThresholdBytes, InlineThresholdBytesMax)
	case p.WriteBufferBytes < 0:
		return nil, fmt.Errorf("filesystem storage: write buffer of %d bytes: want 0 or more", p.WriteBufferBytes)
	}
	if p.InlineThresholdBytes < 0 {
		p.InlineThresholdBytes = InlineThresholdBytesDefault
	}
	if p.WriteBufferBytes == 0 {
		p.WriteBufferBytes = WriteBufferBytesDefault
	}
	return &Filesystem{
		fs:             p.FS,
		base:           path.Join(p.Root, p.JobID),
		writer:         p.Writer,
		thresholdBytes: p.InlineThresholdBytes,
		bufferBytes:    max(p.WriteBufferBytes, int(p.InlineThresholdBytes)),
	}, nil
}

// Kind implements Storage.
func (f *Filesystem) Kind() string { return KindFilesystem }

// CheckpointDir is the folder of checkpoint id, or of the savepoint of that id.
func (f *Filesystem) CheckpointDir(id backends.CheckpointID) string {
	if f.savepoints[id] {
		return f.SavepointDir(id)
	}
	return f.base + "/chk-" + strconv.FormatInt(int64(id), 10)
}

// SharedDir is the folder of files that several checkpoints may name.
func (f *Filesystem) SharedDir() string { return f.base + "/shared" }

// TaskOwnedDir is the folder of files that live as long as the job.
func (f *Filesystem) TaskOwnedDir() string { return f.base + "/taskowned" }

// Create implements backends.CheckpointStreams. It does no I/O: a file is made
// when more bytes come than are gathered. A late task does not bring the folder
// of a discarded checkpoint back; its stream fails.
func (f *Filesystem) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	if f.writer == "" {
		return nil, fmt.Errorf("create a stream of checkpoint %d: this storage has no writer identity", id)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create a stream of checkpoint %d: %w", id, err)
	}
	return newFileStream(ctx, f, id, scope), nil
}

// createAttemptsMax is how many taken names a stream passes over: Flink's.
const createAttemptsMax = 10

// createFile makes a file with a name of its own. The path is returned with an
// error, too, if the file may exist in spite of it.
func (f *Filesystem) createFile(id backends.CheckpointID, scope backends.Scope) (afero.File, string, error) {
	for range createAttemptsMax {
		name := f.nextName(id, scope)
		file, err := createExclusive(f.fs, name)
		switch {
		case err == nil:
			return file, name, nil
		case errors.Is(err, fs.ErrNotExist):
			return nil, "", fmt.Errorf("folder %s is missing, the checkpoint was discarded or never initialised: %w", path.Dir(name), err)
		case !errors.Is(err, fs.ErrExist):
			return nil, name, err
		}
	}
	return nil, "", fmt.Errorf("%d names in a row are taken: is writer %q unique?", createAttemptsMax, f.writer)
}

// nextName is deterministic. Shared files carry the checkpoint in their names,
// as nothing else in their path does.
func (f *Filesystem) nextName(id backends.CheckpointID, scope backends.Scope) string {
	f.files++
	name := f.writer + "-" + strconv.FormatUint(f.files, 10)
	if scope == backends.Shared && !f.savepoints[id] {
		return f.SharedDir() + "/" + strconv.FormatInt(int64(id), 10) + "-" + name
	}
	return f.CheckpointDir(id) + "/" + name
}

// Open implements backends.CheckpointStreams. The file is read as a whole.
func (f *Filesystem) Open(ctx context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if h.Path == "" {
		return openInline(h)
	}
	data, err := f.readStream(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint stream %s: %w", h.Path, err)
	}
	return newReader(data), nil
}

func (f *Filesystem) readStream(ctx context.Context, h backends.StreamHandle) ([]byte, error) {
	if h.Placeholder {
		return nil, errors.New("the handle is a place-holder that nobody resolved")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := readSized(f.fs, h.Path, h.SizeBytes)
	if err != nil {
		return nil, err
	}
	if sum := xxhash.Sum64(data); sum != h.Sum {
		return nil, fmt.Errorf("checksum %#016x, handle says %#016x: %w", sum, h.Sum, ErrCorrupt)
	}
	return data, nil
}

// Discard implements backends.CheckpointStreams. A place-holder owns no file, so
// nothing is deleted for it.
func (f *Filesystem) Discard(ctx context.Context, h backends.StreamHandle) error {
	if h.Path == "" || h.Placeholder {
		return nil
	}
	err := repeat(ctx, func() error { return remove(f.fs, h.Path) })
	if err != nil {
		return fmt.Errorf("discard checkpoint stream %s: %w", h.Path, err)
	}
	return nil
}

// discardPassesMax: deleting can fail once by bad luck, or because a late task
// made a file behind its back.
const discardPassesMax = 2

// repeat calls discard until it succeeds, and returns its last error.
func repeat(ctx context.Context, discard func() error) (err error) {
	for range discardPassesMax {
		if err = ctx.Err(); err != nil {
			return err
		}
		if err = discard(); err == nil {
			return nil
		}
	}
	return err
}
