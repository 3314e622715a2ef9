package kv_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// numbers are written in 8 bytes by the first version of their codec, in 8 bytes
// that mean the same by the second, and as text by the third. Each takes over what
// all the others wrote.
type numbers struct {
	backends.Codec
	refuses int64 // a number that cannot be read when it is taken over; 0: none
}

func numbersOf(version int) numbers {
	c := backends.Int64Codec()
	if version == 3 {
		c.FixedBytes = 0
		c.Append = func(dst []byte, v int64) ([]byte, error) { return strconv.AppendInt(dst, v, 10), nil }
		c.Decode = func(src []byte) (int64, error) { return strconv.ParseInt(string(src), 10, 64) }
	}
	c.ID.Version = version
	return numbers{Codec: c.Codec()}
}

func (n numbers) FixedBytes() int { return n.Codec.(backends.FixedSizer).FixedBytes() }

func (n numbers) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	switch {
	case stored.Name != n.ID().Name || stored.Version > 3:
		return backends.Incompatible, nil
	case (stored.Version == 3) == (n.ID().Version == 3):
		return backends.AsIs, nil
	}
	return backends.AfterMigration, choosy{numbersOf(stored.Version), n.refuses}
}

type choosy struct {
	backends.Codec
	refuses int64
}

func (c choosy) Decode(src []byte) (any, error) {
	v, err := c.Codec.Decode(src)
	if err == nil && c.refuses != 0 && v.(int64) == c.refuses {
		err = errors.New("an unlucky number")
	}
	return v, err
}

// numbered is one state of each kind that has values.
type numbered struct {
	value    backends.RawValue
	list     backends.RawList
	entries  backends.RawMap
	reducing backends.RawMerging
}

func numberStates(in *backendtest.Instance, c backends.Codec) (n numbered, err error) {
	d := func(name string, kind backends.StateKind) backends.Descriptor {
		return backends.Descriptor{Name: name, Kind: kind, Value: c, Reduce: func(a, b any) any { return a.(int64) + b.(int64) }}
	}
	var errs [4]error
	n.value, errs[0] = in.Value(d("value", backends.ValueKind))
	n.list, errs[1] = in.List(d("list", backends.ListKind))
	n.entries, errs[2] = in.Map(d("map", backends.MapKind))
	n.reducing, errs[3] = in.Reducing(d("sum", backends.ReducingKind))
	return n, errors.Join(errs[:]...)
}

func (n numbered) fill(t *testing.T, in *backendtest.Instance) {
	t.Helper()
	for k := range int64(12) {
		in.Use(k)
		must(t, errors.Join(n.value.Update(k), n.list.AddAll([]any{k, k + 100, k - 100}), n.reducing.Add(k)))
		must(t, errors.Join(n.entries.Put("a", k), n.entries.Put("b", -k)))
	}
}

func (n numbered) read(t *testing.T, in *backendtest.Instance) (lines []string) {
	t.Helper()
	for k := range int64(12) {
		in.Use(k)
		v, err := n.value.Get()
		l, err2 := n.list.Get()
		a, err3 := n.entries.Get("a")
		b, err4 := n.entries.Get("b")
		s, err5 := n.reducing.Get()
		must(t, errors.Join(err, err2, err3, err4, err5))
		lines = append(lines, fmt.Sprint(k, v, l, a, b, s))
	}
	return lines
}

// From each version to each other, by way of each kind of snapshot: what is read is
// the same, and what is written then is what the new codec writes.
func TestStatesAreRewrittenForACodecThatTakesThemOver(t *testing.T) {
	for _, o := range []backends.SnapshotOptions{{}, {Full: true}, canonical} {
		for from := 1; from <= 3; from++ {
			for to := 1; to <= 3; to++ {
				evolve(t, o, from, to)
			}
		}
	}
}

