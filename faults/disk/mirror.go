package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/afero"
)

// mirror carries every effect onto a real folder, before it is made in memory:
// what the folder refuses has not happened. A nil mirror does nothing.
type mirror struct {
	base  afero.Fs
	links linker
}

// On returns a disk over a real folder, base being rooted there: what it holds
// is the durable beginning, every change goes to it, and bytes are read back
// from it. Rules, hook calls and their order are those of New. base must be
// afero's BasePathFs or OsFs, or bring Link and SyncDir of its own; nobody else
// may change it.
func On(base afero.Fs, hook Hook, o Options) (*Disk, error) {
	links, err := linkerOf(base)
	if err != nil {
		return nil, err
	}
	s := newStore(o)
	if err := s.load(base, "/", rootIno); err != nil {
		return nil, fmt.Errorf("load the folder of a disk: %w", err)
	}
	s.real = &mirror{base, links}
	return s.view(hook), nil
}

// load takes a folder's content as durable. Hard links in it become files apart.
func (s *store) load(base afero.Fs, dir string, ino uint64) error {
	list, err := afero.ReadDir(base, dir)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	for _, e := range list {
		name := path.Join(dir, e.Name())
		n := s.newNode(e.IsDir())
		s.put(current, ino, e.Name(), n.ino)
		s.put(durable, ino, e.Name(), n.ino)
		if e.IsDir() {
			if err := s.load(base, name, n.ino); err != nil {
				return err
			}
			continue
		}
		b, err := afero.ReadFile(base, name)
		if err != nil {
			return err
		}
		c := &content{mtime: s.time()}
		c.writeAt(b, 0)
		n.side[current].data, n.side[durable].data = c, c
	}
	return nil
}

func (m *mirror) mkdir(name string) error {
	if m == nil {
		return nil
	}
	return bare(m.base.Mkdir(name, 0o755))
}

func (m *mirror) remove(name string) error {
	if m == nil {
		return nil
	}
	return bare(m.base.Remove(name))
}

func (m *mirror) link(oldname, newname string) error {
	if m == nil {
		return nil
	}
	return bare(m.links.Link(oldname, newname))
}

func (m *mirror) rename(oldname, newname string) error {
	if m == nil {
		return nil
	}
	return bare(m.base.Rename(oldname, newname))
}

func (m *mirror) syncDir(name string) error {
	if m == nil {
		return nil
	}
	return bare(m.links.SyncDir(name))
}

// open returns the real file behind one that exists; directories have none.
func (m *mirror) open(name string, dir bool) (afero.File, error) {
	if m == nil || dir {
		return nil, nil
	}
	f, err := m.base.OpenFile(name, syscall.O_RDWR, 0)
	return f, bare(err)
}

func (m *mirror) create(name string) (afero.File, error) {
	if m == nil {
		return nil, nil
	}
	f, err := m.base.OpenFile(name, syscall.O_RDWR|creating|exclusive, 0o644)
	return f, bare(err)
}

// bare takes the path off an error: the caller puts on the one it knows.
func bare(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
