//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"errors"
	"io"
	"os"
	"strings"
	"unsafe"

	"github.com/spf13/afero"
)

// The functions exported to C are called from inside of the engine, with memory
// of its own: slices over it end with the call.

//export flinchOpen
func flinchOpen(slot C.uint32_t, name unsafe.Pointer, size C.size_t, how C.int, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	flag := os.O_RDONLY
	switch how {
	case C.SIMENV_CREATE:
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	case C.SIMENV_APPEND:
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	path := text(name, size)
	if e.p.NoOptionsFiles && how == C.SIMENV_CREATE && isOptionsFile(path) {
		return e.answer(fail, errNoOptionsFiles)
	}
	f, err := e.p.FS.OpenFile(path, flag, 0o644)
	if err != nil {
		if how == C.SIMENV_READ {
			e.unopened = err
		}
		return e.answer(fail, err)
	}
	return C.int64_t(e.hold(f))
}

var errNoOptionsFiles = errors.New("options are not to be written down")

// isOptionsFile tells whether the engine writes its options to a path.
func isOptionsFile(path string) bool {
	return strings.HasPrefix(path[strings.LastIndexByte(path, '/')+1:], "OPTIONS-")
}

//export flinchClose
func flinchClose(slot C.uint32_t, file C.int64_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	f := e.files[file]
	e.files[file] = nil
	e.free = append(e.free, int(file))
	return e.answer(fail, f.Close())
}

//export flinchAppend
func flinchAppend(slot C.uint32_t, file C.int64_t, data unsafe.Pointer, size C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	n, err := e.files[file].Write(lent(data, size))
	if err == nil && n < int(size) {
		err = io.ErrShortWrite
	}
	return e.answer(fail, err)
}

//export flinchSync
func flinchSync(slot C.uint32_t, file C.int64_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	return e.answer(fail, e.files[file].Sync())
}

//export flinchRead
func flinchRead(slot C.uint32_t, file C.int64_t, to unsafe.Pointer, size C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	// The engine takes a short read for the end of the file, or for corruption.
	n, err := io.ReadFull(e.files[file], lent(to, size))
	return e.got(fail, n, err)
}

//export flinchReadAt
func flinchReadAt(slot C.uint32_t, file C.int64_t, offset C.uint64_t, to unsafe.Pointer, size C.size_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	f, p := e.files[file], lent(to, size)
	n, err := f.ReadAt(p, int64(offset))
	for err == nil && n < len(p) {
		var more int
		if more, err = f.ReadAt(p[n:], int64(offset)+int64(n)); more == 0 && err == nil {
			err = io.ErrNoProgress
		}
		n += more
	}
	return e.got(fail, n, err)
}

//export flinchSkip
func flinchSkip(slot C.uint32_t, file C.int64_t, size C.uint64_t, fail *C.simenv_failure) (code C.int64_t) {
	e := slots.at(slot)
	defer e.catch(fail, &code)
	_, err := e.files[file].Seek(int64(size), io.SeekCurrent)
	return e.answer(fail, err)
}

// hold gives an open file a number.
func (e *Env) hold(f afero.File) int {
	if last := len(e.free) - 1; last >= 0 {
		n := e.free[last]
		e.free = e.free[:last]
		e.files[n] = f
		return n
	}
	e.files = append(e.files, f)
	return len(e.files) - 1
}

// got is the answer to a read: how much there was up to the end of the file.
func (e *Env) got(to *C.simenv_failure, n int, err error) C.int64_t {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return e.answer(to, err)
	}
	return C.int64_t(n)
}

func lent(p unsafe.Pointer, size C.size_t) []byte { return unsafe.Slice((*byte)(p), int(size)) }

// text copies a name, which the file system may keep.
func text(p unsafe.Pointer, size C.size_t) string { return string(lent(p, size)) }
