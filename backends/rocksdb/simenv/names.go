//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
	"unsafe"
)

//export flinchStat
func flinchStat(slot C.uint32_t, name unsafe.Pointer, size C.size_t, to *C.simenv_info, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	info, err := e.p.FS.Stat(text(name, size))
	if errors.Is(err, fs.ErrNotExist) {
		return tell(fail, err, err.Error()) // an answer rather than a failure
	}
	if err != nil {
		return e.answer(fail, err)
	}
	to.size = C.int64_t(info.Size())
	to.seconds = C.int64_t(info.ModTime().Unix())
	to.is_dir = C.int32_t(truth(info.IsDir()))
	return 0
}

// flinchList hands over the names in memory of C's, which the caller frees.
//
//export flinchList
func flinchList(slot C.uint32_t, name unsafe.Pointer, size C.size_t, to **C.char, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	names, err := e.list(text(name, size))
	if err != nil {
		return e.answer(fail, err)
	}
	var all []byte
	for _, n := range names {
		all = append(append(all, n...), 0)
	}
	*to = (*C.char)(C.CBytes(all))
	return C.int64_t(len(all))
}

// list has the names in order: the engine goes through them as they come.
func (e *Env) list(dir string) ([]string, error) {
	f, err := e.p.FS.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, errors.Join(err, f.Close())
}

//export flinchRemove
func flinchRemove(slot C.uint32_t, name unsafe.Pointer, size C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	return e.answer(fail, e.p.FS.Remove(text(name, size)))
}

//export flinchMakeDir
func flinchMakeDir(slot C.uint32_t, name unsafe.Pointer, size C.size_t, mayExist C.int, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	dir := text(name, size)
	err := e.p.FS.Mkdir(dir, 0o755)
	if mayExist != 0 && errors.Is(err, fs.ErrExist) {
		info, statErr := e.p.FS.Stat(dir)
		if err = statErr; err == nil && !info.IsDir() {
			err = &os.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
		}
	}
	return e.answer(fail, err)
}

//export flinchRename
func flinchRename(slot C.uint32_t, from unsafe.Pointer, fromSize C.size_t, to unsafe.Pointer, toSize C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	return e.answer(fail, e.named(e.p.FS.Rename(text(from, fromSize), text(to, toSize))))
}

//export flinchLink
func flinchLink(slot C.uint32_t, from unsafe.Pointer, fromSize C.size_t, to unsafe.Pointer, toSize C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	return e.answer(fail, e.p.FS.Link(text(from, fromSize), text(to, toSize)))
}

//export flinchSyncDir
func flinchSyncDir(slot C.uint32_t, name unsafe.Pointer, size C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	return e.answer(fail, e.named(e.p.FS.SyncDir(text(name, size))))
}

// named passes on what became of a name, and remembers the newest failure.
func (e *Env) named(err error) error {
	if err != nil {
		e.unnamed = err
	}
	return err
}

// A lock is the process' and not the disk's: it dies with the one that holds it.

//export flinchLock
func flinchLock(slot C.uint32_t, name unsafe.Pointer, size C.size_t) C.int {
	e, n := slots.at(slot), text(name, size)
	if e.locks[n] != nil {
		return 0
	}
	unlock := func() {}
	if l, ok := e.p.FS.(Locker); ok {
		var err error
		if unlock, err = l.Lock(n); err != nil {
			return 0
		}
	}
	e.locks[n] = unlock
	return 1
}

//export flinchUnlock
func flinchUnlock(slot C.uint32_t, name unsafe.Pointer, size C.size_t) {
	e, n := slots.at(slot), text(name, size)
	if unlock := e.locks[n]; unlock != nil {
		unlock()
	}
	delete(e.locks, n)
}

// epoch is when virtual time begins: 2020-01-01.
const epoch = 1577836800 * time.Second

//export flinchNow
func flinchNow(slot C.uint32_t) C.uint64_t {
	e := slots.at(slot)
	return C.uint64_t(epoch + max(e.p.Now(), e.slept))
}

// flinchSleep lets the engine see that time went by, without waiting.
//
//export flinchSleep
func flinchSleep(slot C.uint32_t, micros C.int) {
	e := slots.at(slot)
	e.slept = max(e.p.Now(), e.slept) + time.Duration(micros)*time.Microsecond
}
