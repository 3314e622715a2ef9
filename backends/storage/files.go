package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/spf13/afero"

	"flinch/backends"
)

const filePerm, dirPerm = 0o644, 0o755

// WriteFile creates a file that holds data and makes its data durable, not its
// name: the caller renames it and syncs the directory. A file that is there
// already, left by a crash, is unlinked and not written into, since its inode
// may have another name by now. After an error a part of the file may exist.
func WriteFile(fsys backends.FS, name string, data []byte) error {
	f, err := createAnew(fsys, name)
	if err != nil {
		return err
	}
	err = writeAll(f, data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func createAnew(fsys backends.FS, name string) (afero.File, error) {
	f, err := createExclusive(fsys, name)
	if errors.Is(err, fs.ErrExist) {
		if err := fsys.Remove(name); err != nil {
			return nil, err
		}
		return createExclusive(fsys, name)
	}
	return f, err
}

func createExclusive(fsys backends.FS, name string) (afero.File, error) {
	return fsys.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
}

// writeAll writes all of p, going on after a short write.
func writeAll(w io.Writer, p []byte) error {
	for len(p) > 0 {
		n, err := w.Write(p)
		p = p[n:]
		if err != nil && (n == 0 || !errors.Is(err, io.ErrShortWrite)) {
			return err
		}
		if n == 0 {
			return io.ErrNoProgress
		}
	}
	return nil
}

// ReadFile reads a whole file, going on after short reads.
func ReadFile(fsys backends.FS, name string) ([]byte, error) {
	return readSized(fsys, name, -1)
}

// readSized reads a whole file that must have size bytes; -1 is any size. The
// size is compared before memory is taken for it.
func readSized(fsys backends.FS, name string, size int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if has := info.Size(); size >= 0 && has != size {
		return nil, errors.Join(fmt.Errorf("file has %d bytes, want %d: %w", has, size, ErrCorrupt), f.Close())
	}
	data := make([]byte, info.Size())
	if err := readFull(f, data); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return data, f.Close()
}

func readFull(r io.ReaderAt, p []byte) error {
	for off := 0; off < len(p); {
		n, err := r.ReadAt(p[off:], int64(off))
		off += n
		if off == len(p) {
			return nil
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrNoProgress
		}
	}
	return nil
}

// MakeDirs makes dir and all folders above it, top down, each with its name
// durable. Folders that are there already count as made by a process that died
// before it synced them.
func MakeDirs(fsys backends.FS, dir string) error {
	dir = path.Clean(dir)
	if parent := path.Dir(dir); parent != dir {
		if err := MakeDirs(fsys, parent); err != nil {
			return err
		}
		return makeDir(fsys, dir)
	}
	return nil
}

func makeDir(fsys backends.FS, dir string) error {
	if err := fsys.Mkdir(dir, dirPerm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsys.SyncDir(path.Dir(dir))
}

// remove unlinks a file or an empty folder; one that is missing is fine.
func remove(fsys backends.FS, name string) error {
	if err := fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// list returns the names in a folder, sorted; none if the folder is missing.
func list(fsys backends.FS, dir string) ([]string, error) {
	f, err := fsys.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}
