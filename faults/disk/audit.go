package disk

import (
	"iter"
	"path"
	"syscall"
)

// Entry is a file as Files reports it.
type Entry struct {
	Path  string
	Size  int64 // bytes
	Links int   // how many names the file has

	data *content
}

// Sum is the xxhash64 of the file's bytes, computed on the first call and kept
// until the file changes.
func (e Entry) Sum() uint64 { return e.data.xxh64() }

// Files walks the current tree in the order of names within each directory. It
// asks no hook and works on a detached view: it is for auditors and leak
// checks. The disk must not be changed meanwhile.
func (d *Disk) Files() iter.Seq[Entry] {
	return func(yield func(Entry) bool) { d.s.walk("/", rootIno, yield) }
}

func (s *store) walk(dir string, ino uint64, yield func(Entry) bool) bool {
	goOn := true
	s.node(ino).side[current].names.m.Scan(func(name string, child uint64) bool {
		at, n := path.Join(dir, name), s.node(child)
		if n.dir {
			goOn = s.walk(at, child, yield)
		} else {
			sd := n.side[current]
			goOn = yield(Entry{Path: at, Size: sd.data.size, Links: len(sd.links), data: sd.data})
		}
		return goOn
	})
	return goOn
}

// File reports one file of the current tree, as Files does.
func (d *Disk) File(name string) (Entry, error) {
	name = clean(name)
	_, n, err := d.s.existing(name)
	if err == nil && n.dir {
		err = syscall.EISDIR
	}
	if err != nil {
		return Entry{}, pathError("stat", name, err)
	}
	sd := n.side[current]
	return Entry{Path: name, Size: sd.data.size, Links: len(sd.links), data: sd.data}, nil
}

// ReadRaw returns a copy of a file's bytes. It asks no hook, and works on a
// detached view.
func (d *Disk) ReadRaw(name string) ([]byte, error) {
	name = clean(name)
	_, n, err := d.s.existing(name)
	if err == nil && n.dir {
		err = syscall.EISDIR
	}
	if err != nil {
		return nil, pathError("read", name, err)
	}
	c := n.side[current].data
	b := make([]byte, c.size)
	c.readAt(b, 0)
	return b, nil
}
