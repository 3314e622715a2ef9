package backendtest

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"flinch/backends"
)

// piece runs a part of a clause, or a whole one, as a subtest. A panic fails it and
// no more: what follows is held against the backend all the same.
func piece(t *testing.T, name string, check func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		defer func() {
			t.Helper()
			if p := recover(); p != nil {
				t.Errorf("%s", panicText(p, debug.Stack()))
			}
		}()
		check(t)
	})
}

// panicText says what panicked, and where: the stack without what caught it and
// what called the clause.
func panicText(p any, stack []byte) string {
	lines := strings.Split(strings.TrimSpace(string(stack)), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 < len(lines) {
			lines = lines[i+2:] // behind its file
			break
		}
	}
	for len(lines) > 2 && strings.HasPrefix(lines[0], "runtime.") {
		lines = lines[2:]
	}
	for i, line := range lines {
		for _, caller := range []string{"testing.", "flinch/backends/backendtest.piece", "flinch/backends/backendtest.closing("} {
			if i > 0 && strings.HasPrefix(line, caller) {
				return fmt.Sprintf("panic: %v\n%s", p, strings.Join(lines[:i], "\n"))
			}
		}
	}
	return fmt.Sprintf("panic: %v\n%s", p, strings.Join(lines, "\n"))
}

// closing closes an instance when its test is over. A panic fails the test.
func closing(t TB, k backends.Keyed) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			t.Fatalf("Close: %s", panicText(p, debug.Stack()))
		}
	}()
	_ = k.Close()
}

// nothing is the error for a call that returned a nil and no error where that is
// no answer; nil for all others.
func nothing[T any](v T) error {
	if any(v) != nil {
		return nil
	}
	switch of := any((*T)(nil)).(type) {
	case *backends.Keyed, *backends.RawValue, *backends.RawList, *backends.RawMap, *backends.RawMerging,
		*backends.RawTimers, *backends.MapIterator, *backends.Pending:
		return fmt.Errorf("the backend returned nil as %s, and no error", strings.TrimPrefix(fmt.Sprintf("%T", of), "*"))
	}
	return nil
}
