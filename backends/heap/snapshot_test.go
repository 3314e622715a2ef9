package heap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// A rehash leaves chains in three ranges of two arrays. Snapshots at every size
// meet it at every stage, and an access in between moves it on.
func TestSnapshotDuringRehashKeepsEveryEntry(t *testing.T) {
	stages := make(map[int]bool)
	for n := 1; n <= 200; n++ {
		in := open(t, newStreams(), 0, 1)
		for k := range n {
			put(t, in, "v", int64(k), int64(k))
		}
		for _, table := range in.byName["v"].tables {
			if table != nil && table.grown != nil {
				stages[table.moved] = true
			}
		}
		want := dump(t, in)
		back := open(t, in.params.Storage.(*streams), 0, 1, write(t, snapshot(t, in, 1)))
		if diff := gocmp.Diff(want, dump(t, back)); diff != "" || len(want) != n {
			t.Fatalf("%d of %d entries (-want +got):\n%s", len(want), n, diff)
		}
	}
	if len(stages) < 3 {
		t.Errorf("snapshots met only the stages %v of a rehash", stages)
	}
}

// The task changes another key of the same state between the encoding of a value
// and the write of its bytes: a codec shared by both phases would lend the same
// scratch memory twice. Chunks of many sizes end at every place of an entry.
func TestAsynchronousPhaseHasItsOwnCodec(t *testing.T) {
	for chunk := 16; chunk < 48; chunk++ {
		s := newStreams()
		in := open(t, s, 0, 1)
		in.chunk = chunk
		for k := range int64(64) {
			put(t, in, "v", k, k)
		}
		want := dump(t, in)
		p := snapshot(t, in, 1)
		next := int64(0)
		s.hook = func(op string) error {
			if op == "write" {
				key := next % 64
				next++
				put(t, in, "v", key, read(t, in, "v", key)+1000)
			}
			return nil
		}
		h := write(t, p)
		s.hook = nil
		if diff := gocmp.Diff(want, dump(t, open(t, s, 0, 1, h))); diff != "" {
			t.Fatalf("chunks of %d bytes (-want +got):\n%s", chunk, diff)
		}
		if next < 16 {
			t.Errorf("chunks of %d bytes: only %d writes to run in", chunk, next)
		}
	}
}

// States get ids in the order in which a subtask registers them. Two subtasks
// that differ in that restore into one.
func TestRestoreMatchesStatesByNameNotById(t *testing.T) {
	s := newStreams()
	var handles []backends.KeyedHandle
	for i, names := range [][]string{{"a", "b", "c"}, {"c", "b", "a"}} {
		in := open(t, s, i, 2)
		for _, name := range names {
			for _, k := range keysOf(in, 3) {
				put(t, in, name, k, k*10+int64(name[0]-'a'))
			}
		}
		handles = append(handles, write(t, snapshot(t, in, 1)))
	}
	in := open(t, s, 0, 1, handles...)
	for i := range 2 {
		for _, k := range keysOf(open(t, s, i, 2), 3) {
			for _, name := range []string{"a", "b", "c"} {
				if got, want := read(t, in, name, k), k*10+int64(name[0]-'a'); got != want {
					t.Errorf("%s of key %d: %d, want %d", name, k, got, want)
				}
			}
		}
	}
}

