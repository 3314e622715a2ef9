package disk

import (
	"io"
	"io/fs"
	"syscall"

	"github.com/cespare/xxhash/v2"
	"github.com/spf13/afero"

	"flinch/faults"
)

// File is an open file or directory. It satisfies afero.File.
type File struct {
	d     *Disk
	name  string
	flag  int
	ino   uint64
	dir   bool
	epoch int
	slot  int // place in process.files, counted from 1; 0: not held
	off   int64
	last  string // directories: the last name that was listed
	real  afero.File
	shut  bool
}

// hold enters f into its process' list of open files, release takes it out and
// closes the real file behind it.
func (f *File) hold() {
	f.d.p.files = append(f.d.p.files, f)
	f.slot = len(f.d.p.files)
}

func (f *File) release() {
	f.shut = true
	if files := f.d.p.files; f.slot > 0 && f.slot <= len(files) && files[f.slot-1] == f {
		end := len(files) - 1
		files[f.slot-1] = files[end]
		files[f.slot-1].slot = f.slot
		files[end] = nil
		f.d.p.files = files[:end]
	}
	f.slot = 0
	if f.real != nil {
		_ = f.real.Close() // nothing was buffered: every write and sync had its own answer
		f.real = nil
	}
}

// usable says why f cannot be used, nil if it can.
func (f *File) usable() error {
	switch {
	case f.d.p.dead:
		return ErrDetached
	case f.epoch != f.d.s.epoch:
		return ErrPowerLost
	case f.shut:
		return fs.ErrClosed
	}
	return nil
}

// ask puts an operation on an open file to the hook.
func (f *File) ask(op faults.Op) faults.Outcome {
	if err := f.usable(); err != nil {
		return faults.Outcome{Err: err}
	}
	out := f.d.ask(op)
	if out.Err == nil {
		out.Err = f.usable() // the hook may have let others run
	}
	return out
}

func (f *File) fail(op string, err error) error { return pathError(op, f.name, err) }

// Name is the cleaned path that the file was opened by.
func (f *File) Name() string { return f.name }

// Close releases the file. It syncs nothing, and no hook is asked.
func (f *File) Close() error {
	if err := f.usable(); err != nil {
		return f.fail("close", err)
	}
	f.release()
	f.d.s.collect(f.ino)
	return nil
}

// Read reads from the file's position on.
func (f *File) Read(p []byte) (int, error) {
	op := faults.Op{Kind: faults.OpRead, Path: f.name, Offset: f.off, Bytes: len(p)}
	out := f.ask(op)
	if out.Err == nil && out.Partial > 0 {
		p = p[:min(len(p), out.Partial)]
	}
	n, err := f.read(op, out, p)
	f.off += int64(n)
	return n, err
}

// ReadAt reads from off on; fewer bytes than asked for come with io.EOF.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, f.fail("read", syscall.EINVAL)
	}
	op := faults.Op{Kind: faults.OpRead, Path: f.name, Offset: off, Bytes: len(p)}
	n, err := f.read(op, f.ask(op), p)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

func (f *File) read(op faults.Op, out faults.Outcome, p []byte) (n int, err error) {
	switch {
	case out.Err != nil:
		return 0, f.fail("read", out.Err)
	case f.dir:
		err = f.fail("read", syscall.EISDIR)
	case f.flag&accessMode == syscall.O_WRONLY:
		err = f.fail("read", syscall.EBADF)
	case f.real != nil:
		n, err = f.real.ReadAt(p, op.Offset)
		if n > 0 || len(p) == 0 {
			err = nil
		}
	default:
		n = f.d.s.node(f.ino).side[current].data.readAt(p, op.Offset)
		if n == 0 && len(p) > 0 {
			err = io.EOF
		}
	}
	if f.d.p.hook == nil {
		return n, err
	}
	if err = f.d.done(op, err); err != nil {
		n = 0
	}
	return n, err
}

