package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/afero"
)

// linker is what a real folder can do that afero.Fs has no method for.
type linker interface {
	Link(oldname, newname string) error
	SyncDir(name string) error
}

// linkerOf returns base's own Link and SyncDir, or those of the operating
// system if base is afero's view of it.
func linkerOf(base afero.Fs) (linker, error) {
	switch b := base.(type) {
	case linker:
		return b, nil
	case *afero.BasePathFs:
		return folder{b.RealPath}, nil
	case *afero.OsFs:
		return folder{func(name string) (string, error) { return name, nil }}, nil
	}
	return nil, fmt.Errorf("a disk on %s: it has neither Link nor SyncDir; use afero.NewBasePathFs over afero.NewOsFs", base.Name())
}

// folder is a part of the real file system.
type folder struct {
	path func(name string) (string, error)
}

// Link makes a hard link.
func (f folder) Link(oldname, newname string) error {
	from, err := f.path(oldname)
	if err != nil {
		return err
	}
	to, err := f.path(newname)
	if err != nil {
		return err
	}
	return os.Link(from, to)
}

// SyncDir syncs a directory.
func (f folder) SyncDir(name string) error {
	real, err := f.path(name)
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Clean(real))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
