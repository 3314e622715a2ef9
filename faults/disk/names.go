package disk

import (
	"errors"
	"io/fs"
	"path"
	"syscall"

	"flinch/faults"
)

// Mkdir makes a directory. Modes are not kept.
func (d *Disk) Mkdir(name string, _ fs.FileMode) error {
	name = clean(name)
	return d.do(faults.Op{Kind: faults.OpMkdir, Path: name}, func() error {
		at, err := d.s.vacant(name)
		if err == nil {
			err = d.s.real.mkdir(name)
		}
		if err != nil {
			return pathError("mkdir", name, err)
		}
		n := d.s.newNode(true)
		d.s.entry(&op{kind: opMkdir, path: name, ino: n.ino, edits: []edit{{dir: at.dir, name: at.name, child: n.ino}}})
		return nil
	})
}

// MkdirAll makes a directory and those above it. Each that is missing is an
// operation of its own.
func (d *Disk) MkdirAll(name string, perm fs.FileMode) error {
	name = clean(name)
	if d.p.dead {
		return pathError("mkdir", name, ErrDetached)
	}
	_, n, err := d.s.existing(name)
	switch {
	case err == nil && n.dir:
		return nil
	case err == nil:
		return pathError("mkdir", name, syscall.ENOTDIR)
	case !errors.Is(err, fs.ErrNotExist):
		return pathError("mkdir", name, err)
	}
	if err := d.MkdirAll(path.Dir(name), perm); err != nil {
		return err
	}
	if err := d.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Remove removes a file's name or an empty directory.
func (d *Disk) Remove(name string) error {
	name = clean(name)
	return d.do(faults.Op{Kind: faults.OpUnlink, Path: name}, func() error {
		if err := d.s.remove(name); err != nil {
			return pathError("remove", name, err)
		}
		return nil
	})
}

func (s *store) remove(name string) error {
	at, n, err := s.existing(name)
	switch {
	case err != nil:
		return err
	case at.ino == rootIno:
		return syscall.EBUSY
	case n.dir && n.side[current].names.m.Len() > 0:
		return syscall.ENOTEMPTY
	}
	if err := s.real.remove(name); err != nil {
		return err
	}
	kind := opUnlink
	if n.dir {
		kind = opRmdir
	}
	s.entry(&op{kind: kind, path: name, ino: at.ino, edits: []edit{{dir: at.dir, name: at.name}}})
	return nil
}

// RemoveAll removes a name and all below it, in sorted order and from below.
// Each is an operation of its own; the first error ends it. A missing name is
// no error.
func (d *Disk) RemoveAll(name string) error {
	name = clean(name)
	if d.p.dead {
		return pathError("remove", name, ErrDetached)
	}
	_, n, err := d.s.existing(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return pathError("remove", name, err)
	}
	if n.dir {
		for _, child := range n.side[current].names.m.Keys() {
			if err := d.RemoveAll(path.Join(name, child)); err != nil {
				return err
			}
		}
		if name == "/" {
			return nil
		}
	}
	if err := d.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Link makes newname another name of the file oldname.
func (d *Disk) Link(oldname, newname string) error {
	oldname, newname = clean(oldname), clean(newname)
	return d.do(faults.Op{Kind: faults.OpLink, Path: oldname, To: newname}, func() error {
		return d.s.link(oldname, newname)
	})
}

func (s *store) link(oldname, newname string) error {
	from, n, err := s.existing(oldname)
	if err != nil {
		return pathError("link", oldname, err)
	}
	if n.dir {
		return pathError("link", oldname, syscall.EPERM)
	}
	to, err := s.vacant(newname)
	if err == nil {
		err = s.real.link(oldname, newname)
	}
	if err != nil {
		return pathError("link", newname, err)
	}
	s.entry(&op{
		kind: opLink, path: oldname, to: newname, ino: from.ino,
		edits: []edit{{dir: to.dir, name: to.name, child: from.ino}},
	})
	return nil
}

// Rename gives a file or directory another name. A file takes the place of a
// file that has that name already; as with os.Rename, a directory is never
// replaced.
func (d *Disk) Rename(oldname, newname string) error {
	oldname, newname = clean(oldname), clean(newname)
	return d.do(faults.Op{Kind: faults.OpRename, Path: oldname, To: newname}, func() error {
		return d.s.rename(oldname, newname)
	})
}

func (s *store) rename(oldname, newname string) error {
	from, n, err := s.existing(oldname)
	if err != nil {
		return pathError("rename", oldname, err)
	}
	to, err := s.locate(newname)
	if err == nil {
		err = s.renameAllowed(from, n, to)
	}
	if err != nil {
		return pathError("rename", newname, err)
	}
	if from.ino == to.ino {
		return nil // two names of one file: POSIX leaves both
	}
	if err := s.real.rename(oldname, newname); err != nil {
		return pathError("rename", oldname, err)
	}
	s.entry(&op{
		kind: opRename, path: oldname, to: newname, ino: from.ino, dirMove: n.dir && from.dir != to.dir,
		edits: []edit{{dir: to.dir, name: to.name, child: from.ino}, {dir: from.dir, name: from.name}},
	})
	return nil
}

func (s *store) renameAllowed(from place, n *node, to place) error {
	if from.ino == rootIno || to.ino == rootIno {
		return syscall.EBUSY
	}
	if n.dir && s.within(to.dir, from.ino) {
		return syscall.EINVAL
	}
	if to.ino == 0 {
		return nil
	}
	switch t := s.node(to.ino); {
	case t.dir && to.ino != from.ino:
		return syscall.EEXIST // rename(2) would replace an empty one; os.Rename doesn't
	case !t.dir && n.dir:
		return syscall.ENOTDIR
	}
	return nil
}

// SyncDir makes the names in a directory durable, not the directory's own.
func (d *Disk) SyncDir(name string) error {
	name = clean(name)
	return d.do(faults.Op{Kind: faults.OpSyncDir, Path: name}, func() error {
		at, n, err := d.s.existing(name)
		if err == nil && !n.dir {
			err = syscall.ENOTDIR
		}
		if err == nil {
			err = d.s.real.syncDir(name)
		}
		if err != nil {
			return pathError("syncdir", name, err)
		}
		d.s.syncDir(at.ino)
		return nil
	})
}
