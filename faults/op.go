package faults

import (
	"fmt"
	"strings"
	"time"
)

// OpKind is what an operation on a disk does.
type OpKind uint8

// The operations that a disk asks its hook about.
const (
	OpCreate OpKind = iota // a new name and inode
	OpOpen
	OpRead
	OpWrite
	OpTruncate
	OpSync    // fsync of a file: its data and size, not its name
	OpSyncDir // fsync of a directory: the names in it
	OpRename
	OpLink
	OpUnlink
	OpMkdir
	OpList
	OpStat
	OpKindCount // not an operation: how many kinds there are
)

var opNames = [OpKindCount]string{
	"create", "open", "read", "write", "truncate", "sync", "syncdir",
	"rename", "link", "unlink", "mkdir", "list", "stat",
}

// String returns the kind's name in lower case.
func (k OpKind) String() string {
	if k < OpKindCount {
		return opNames[k]
	}
	return "op-unknown"
}

// MarshalText writes the kind's name.
func (k OpKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *OpKind) UnmarshalText(text []byte) error {
	for i, name := range opNames {
		if name == string(text) {
			*k = OpKind(i)
			return nil
		}
	}
	return fmt.Errorf("operation %q: want one of %s", text, strings.Join(opNames[:], ", "))
}

// Mutates tells whether operations of this kind can change what a disk holds
// or what of it is durable.
func (k OpKind) Mutates() bool {
	switch k {
	case OpOpen, OpRead, OpList, OpStat:
		return false
	}
	return true
}

// Op is one operation on a disk, as its hook sees it. The hook is asked twice:
// on entry, before anything has happened, and with Done set, after the effect
// and before the caller learns of it.
type Op struct {
	Kind   OpKind
	Path   string // cleaned, absolute
	To     string // second path of a rename or link
	Offset int64  // first byte of a read or write
	Bytes  int    // length of a read or write
	Sum    uint64 // xxhash64 of the bytes of a write
	Done   bool
	Verb   string // of a request to an object service, which is no operation of a disk; "": it is one
	Atomic bool   // called from inside an engine: the hook must neither yield nor panic
}

// Fills tells whether the operation takes room on the disk. Requests that bring an
// object do so in one.
func (o Op) Fills() bool { return o.Kind == OpWrite || o.Verb != "" && o.Kind == OpCreate }

// Outcome is a hook's decision on one Op. The zero value lets it happen.
type Outcome struct {
	// Err is returned to the caller. On entry the operation then has no effect
	// (but see Partial); with Op.Done set the effect stays: an error after effect.
	Err error
	// Partial, with Err on entry of a write, is how many of its bytes take
	// effect before the error: a torn write. 0 means none.
	Partial int
	// Delay is added to the virtual time that the operation takes. A disk does
	// not wait: the hook's owner does, before it returns or, for Atomic
	// operations, when the engine call has returned.
	Delay time.Duration
	// Late, with Err on entry of a request to an object service: it takes effect so
	// much later, whatever has become of the caller. 0: it does not.
	Late time.Duration
}
