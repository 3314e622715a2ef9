package disk

import (
	"io/fs"
	"path"
	"time"

	"flinch/faults"
)

// info is the fs.FileInfo of one moment.
type info struct {
	name string
	size int64
	at   time.Duration
	dir  bool
	ino  uint64
}

// Name is the last part of the path.
func (i info) Name() string { return i.name }

// Size is the file's length in bytes.
func (i info) Size() int64 { return i.size }

// Mode knows directories and plain files only.
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// ModTime is the virtual time of the last write, counted from the Unix epoch.
func (i info) ModTime() time.Time { return time.Unix(0, int64(i.at)).UTC() }

// IsDir tells directories from files.
func (i info) IsDir() bool { return i.dir }

// Sys is the inode's number, a uint64: two names with the same one are hard links.
func (i info) Sys() any { return i.ino }

func (n *node) info(name string) info {
	i := info{name: path.Base(name), dir: n.dir, ino: n.ino}
	if !n.dir {
		i.size, i.at = n.side[current].data.size, n.side[current].data.mtime
	}
	return i
}

// Stat describes a file or directory.
func (d *Disk) Stat(name string) (fs.FileInfo, error) {
	name = clean(name)
	var i info
	err := d.do(faults.Op{Kind: faults.OpStat, Path: name}, func() error {
		_, n, err := d.s.existing(name)
		if err != nil {
			return pathError("stat", name, err)
		}
		i = n.info(name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// attribute is what all changes of attributes come to: the name must exist.
// Attributes are no part of what a crash is judged by, so no hook is asked.
func (d *Disk) attribute(op, name string, change func(*node)) error {
	name = clean(name)
	if d.p.dead {
		return pathError(op, name, ErrDetached)
	}
	_, n, err := d.s.existing(name)
	if err != nil {
		return pathError(op, name, err)
	}
	if change != nil && !n.dir {
		change(d.s.edit(n.ino))
	}
	return nil
}

// Chmod does nothing to a name that exists.
func (d *Disk) Chmod(name string, _ fs.FileMode) error { return d.attribute("chmod", name, nil) }

// Chown does nothing to a name that exists.
func (d *Disk) Chown(name string, _, _ int) error { return d.attribute("chown", name, nil) }

// Chtimes sets a file's modification time, which no crash and no digest knows of.
func (d *Disk) Chtimes(name string, _, mtime time.Time) error {
	return d.attribute("chtimes", name, func(n *node) {
		c := d.s.ownContent(n.side[current].data)
		c.mtime = time.Duration(mtime.UnixNano())
		n.side[current].data = c
	})
}
