package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"flinch/backends"
	"flinch/backends/storage"
)

// FilePointer keeps the record in a file that is replaced by renaming. It
// permits one leader only, since a rename cannot refuse anybody.
type FilePointer struct {
	fs   backends.FS
	path string
	// known is the version that is in place, as far as is known; a Store against
	// another one is a mistake of the caller.
	known    uint64
	isKnown  bool
	dirsMade bool
}

var _ Pointer = (*FilePointer)(nil)

// NewFilePointer returns the pointer in the file at name, an absolute path. It
// does no I/O; the first Load makes the folder if it is missing.
func NewFilePointer(fsys backends.FS, name string) *FilePointer {
	return &FilePointer{fs: fsys, path: path.Clean(name)}
}

// Leader implements Pointer.
func (p *FilePointer) Leader() uint64 { return 0 }

// Load implements Pointer. A missing file is the zero record.
func (p *FilePointer) Load(ctx context.Context) (Record, error) {
	p.isKnown = false
	r, err := p.load(ctx)
	if err != nil {
		return Record{}, fmt.Errorf("load checkpoint pointer %s: %w", p.path, err)
	}
	p.known, p.isKnown = r.Version, true
	return r, nil
}

func (p *FilePointer) load(ctx context.Context) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	if err := p.settleName(); err != nil {
		return Record{}, err
	}
	data, err := storage.ReadFile(p.fs, p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, err
	}
	return decodeRecord(data)
}

// settleName makes durable which file the name leads to: whoever renamed it may
// have died, or got an error, before the folder was synced.
func (p *FilePointer) settleName() error {
	dir := path.Dir(p.path)
	if !p.dirsMade {
		if err := storage.MakeDirs(p.fs, dir); err != nil {
			return err
		}
		p.dirsMade = true
	}
	return p.fs.SyncDir(dir)
}

// Store implements Pointer.
func (p *FilePointer) Store(ctx context.Context, old, next Record) error {
	if !p.isKnown || p.known != old.Version {
		return fmt.Errorf("store checkpoint pointer %s: version %d was not loaded or stored last", p.path, old.Version)
	}
	if err := p.replace(ctx, next); err != nil {
		return fmt.Errorf("store checkpoint pointer %s: %w", p.path, err)
	}
	p.known = next.Version
	return nil
}

// replace puts the new record in place. Up to the rename nothing has happened;
// from there to the end of the directory sync the outcome is unknown.
func (p *FilePointer) replace(ctx context.Context, next Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	temporary := p.path + ".inprogress"
	if err := storage.WriteFile(p.fs, temporary, encodeRecord(next)); err != nil {
		return err
	}
	p.isKnown = false
	if err := p.fs.Rename(temporary, p.path); err != nil {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	if err := p.fs.SyncDir(path.Dir(p.path)); err != nil {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	p.isKnown = true
	return nil
}