// Write writes at the file's position, or at its end if it was opened to append.
func (f *File) Write(p []byte) (int, error) {
	if f.flag&appending != 0 && f.usable() == nil {
		f.off = f.d.s.node(f.ino).size()
	}
	n, err := f.write(p, f.off, f.flag&appending != 0)
	f.off += int64(n)
	return n, err
}

// WriteAt writes at off. A file opened to append has none.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || f.flag&appending != 0 {
		return 0, f.fail("write", syscall.EINVAL)
	}
	return f.write(p, off, false)
}

// WriteString is Write.
func (f *File) WriteString(s string) (int, error) { return f.Write([]byte(s)) }

// write returns how many bytes took effect: with an error, too, since a torn
// write leaves its beginning.
func (f *File) write(p []byte, off int64, atEnd bool) (int, error) {
	op := faults.Op{Kind: faults.OpWrite, Path: f.name, Offset: off, Bytes: len(p)}
	if f.d.p.hook != nil {
		op.Sum = xxhash.Sum64(p)
	}
	out := f.ask(op)
	if err := f.usable(); err != nil {
		return 0, f.fail("write", err)
	}
	if f.dir || f.flag&accessMode == syscall.O_RDONLY {
		if out.Err != nil {
			return 0, f.fail("write", out.Err)
		}
		return 0, f.d.done(op, f.fail("write", syscall.EBADF))
	}
	if out.Err != nil {
		p = p[:max(0, min(len(p), out.Partial))]
	}
	if atEnd { // others may have written while the hook was busy
		off = f.d.s.node(f.ino).size()
		f.off = off
	}
	if f.real != nil && len(p) > 0 {
		if _, err := f.real.WriteAt(p, off); err != nil {
			return 0, f.d.done(op, f.fail("write", err))
		}
	}
	f.d.s.write(f.ino, f.name, p, off)
	if out.Err != nil {
		return len(p), f.fail("write", out.Err)
	}
	return len(p), f.d.done(op, nil)
}

// Seek sets the position of the next Read or Write.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	if err := f.usable(); err != nil {
		return 0, f.fail("seek", err)
	}
	switch whence {
	case io.SeekCurrent:
		offset += f.off
	case io.SeekEnd:
		offset += f.d.s.node(f.ino).size()
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, f.fail("seek", syscall.EINVAL)
	}
	f.off, f.last = offset, ""
	return offset, nil
}

// Truncate sets the file's size; bytes that it adds are zeros.
func (f *File) Truncate(size int64) error {
	if f.dir || size < 0 || f.flag&accessMode == syscall.O_RDONLY {
		return f.fail("truncate", syscall.EINVAL)
	}
	return f.cut("truncate", size)
}

// cut is Truncate under the name of the call that wants it.
func (f *File) cut(call string, size int64) error {
	op := faults.Op{Kind: faults.OpTruncate, Path: f.name, Offset: size}
	if out := f.ask(op); out.Err != nil {
		return f.fail(call, out.Err)
	}
	if f.real != nil {
		if err := f.real.Truncate(size); err != nil {
			return f.d.done(op, f.fail(call, err))
		}
	}
	f.d.s.truncate(f.ino, f.name, size)
	return f.d.done(op, nil)
}

// Sync makes data and size of the file durable, not its name; of a directory,
// it is SyncDir. After an error on entry the unsynced data of the file is lost
// for good, as on Linux: it can still be read, it will never be written, and
// the next Sync succeeds.
func (f *File) Sync() error {
	op := faults.Op{Kind: faults.OpSync, Path: f.name}
	if f.dir {
		op.Kind = faults.OpSyncDir
	}
	out := f.ask(op)
	if err := f.usable(); err != nil {
		return f.fail("sync", err)
	}
	if out.Err != nil {
		if !f.dir {
			f.d.s.loseFile(f.ino)
		}
		return f.fail("sync", out.Err)
	}
	if f.real != nil {
		if err := f.real.Sync(); err != nil {
			return f.d.done(op, f.fail("sync", err))
		}
	}
	if f.dir {
		f.d.s.syncDir(f.ino)
	} else {
		f.d.s.syncFile(f.ino)
	}
	return f.d.done(op, nil)
}
