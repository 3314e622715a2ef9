package disk

import (
	"io"
	"io/fs"
	"path"
	"syscall"

	"flinch/faults"
)

// Stat describes the open file.
func (f *File) Stat() (fs.FileInfo, error) {
	op := faults.Op{Kind: faults.OpStat, Path: f.name}
	if out := f.ask(op); out.Err != nil {
		return nil, f.fail("stat", out.Err)
	}
	i := f.d.s.node(f.ino).info(f.name)
	if err := f.d.done(op, nil); err != nil {
		return nil, err
	}
	return i, nil
}

// Readdir lists the next count entries of a directory in the order of their
// names, and io.EOF behind the last; count <= 0: all that are left, no EOF.
// Entries that come while a listing is read in parts are seen if they sort
// behind what was listed.
func (f *File) Readdir(count int) ([]fs.FileInfo, error) {
	op := faults.Op{Kind: faults.OpList, Path: f.name}
	if out := f.ask(op); out.Err != nil {
		return nil, f.fail("readdir", out.Err)
	}
	if !f.dir {
		return nil, f.d.done(op, f.fail("readdir", syscall.ENOTDIR))
	}
	var list []fs.FileInfo
	s, past := f.d.s, f.last
	s.node(f.ino).side[current].names.m.Ascend(past, func(name string, ino uint64) bool {
		if name > past {
			list = append(list, s.node(ino).info(name))
		}
		return count <= 0 || len(list) < count
	})
	if err := f.d.done(op, nil); err != nil {
		return nil, err
	}
	if len(list) > 0 {
		f.last = path.Base(list[len(list)-1].Name())
	} else if count > 0 {
		return nil, io.EOF
	}
	return list, nil
}

// Readdirnames is Readdir with the names alone.
func (f *File) Readdirnames(count int) ([]string, error) {
	list, err := f.Readdir(count)
	names := make([]string, len(list))
	for i, entry := range list {
		names[i] = entry.Name()
	}
	return names, err
}
