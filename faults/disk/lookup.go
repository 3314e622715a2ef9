package disk

import (
	"io/fs"
	"strings"
	"syscall"
)

// place is where a path leads in the current tree.
type place struct {
	dir  uint64 // the parent directory
	name string // the last part; empty for the root
	ino  uint64 // 0: there is no such name
}

// locate walks a cleaned path. The error is ErrNotExist or ENOTDIR if the parent
// directory is missing; a missing last part is no error.
func (s *store) locate(path string) (place, error) {
	at := place{ino: rootIno}
	for rest := path[1:]; rest != ""; {
		part := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			part, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		if at.ino == 0 {
			return place{}, fs.ErrNotExist
		}
		n := s.node(at.ino)
		if !n.dir {
			return place{}, syscall.ENOTDIR
		}
		at = place{dir: at.ino, name: part}
		at.ino, _ = n.side[current].names.m.Get(part)
	}
	return at, nil
}

// existing is locate for a path that must exist.
func (s *store) existing(path string) (place, *node, error) {
	at, err := s.locate(path)
	if err != nil {
		return at, nil, err
	}
	if at.ino == 0 {
		return at, nil, fs.ErrNotExist
	}
	return at, s.node(at.ino), nil
}

// vacant is locate for a path that must not exist.
func (s *store) vacant(path string) (place, error) {
	at, err := s.locate(path)
	if err == nil && at.ino != 0 {
		err = fs.ErrExist
	}
	return at, err
}

// within tells whether dir is root or lies below it.
func (s *store) within(dir, root uint64) bool {
	for dir != root {
		links := s.node(dir).side[current].links
		if len(links) == 0 {
			return false
		}
		dir = links[0].dir
	}
	return true
}
