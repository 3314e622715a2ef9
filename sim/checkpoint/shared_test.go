package checkpoint

import (
	"errors"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
)

func sharedHandle(name string) backends.StreamHandle {
	return backends.StreamHandle{Path: "/shared/" + name, SizeBytes: 7, Sum: 1, Scope: backends.Shared}
}

func placeholder(name string) backends.StreamHandle {
	return backends.StreamHandle{Path: "/shared/" + name, SizeBytes: 7, Scope: backends.Shared, Placeholder: true}
}

// subtaskOf is an acknowledgement with some files and one stream of its own.
func subtaskOf(streams ...backends.StreamHandle) Subtask {
	h := backends.KeyedHandle{Stream: backends.StreamHandle{Path: "/chk-1/own", SizeBytes: 3}}
	for i, s := range streams {
		h.Files = append(h.Files, backends.FileHandle{Name: string(rune('a' + i)), Stream: s})
	}
	return Subtask{Keyed: []backends.KeyedHandle{h}}
}

func registerOrFatal(t *testing.T, s *SharedState, id backends.CheckpointID, state Subtask) Subtask {
	t.Helper()
	out, err := s.Register(id, state)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func unusedPaths(s *SharedState, lowest backends.CheckpointID) []string {
	var names []string
	for _, h := range s.Unused(lowest) {
		names = append(names, h.Path)
	}
	return names
}

func TestPlaceholdersAreReplacedByTheRegisteredHandles(t *testing.T) {
	s := NewSharedState(nil)
	registerOrFatal(t, s, 1, subtaskOf(sharedHandle("1")))
	given := subtaskOf(placeholder("1"), sharedHandle("2"))
	got := registerOrFatal(t, s, 2, given)
	if diff := cmp.Diff(subtaskOf(sharedHandle("1"), sharedHandle("2")), got); diff != "" {
		t.Errorf("registered state (-want +got):\n%s", diff)
	}
	if !given.Keyed[0].Files[0].Stream.Placeholder {
		t.Error("Register changed the state that it was given")
	}
}

func TestUnknownPlaceholderRegistersNothing(t *testing.T) {
	s := NewSharedState(nil)
	_, err := s.Register(3, subtaskOf(sharedHandle("new"), placeholder("gone")))
	if !errors.Is(err, ErrUnknownState) {
		t.Errorf("error %v, want one that wraps ErrUnknownState", err)
	}
	if left := unusedPaths(s, 100); left != nil {
		t.Errorf("registered %v", left)
	}
}

func TestFileIsNotRegisteredWithOtherBytes(t *testing.T) {
	s := NewSharedState(nil)
	registerOrFatal(t, s, 1, subtaskOf(sharedHandle("a")))
	other := sharedHandle("a")
	other.Sum++
	if _, err := s.Register(2, subtaskOf(other)); !errors.Is(err, ErrUnknownState) {
		t.Errorf("error %v, want one that wraps ErrUnknownState", err)
	}
	registerOrFatal(t, s, 2, subtaskOf(sharedHandle("a"))) // the same acknowledgement twice
}

func TestFileIsUnusedOnceEveryCheckpointThatNamesItIsGone(t *testing.T) {
	s := NewSharedState(nil)
	registerOrFatal(t, s, 1, subtaskOf(sharedHandle("b"), sharedHandle("a")))
	registerOrFatal(t, s, 2, subtaskOf(placeholder("a")))
	registerOrFatal(t, s, 3, subtaskOf(sharedHandle("c"))) // given up later: nobody says so
	for _, step := range []struct {
		lowest backends.CheckpointID
		want   []string
	}{
		{1, nil},
		{2, []string{"/shared/b"}},
		{2, nil},
		{4, []string{"/shared/a", "/shared/c"}},
	} {
		if diff := cmp.Diff(step.want, unusedPaths(s, step.lowest)); diff != "" {
			t.Errorf("unused below checkpoint %d (-want +got):\n%s", step.lowest, diff)
		}
	}
}

func TestLateUseOfAnOldCheckpointTakesNothingBack(t *testing.T) {
	s := NewSharedState(nil)
	registerOrFatal(t, s, 5, subtaskOf(sharedHandle("a")))
	registerOrFatal(t, s, 4, subtaskOf(placeholder("a"))) // late
	if left := unusedPaths(s, 5); left != nil {
		t.Errorf("checkpoint 5 needs %v", left)
	}
}

func TestBookIsMadeAnewFromRetainedCheckpoints(t *testing.T) {
	retained := []Completed{
		{ID: 3, Metadata: Metadata{Operators: []Operator{{Subtasks: []Subtask{subtaskOf(sharedHandle("a"), sharedHandle("b"))}}}}},
		{ID: 4, Metadata: Metadata{Operators: []Operator{{Subtasks: []Subtask{subtaskOf(sharedHandle("b"))}}}}},
	}
	s := NewSharedState(retained)
	registerOrFatal(t, s, 5, subtaskOf(placeholder("b")))
	if diff := cmp.Diff([]string{"/shared/a"}, unusedPaths(s, 4)); diff != "" {
		t.Errorf("unused below checkpoint 4 (-want +got):\n%s", diff)
	}
}
