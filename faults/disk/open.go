package disk

import (
	"io/fs"
	"syscall"

	"github.com/spf13/afero"

	"flinch/faults"
)

// The flags of OpenFile, as package os has them.
const (
	accessMode = syscall.O_RDONLY | syscall.O_WRONLY | syscall.O_RDWR
	creating   = syscall.O_CREAT
	exclusive  = syscall.O_EXCL
	truncating = syscall.O_TRUNC
	appending  = syscall.O_APPEND
)

// Create opens a file for reading and writing, empty, made if it is missing.
func (d *Disk) Create(name string) (afero.File, error) {
	return d.OpenFile(name, syscall.O_RDWR|creating|truncating, 0o666)
}

// Open opens a file or directory for reading.
func (d *Disk) Open(name string) (afero.File, error) {
	return d.OpenFile(name, syscall.O_RDONLY, 0)
}

// OpenFile opens a file or directory. The hook sees a create if the name is
// missing and flag asks for it, else an open, and after that a truncate if flag
// asks for one of a file with bytes in it. Modes are not kept.
func (d *Disk) OpenFile(name string, flag int, _ fs.FileMode) (afero.File, error) {
	name = clean(name)
	o := faults.Op{Kind: faults.OpOpen, Path: name}
	if flag&creating != 0 {
		if at, err := d.s.locate(name); err == nil && at.ino == 0 {
			o.Kind = faults.OpCreate
		}
	}
	f := &File{d: d, name: name, flag: flag}
	if out := d.ask(o); out.Err != nil {
		return nil, pathError("open", name, out.Err)
	}
	err := d.s.open(f)
	if err != nil {
		err = pathError("open", name, err)
	} else {
		f.hold()
	}
	if err = d.done(o, err); err == nil && flag&truncating != 0 && d.s.node(f.ino).size() > 0 {
		err = f.cut("open", 0)
	}
	if err != nil {
		f.release()
		d.s.collect(f.ino)
		return nil, err
	}
	return f, nil
}

// open finds or makes the file that f names.
func (s *store) open(f *File) error {
	at, err := s.locate(f.name)
	if err != nil {
		return err
	}
	writes := f.flag&accessMode != syscall.O_RDONLY
	switch {
	case at.ino == 0 && f.flag&creating == 0:
		return fs.ErrNotExist
	case at.ino != 0 && f.flag&(creating|exclusive) == creating|exclusive:
		return fs.ErrExist
	case at.ino != 0:
		n := s.node(at.ino)
		if n.dir && (writes || f.flag&(creating|truncating) != 0) {
			return syscall.EISDIR
		}
		f.ino, f.dir, f.epoch = at.ino, n.dir, s.epoch
		f.real, err = s.real.open(f.name, n.dir)
		return err
	}
	if f.real, err = s.real.create(f.name); err != nil {
		return err
	}
	f.ino, f.epoch = s.newNode(false).ino, s.epoch
	s.entry(&op{kind: opCreate, path: f.name, ino: f.ino, edits: []edit{{dir: at.dir, name: at.name, child: f.ino}}})
	return nil
}

// size is the current length of a file, 0 for a directory.
func (n *node) size() int64 {
	if n.dir {
		return 0
	}
	return n.side[current].data.size
}
