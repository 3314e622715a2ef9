package storage

import (
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/afero"
)

var errFake = errors.New("fake fault")

// fakeFS is a real folder that logs every call and can make one of them fail,
// before or after its effect. It syncs nothing: what is durable is the business
// of the crash tests.
type fakeFS struct {
	afero.Fs
	root   string
	log    []string
	failAt int // the call that fails, from 1; 0: none
	after  bool
	short  bool // writes and reads are cut in half
	inject error
}

func newFakeFS(t testing.TB) *fakeFS {
	root := t.TempDir()
	return &fakeFS{Fs: afero.NewBasePathFs(afero.NewOsFs(), root), root: root, inject: errFake}
}

// call runs effect as one logged operation.
func (f *fakeFS) call(what, name string, effect func() error) error {
	f.log = append(f.log, what+" "+name)
	fails := len(f.log) == f.failAt
	if fails && !f.after {
		return f.inject
	}
	err := effect()
	if fails {
		return f.inject
	}
	return err
}

func (f *fakeFS) open(what, name string, flag int) (afero.File, error) {
	var file afero.File
	err := f.call(what, name, func() (err error) {
		file, err = f.Fs.OpenFile(name, flag, 0o644)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fakeFile{File: file, fs: f, name: name}, nil
}

func (f *fakeFS) OpenFile(name string, flag int, _ os.FileMode) (afero.File, error) {
	if flag&os.O_CREATE != 0 {
		return f.open("create", name, flag)
	}
	return f.open("open", name, flag)
}

func (f *fakeFS) Open(name string) (afero.File, error) { return f.open("open", name, os.O_RDONLY) }

func (f *fakeFS) Mkdir(name string, perm os.FileMode) error {
	return f.call("mkdir", name, func() error { return f.Fs.Mkdir(name, perm) })
}

func (f *fakeFS) Remove(name string) error {
	return f.call("unlink", name, func() error { return f.Fs.Remove(name) })
}

func (f *fakeFS) Rename(from, to string) error {
	return f.call("rename", from+" "+path.Base(to), func() error { return f.Fs.Rename(from, to) })
}

func (f *fakeFS) Link(from, to string) error {
	return os.Link(filepath.Join(f.root, from), filepath.Join(f.root, to))
}

func (f *fakeFS) SyncDir(name string) error {
	return f.call("syncdir", name, func() error {
		_, err := f.Fs.Stat(name)
		return err
	})
}

// files returns the paths of all files, sorted.
func (f *fakeFS) files(t testing.TB) string {
	t.Helper()
	var names []string
	err := afero.Walk(f.Fs, "/", func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}

type fakeFile struct {
	afero.File
	fs   *fakeFS
	name string
}

func (f *fakeFile) Write(p []byte) (n int, err error) {
	err = f.fs.call("write", f.name, func() error {
		if f.fs.short && len(p) > 1 {
			p = p[:len(p)/2]
		}
		if n, err = f.File.Write(p); err == nil && f.fs.short {
			err = io.ErrShortWrite
		}
		return err
	})
	return n, err
}

func (f *fakeFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.fs.call("read", f.name, func() error {
		if f.fs.short && len(p) > 1 {
			p = p[:len(p)/2]
		}
		n, err = f.File.ReadAt(p, off)
		return err
	})
	return n, err
}

func (f *fakeFile) Sync() error {
	return f.fs.call("sync", f.name, func() error { return nil })
}

func (f *fakeFile) Close() error {
	return f.fs.call("close", f.name, f.File.Close)
}
