package faults

import (
	"errors"
	"strings"
	"syscall"
)

// ErrInjected is wrapped by every error that a fault injects, so that it can be
// told from a real one.
var ErrInjected = errors.New("injected fault")

// IOError is what the caller of a failed disk operation gets. It wraps
// ErrInjected and EIO, as which the system under test knows it.
type IOError struct {
	Fault string // kind of the fault
	Op    OpKind
	Path  string
	To    string // second path of a rename or link
	After bool   // the operation took effect nevertheless
}

func newIOError(f Fault, op Op) *IOError {
	return &IOError{Fault: f.Kind(), Op: op.Kind, Path: op.Path, To: op.To, After: op.Done}
}

// Error names the kind of fault. The disk adds the operation and its first path.
func (e *IOError) Error() string {
	var b strings.Builder
	if e.To != "" {
		b.WriteString("to " + e.To + ": ")
	}
	b.WriteString("input/output error (injected fault " + e.Fault)
	if e.After {
		b.WriteString(", after its effect")
	}
	b.WriteString(")")
	return b.String()
}

// Unwrap returns ErrInjected and EIO.
func (e *IOError) Unwrap() []error { return []error{ErrInjected, syscall.EIO} }
