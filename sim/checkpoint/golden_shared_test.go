package checkpoint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"flinch/backends"
)

// TestBookOfSharedFiles prints the book of shared files. Commands: ack id=n, with
// names of files: a trailing ? marks a place-holder, ! other bytes; unused lowest=n; recover, with
// a line "id: names" for each retained checkpoint.
func TestBookOfSharedFiles(t *testing.T) {
	datadriven.Walk(t, "testdata/shared", func(t *testing.T, path string) {
		s := NewSharedState(nil)
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			said := ""
			switch td.Cmd {
			case "ack":
				said = ackText(s.Register(backends.CheckpointID(number(td, "id", 0)), subtaskOf(streamsOf(strings.Fields(td.Input))...)))
			case "unused":
				said = "to be deleted:" + pathsText(s.Unused(backends.CheckpointID(number(td, "lowest", 0))))
			case "recover":
				s = NewSharedState(retainedOf(td.Input))
			default:
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			return said + s.text()
		})
	})
}

func streamsOf(names []string) []backends.StreamHandle {
	var list []backends.StreamHandle
	for _, name := range names {
		h := sharedHandle(strings.TrimRight(name, "?!"))
		if strings.HasSuffix(name, "?") {
			h = placeholder(strings.TrimRight(name, "?"))
		}
		if strings.HasSuffix(name, "!") {
			h.Sum++
		}
		list = append(list, h)
	}
	return list
}

func retainedOf(input string) []Completed {
	var list []Completed
	for line := range strings.Lines(input) {
		var id backends.CheckpointID
		head, names, _ := strings.Cut(line, ":")
		if _, err := fmt.Sscan(head, &id); err != nil {
			panic(fmt.Sprintf("%q: %v", line, err))
		}
		subtask := subtaskOf(streamsOf(strings.Fields(names))...)
		m := Metadata{ID: id, Operators: []Operator{{Name: "o", Parallelism: 1, Subtasks: []Subtask{subtask}}}}
		list = append(list, Completed{ID: id, Metadata: m})
	}
	return list
}

func ackText(state Subtask, err error) string {
	switch {
	case errors.Is(err, ErrUnknownState):
		return "declined: " + err.Error() + "\n"
	case err != nil:
		return "error: " + err.Error() + "\n"
	}
	return "registered:" + pathsText(slices.DeleteFunc(slices.Collect(state.Streams()), func(h backends.StreamHandle) bool { return !h.IsShared() }))
}

func pathsText(list []backends.StreamHandle) string {
	if len(list) == 0 {
		return " none\n"
	}
	var out strings.Builder
	for _, h := range list {
		out.WriteString(" " + strings.TrimPrefix(h.Path, "/shared/"))
	}
	return out.String() + "\n"
}

// text lists the files with the last checkpoint that names each.
func (s *SharedState) text() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		list = append(list, fmt.Sprintf("%s last named by %d", strings.TrimPrefix(name, "/shared/"), s.files[name].used))
	}
	if len(list) == 0 {
		return "the book is empty\n"
	}
	return "book: " + strings.Join(list, ", ") + "\n"
}