func evolve(t *testing.T, o backends.SnapshotOptions, from, to int) {
	t.Helper()
	what := fmt.Sprintf("%+v from %d to %d", o, from, to)
	r := &rig{native: true, merges: true}
	w := world(r)
	put := w.Open(t, 0, 1)
	states, err := numberStates(put, numbersOf(from))
	must(t, err)
	states.fill(t, put)
	want, before := states.read(t, put), put.Dump()
	fresh := w.Open(t, 0, 1)
	states, err = numberStates(fresh, numbersOf(to))
	must(t, err)
	states.fill(t, fresh)
	after := fresh.Dump()

	p, err := put.Snapshot(1, o)
	must(t, err)
	in := w.Open(t, 0, 1, w.Write(t, p))
	open, err := in.Snapshot(2, o)
	must(t, err)
	migrated := w.Counters["states_migrated"]
	states, err = numberStates(in, numbersOf(to))
	must(t, err)
	if got := w.Counters["states_migrated"] - migrated; got != 0 && (from == 3) == (to == 3) || got == 0 && (from == 3) != (to == 3) {
		t.Errorf("%s: %d states are migrated", what, got)
	}
	if diff := gocmp.Diff(want, states.read(t, in)); diff != "" {
		t.Errorf("%s: read (-want +got):\n%s", what, diff)
	}
	if diff := gocmp.Diff(after, in.Dump()); diff != "" {
		t.Errorf("%s: stored (-want +got):\n%s", what, diff)
	}
	// The snapshot from before still is of the old codec.
	old := w.Open(t, 0, 1, w.Write(t, open))
	if diff := gocmp.Diff(before, old.Dump()); diff != "" {
		t.Errorf("%s: an open snapshot (-want +got):\n%s", what, diff)
	}
	_, err = numberStates(old, numbersOf(from))
	must(t, err)
	// The next one is of the new codec, and of no other.
	p, err = in.Snapshot(3, o)
	must(t, err)
	h := w.Write(t, p)
	next := w.Open(t, 0, 1, h)
	if diff := gocmp.Diff(after, next.Dump()); diff != "" {
		t.Errorf("%s: the next snapshot (-want +got):\n%s", what, diff)
	}
	_, err = numberStates(next, plain{numbersOf(from)})
	if from == to {
		must(t, err)
	} else if err == nil || !strings.Contains(err.Error(), "which int64/"+strconv.Itoa(from)+" cannot take over") {
		t.Errorf("%s: back again: %v", what, err)
	}
}

// plain hides what a codec can take over.
type plain struct{ backends.Codec }

func (p plain) FixedBytes() int { return p.Codec.(backends.FixedSizer).FixedBytes() }

// The last of many values cannot be read: none changes, and the state is what it was.
func TestMigrationIsOfAllValuesOrOfNone(t *testing.T) {
	for _, name := range []string{"value", "list", "map", "sum"} {
		r := &rig{}
		w := world(r)
		put := w.Open(t, 0, 1)
		states, err := numberStates(put, numbersOf(1))
		must(t, err)
		states.fill(t, put)
		in := w.Open(t, 0, 1, w.Write(t, put.Take(1)))
		before, puts := raw(t, r.last(), name), r.calls["put"]
		unlucky := numbersOf(3)
		unlucky.refuses = 11
		_, err = numberStates(in, unlucky)
		if err == nil || !strings.Contains(err.Error(), "an unlucky number") || !strings.Contains(err.Error(), `state "`+name+`": from codec int64/1 to int64/3: entry "`) {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(before, raw(t, r.last(), name)) || r.calls["put"] != puts {
			t.Errorf("%s: %d values were written", name, r.calls["put"]-puts)
		}
		states, err = numberStates(in, numbersOf(1))
		must(t, err)
		if got := states.read(t, in); len(got) != 12 {
			t.Errorf("%s: read %v", name, got)
		}
	}
}

// A state that evolved is as another backend has it that evolved, too.
func TestSavepointsOfEvolvedStateAreEqualOnEveryBackend(t *testing.T) {
	for from := 1; from <= 3; from++ {
		ws := worlds()
		var first backends.KeyedHandle
		for _, name := range []string{"heap", "kv", "kv that merges"} {
			w := ws[name]
			if first.Format == "" {
				put := w.Open(t, 0, 1)
				states, err := numberStates(put, numbersOf(from))
				must(t, err)
				states.fill(t, put)
				first = savepoint(t, w, put)
			}
		}
		files := make(map[string]string)
		for name, w := range ws {
			in := w.Open(t, 0, 1, first)
			_, err := numberStates(in, numbersOf(from%3+1))
			must(t, err)
			files[name] = string(w.Streams.Files[savepoint(t, w, in).Stream.Path])
		}
		if files["kv"] != files["heap"] || files["kv that merges"] != files["heap"] {
			t.Errorf("from %d: savepoints of evolved state differ from the heap's", from)
		}
	}
}