func TestRestoreKeepsOnlyOwnedKeyGroups(t *testing.T) {
	s := newStreams()
	in := open(t, s, 0, 1)
	for k := range int64(50) {
		put(t, in, "v", k, k)
	}
	want := dump(t, in)
	handles := []backends.KeyedHandle{write(t, snapshot(t, in, 1))}
	given := fmt.Sprintf("%+v", handles)
	var got []string
	for i := range 3 {
		part := open(t, s, i, 3, handles...)
		for _, e := range part.byName["v"].tables {
			if e != nil && e.size == 0 {
				t.Errorf("subtask %d has a table without entries", i)
			}
		}
		got = append(got, dump(t, part)...)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if fmt.Sprintf("%+v", handles) != given {
		t.Error("restore changed the handles")
	}
}

// A job that comes back without a state must not lose it, and must not get it
// as something else.
func TestUnregisteredStatesAreCarriedOn(t *testing.T) {
	s := newStreams()
	in := open(t, s, 0, 1)
	put(t, in, "old", 1, 11)
	want := dump(t, in)
	second := open(t, s, 0, 1, write(t, snapshot(t, in, 1)))
	if diff := gocmp.Diff(want, dump(t, second)); diff != "" {
		t.Fatalf("restored (-want +got):\n%s", diff)
	}
	third := open(t, s, 0, 1, write(t, snapshot(t, second, 2)))
	if _, err := third.List(descriptor("old", backends.ListKind)); err == nil {
		t.Error("a value state was registered as a list")
	}
	if _, err := third.Value(backends.Descriptor{Name: "old", Value: backends.Int64Codec().Codec()}); err == nil {
		t.Error("a state was registered with another codec")
	}
	if got := read(t, third, "old", 1); got != 11 {
		t.Errorf("got %d, want 11", got)
	}
}

// A snapshot that is open when a restored state is registered holds the stored
// bytes; the job meanwhile changes live values.
func TestRegistrationLeavesOpenSnapshotsAlone(t *testing.T) {
	s := newStreams()
	in := open(t, s, 0, 1)
	put(t, in, "v", 1, 11)
	second := open(t, s, 0, 1, write(t, snapshot(t, in, 1)))
	want := dump(t, second)
	p := snapshot(t, second, 2)
	put(t, second, "v", 1, 12)
	put(t, second, "v", 2, 20)
	if diff := gocmp.Diff(want, dump(t, open(t, s, 0, 1, write(t, p)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSnapshotOfNothingRestores(t *testing.T) {
	s := newStreams()
	h := write(t, snapshot(t, open(t, s, 0, 1), 7))
	if h.Backend != "heap" || h.Format != format || h.Checkpoint != 7 || len(h.Offsets) != groups {
		t.Errorf("handle %+v", h)
	}
	if slices.ContainsFunc(h.Offsets, func(o int64) bool { return o != -1 }) {
		t.Errorf("groups without entries have offsets %v", h.Offsets)
	}
	if lines := dump(t, open(t, s, 0, 1, h)); lines != nil {
		t.Errorf("restored %v", lines)
	}
}

// required is the newest version that some table still copies for.
func required(states []*state) int64 {
	var newest int64
	for _, s := range states {
		for _, t := range s.tables {
			if t != nil {
				newest = max(newest, t.required)
			}
		}
	}
	return newest
}

var errTest = errors.New("injected by the test")

// at makes the storage do something on entry of an operation.
func (s *streams) at(op string, do func() error) {
	s.hook = func(o string) error {
		if o == op {
			return do()
		}
		return nil
	}
}

// ending is a way in which a snapshot fails; it returns the error of that.
type ending func(in *instance, p backends.Pending, s *streams) error

// during fails because of what is done when the snapshot is at an operation.
func during(op string, do func(in *instance, p backends.Pending) error) ending {
	return func(in *instance, p backends.Pending, s *streams) error {
		s.at(op, func() error { return do(in, p) })
		_, err := p.Write(background)
		return err
	}
}

func endings() map[string]ending {
	discard := func(_ *instance, p backends.Pending) error { return p.Discard() }
	closing := func(in *instance, _ backends.Pending) error { return in.Close() }
	failing := func(*instance, backends.Pending) error { return errTest }
	return map[string]ending{
		"discarded": func(_ *instance, p backends.Pending, _ *streams) error {
			return errors.Join(errTest, p.Discard(), p.Discard())
		},
		"discarded while creating": during("create", discard),
		"discarded while writing":  during("write", discard),
		"discarded while closing":  during("close", discard),
		"state closed meanwhile":   during("write", closing),
		"create fails":             during("create", failing),
		"write fails":              during("write", failing),
		"close fails":              during("close", failing),
		"cancelled": func(_ *instance, p backends.Pending, _ *streams) error {
			ctx, cancel := context.WithCancel(background)
			cancel()
			_, err := p.Write(ctx)
			return err
		},
		"cancelled while closing": func(_ *instance, p backends.Pending, s *streams) error {
			ctx, cancel := context.WithCancel(background)
			s.at("close", func() error {
				cancel()
				return nil
			})
			_, err := p.Write(ctx)
			return err
		},
		"killed": func(_ *instance, p backends.Pending, s *streams) (err error) {
			defer func() { err = fmt.Errorf("%v", recover()) }()
			s.at("write", func() error { panic("killed") })
			_, err = p.Write(background)
			return err
		},
	}
}

// However a snapshot ends, the tables stop copying for it, nothing of a failed
// one stays on the storage, and no handle comes of it.
func TestEverySnapshotIsReleasedAndFailuresLeaveNothing(t *testing.T) {
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			s := newStreams()
			in := open(t, s, 0, 1)
			for k := range int64(20) {
				put(t, in, "v", k, k)
			}
			states := in.states
			p := snapshot(t, in, 1)
			if required(states) == 0 {
				t.Fatal("an open snapshot requires nothing")
			}
			if err := end(in, p, s); err == nil {
				t.Error("no error")
			}
			if got := required(states); got != 0 {
				t.Errorf("version %d is still required", got)
			}
			if len(in.pendings) != 0 || len(s.files) != 0 {
				t.Errorf("%d snapshots open, files %v", len(in.pendings), s.files)
			}
			if _, err := p.Write(background); err == nil {
				t.Error("a snapshot that is over was written")
			}
		})
	}
}

func TestWriteReleasesEachKeyGroupAsSoonAsItIsWritten(t *testing.T) {
	s := newStreams()
	in := open(t, s, 0, 1)
	for k := range int64(20) {
		put(t, in, "v", k, k)
	}
	held := func() (n int) {
		for _, table := range in.byName["v"].tables {
			if table != nil && table.required > 0 {
				n++
			}
		}
		return n
	}
	var seen []int
	p := snapshot(t, in, 1)
	s.hook = func(string) error {
		seen = append(seen, held())
		return nil
	}
	write(t, p)
	seen = slices.Compact(append(seen, held()))
	if !slices.IsSortedFunc(seen, func(a, b int) int { return b - a }) || len(seen) < groups/2 || seen[len(seen)-1] != 0 {
		t.Errorf("key groups held during the write: %v", seen)
	}
}

func TestPiecesOfASnapshotAreSmall(t *testing.T) {
	s := newStreams()
	k, err := New().OpenKeyed(background, backends.KeyedParams{
		MaxParallelism: groups, KeyGroups: backends.RangeOf(0, 1, groups), Storage: s,
	})
	must(t, err)
	in := k.(*instance)
	for k := range int64(1000) {
		put(t, in, "v", k, k)
	}
	h := write(t, snapshot(t, in, 1))
	writes := int64(0)
	for _, op := range s.calls {
		if op == "write" {
			writes++
		}
	}
	if writes < h.Stream.SizeBytes/1024 {
		t.Errorf("%d bytes in %d writes", h.Stream.SizeBytes, writes)
	}
}

// The same calls give the same bytes in the same pieces, Go's maps or not: traces
// of two runs are compared.
func TestSameCallsWriteTheSameBytes(t *testing.T) {
	s, h := sample(t)
	again, h2 := sample(t)
	if !slices.Equal(s.files[h.Stream.Path], again.files[h2.Stream.Path]) || !slices.Equal(s.calls, again.calls) {
		t.Error("two equal runs wrote different snapshots")
	}
}
