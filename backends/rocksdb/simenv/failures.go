//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// mark stands in the text of each error that an Env hands to the engine, before
// the error's number.
const mark = "flinch-error-"

// Join joins to an error of the engine those errors of the file system that its
// text has the numbers of, so that errors.Is finds them. An error whose text has
// no number comes from the engine alone, a corruption for one: it is returned as
// it is.
func (e *Env) Join(err error) error {
	if err == nil {
		return nil
	}
	causes := []error{err}
	missesOptions := false
	for rest := err.Error(); ; {
		_, behind, found := strings.Cut(rest, mark)
		if !found {
			break
		}
		rest = behind
		if cause := e.numbered(behind); cause != nil {
			causes = append(causes, cause)
			missesOptions = missesOptions || errors.Is(cause, fs.ErrNotExist) && strings.Contains(cause.Error(), "/OPTIONS-")
		}
	}
	if len(causes) == 1 && e.unopened != nil && strings.Contains(err.Error(), twoAnswers) {
		causes = append(causes, e.unopened)
	}
	if missesOptions && e.unnamed != nil {
		// The engine passes over an OPTIONS file that it could not rename. If it is
		// there nevertheless, the one before it is deleted as obsolete, and missed by
		// the next checkpoint.
		causes = append(causes, e.unnamed)
	}
	if len(causes) == 1 {
		return err
	}
	return &joined{causes}
}

// twoAnswers is what the engine says when a file cannot be opened, and can be
// when it is tried once more: it takes the difference between the two tries, direct
// I/O, for the reason. No database here uses direct I/O, so the newest failure to open a file is.
const twoAnswers = "Direct I/O is not supported by the specified DB"

// numbered is the error whose number text begins with, nil if there is none.
func (e *Env) numbered(text string) error {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	n, err := strconv.Atoi(text[:digits])
	if err != nil || n < 1 || n > len(e.failures) {
		return nil
	}
	return e.failures[n-1]
}

// joined prints as the engine's error, which has the texts of the others.
type joined struct{ causes []error }

func (j *joined) Error() string   { return j.causes[0].Error() }
func (j *joined) Unwrap() []error { return j.causes }

// answer is what an exported call returns: 0, or less after it wrote err down for
// the engine.
func (e *Env) answer(to *C.simenv_failure, err error) C.int64_t {
	if err == nil {
		return 0
	}
	e.failures = append(e.failures, err)
	return tell(to, err, mark+strconv.Itoa(len(e.failures))+": "+err.Error())
}

// tell writes down an error without giving it a number.
func tell(to *C.simenv_failure, err error, text string) C.int64_t {
	to.kind = C.SIMENV_IO
	switch {
	case errors.Is(err, fs.ErrNotExist):
		to.kind = C.SIMENV_MISSING
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.EXDEV):
		to.kind = C.SIMENV_UNSUPPORTED
	}
	to.size = C.uint32_t(copy(unsafe.Slice((*byte)(unsafe.Pointer(&to.text[0])), len(to.text)), text))
	return -1
}

// catch makes an error of a panic, which must not cross the engine.
func (e *Env) catch(to *C.simenv_failure, code *C.int64_t) {
	if cause := recover(); cause != nil {
		*code = e.answer(to, fmt.Errorf("panic inside of the engine: %v", cause))
	}
}
