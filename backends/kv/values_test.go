package kv_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// rawText writes a string as it is, with nothing that tells where it ends, and
// one byte before it: codecs write at least one.
func rawText() backends.TypedCodec[string] {
	return backends.TypedCodec[string]{
		ID:        backends.CodecID{Name: "raw", Version: 1},
		Append:    func(dst []byte, s string) ([]byte, error) { return append(append(dst, '='), s...), nil },
		Decode:    func(src []byte) (string, error) { return string(src[1:]), nil },
		Immutable: true,
	}
}

// What is stored is part of the contract with engines: compaction filters, merge
// operators and other programs read it. The key "k" is in group 40.
func TestValuesHaveTheLayoutOfFlink(t *testing.T) {
	for _, merges := range []bool{false, true} {
		r := &rig{merges: merges}
		w := world(r)
		w.KeyBytes, w.Groups = 0, 128
		in := w.Open(t, 0, 1)
		v, err := backends.NewValueState(in, "v", rawText())
		must(t, err)
		l, err := backends.NewListState(in, "l", rawText())
		must(t, err)
		n, err := backends.NewListState(in, "n", backends.Int64Codec())
		must(t, err)
		m, err := backends.NewMapState(in, "default", backends.MapCodec[string, string]{Keys: backends.StringKeys(), Values: rawText()})
		must(t, err)

		must(t, in.SetCurrentKey(backends.StringKey("k")))
		must(t, v.Update("a\x00,"))
		must(t, l.AddAll([]string{"p,q", ""}))
		must(t, l.Add("\x00"))
		must(t, n.Add(0x2C))
		must(t, n.AddAll([]int64{1, 2}))
		must(t, m.Put("a", "x"))
		must(t, m.Put("a\x00b", ""))

		group := backends.KeyGroup(backends.StringKey("k").Hash, 128)
		key := string(rune(group)) + "k\x00\x00\x00"
		got := map[string][]string{}
		for _, name := range r.last().Families() {
			got[name] = raw(t, r.last(), name)
		}
		want := map[string][]string{
			"v":        {key + " = =a\x00,"},
			"l":        {key + " = \x04=p,q,\x01=,\x02=\x00"},
			"n":        {key + " = \x00\x00\x00\x00\x00\x00\x00\x2C,\x00\x00\x00\x00\x00\x00\x00\x01,\x00\x00\x00\x00\x00\x00\x00\x02"},
			"default'": {key + "a\x00\x00 = \x00=x", key + "a\x00\xffb\x00\x00 = \x00="},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("merges %v (-want +got):\n%s", merges, diff)
		}
		if elements, err := l.Get(); !slices.Equal(elements, []string{"p,q", "", "\x00"}) || err != nil {
			t.Errorf("the list is read as %q, %v", elements, err)
		}
	}
}

// Appending by get and put copies the list each time: 45 GB for this one.
func TestManyAppendsToOneListAreMerged(t *testing.T) {
	r := &rig{merges: true}
	w := world(r)
	in := w.Open(t, 0, 1)
	l := in.BoxList("l")
	in.Use(1)
	const n = 1e5
	for i := range int64(n) {
		must(t, l.Add(&backendtest.Box{N: i}))
	}
	got, err := l.Get()
	must(t, err)
	for i, v := range got {
		if v.(*backendtest.Box).N != int64(i) {
			t.Fatalf("element %d is %v", i, v)
		}
	}
	if len(got) != n || r.calls["get"] != 1 || r.calls["put"] != 0 || w.Counters["list_merges"] != n {
		t.Errorf("%d elements by %v, counted %v", len(got), r.calls, w.Counters)
	}
}

// What the engine gives back may be damaged: each kind of state says so.
func TestDamagedValuesAreErrors(t *testing.T) {
	box := "\x00\x00\x00\x00\x00\x00\x00\x04"
	for _, c := range []struct{ state, value, words string }{
		{"value", "", "a value has no bytes"},
		{"value", "short", "decode"},
		{"list", "", "no number"},
		{"list", "\x00", "an element has no bytes"},
		{"list", "\x09" + box, "9 items announced, 8 bytes left"},
		{"list", "\x08" + box + ",", "no number"},
		{"list", "\x08" + box + ";\x08" + box, "no comma before element 1"},
		{"list", "\x08" + box + "\x08" + box, "no comma before element 1"},
		{"list", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "no number"},
		{"fixed", "", "8 bytes wanted, 0 left"},
		{"fixed", box[1:], "8 bytes wanted, 7 left"},
		{"fixed", box + ",", "8 bytes wanted, 0 left"},
		{"fixed", box + box, "no comma before element 1"},
		{"map", "\x01" + box, "flag 0x1"},
		{"map", "\x00", "1 bytes"},
		{"map", "", "0 bytes"},
		{"map", "\x00short", "decode"},
	} {
		r := &rig{}
		in := world(r).Open(t, 0, 1)
		get := reader(t, in, c.state)
		in.Use(1)
		f := r.last().families[c.state]
		f.tree.Scan(func(e entry) bool {
			must(t, f.Put(e.key, []byte(c.value)))
			return false
		})
		if err := get(); err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), c.state) {
			t.Errorf("%s state with the value %q: %v, want %q", c.state, c.value, err, c.words)
		}
		err := in.Entries(in.Params.KeyGroups, func(backends.Entry) error { return nil })
		if isCodec := c.words == "decode"; isCodec != (err == nil) {
			t.Errorf("entries of %s state with the value %q: %v", c.state, c.value, err)
		}
	}
}

// So may keys: none that is stored is passed over in silence.
func TestDamagedKeysAreErrors(t *testing.T) {
	for _, key := range []string{"\x01", "\x00\x01", "\x00\x01key", "\x00\x0112345678", "\x00\x0112345678\x02", "\x00\x0112345678\x00user"} {
		r := &rig{}
		w := world(r)
		w.Groups = 300
		in := w.Open(t, 0, 1)
		in.Boxes("v")
		must(t, r.last().families["v"].Put([]byte(key), []byte("x")))
		err := in.Entries(in.Params.KeyGroups, func(backends.Entry) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "op/0") && !strings.Contains(err.Error(), `state "v"`) {
			t.Errorf("entries with the key %q: %v", key, err)
		}
	}
}

func TestRangeEndsWhenTheStateIsClosed(t *testing.T) {
	r := &rig{}
	in := world(r).Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for _, user := range []string{"a", "b", "c", "d"} {
		must(t, m.Put(user, &backendtest.Box{}))
	}
	calls := 0
	err := m.Range(func(string, any) bool {
		calls++
		must(t, in.Close())
		return true
	})
	if err == nil || !strings.Contains(err.Error(), "rig state is closed") || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// reader puts one entry into a state and returns how it is read.
func reader(t *testing.T, in *backendtest.Instance, state string) func() error {
	in.Use(1)
	switch state {
	case "value":
		in.Put(state, 1, 4)
		return func() error { _, err := in.Boxes(state).Get(); return err }
	case "map":
		m := in.BoxMap(state)
		must(t, m.Put("u", &backendtest.Box{}))
		return func() error { return m.Range(func(string, any) bool { return true }) }
	case "fixed":
		l, err := in.List(backendtest.FixedBoxes(state, backends.ListKind))
		must(t, err)
		must(t, l.Add(&backendtest.Box{}))
		return func() error { _, err := l.Get(); return err }
	}
	must(t, in.BoxList(state).Add(&backendtest.Box{}))
	return func() error { _, err := in.BoxList(state).Get(); return err }
}

// A codec that breaks its word would make lists that cannot be read.
func TestCodecsAreHeldToTheirWord(t *testing.T) {
	in := world(&rig{}).Open(t, 0, 1)
	fixed, err := in.List(backends.Descriptor{Name: "fixed", Kind: backends.ListKind, Value: liar{Codec: backends.Int64Codec().Codec(), fixed: 9}})
	must(t, err)
	empty, err := in.Value(backends.Descriptor{Name: "empty", Value: liar{Codec: backends.Int64Codec().Codec(), empty: true}})
	must(t, err)
	in.Use(1)
	for what, err := range map[string]error{
		"promised 9 each time": fixed.AddAll([]any{int64(1)}), "no bytes": empty.Update(int64(1)),
		"encode a string": in.Boxes("box").Update("text"), "element 1": in.BoxList("list").AddAll([]any{&backendtest.Box{}, "text"}),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want %q", err, what)
		}
	}
	_, err = in.List(backends.Descriptor{Name: "fixed", Kind: backends.ListKind, Value: backends.Int64Codec().Codec()})
	if err == nil || !strings.Contains(err.Error(), "elements of 9 bytes, not 8") {
		t.Errorf("the same codec of another length: %v", err)
	}
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
}

type liar struct {
	backends.Codec
	fixed int
	empty bool
}

func (l liar) FixedBytes() int { return l.fixed }

func (l liar) Encode(v any) ([]byte, error) {
	if l.empty {
		return nil, nil
	}
	return l.Codec.Encode(v)
}

// Maps are read in pages; every size meets the end of one.
func TestMapsOfAnySizeAreRangedAndCleared(t *testing.T) {
	for page := int64(1); page <= 4; page++ {
		for n := range 10 {
			w := world(&rig{})
			w.Tuning = map[string]int64{"kv.page_entries": page}
			in := w.Open(t, 0, 1)
			m := in.BoxMap("m")
			in.Use(1)
			for i := range n {
				must(t, m.Put(fmt.Sprint(i), &backendtest.Box{}))
			}
			got := 0
			must(t, m.Range(func(k string, _ any) bool {
				if k != fmt.Sprint(got) {
					t.Errorf("user key %q is number %d", k, got)
				}
				got++
				return true
			}))
			must(t, m.Clear())
			if lines := in.Dump(); got != n || lines != nil {
				t.Errorf("pages of %d: ranged over %d of %d user keys; after a clear %v", page, got, n, lines)
			}
		}
	}
}

// Each failure of the engine reaches the caller, and says where.
func TestErrorsOfTheEngineAreTold(t *testing.T) {
	broken := fmt.Errorf("disk on fire: %w", backends.ErrBroken)
	for _, merges := range []bool{false, true} {
		r := &rig{merges: merges}
		w := world(r)
		in := w.Open(t, 0, 1)
		v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
		in.Use(1)
		must(t, m.Put("a", &backendtest.Box{}))
		r.fail = func(string) error { return broken }
		_, got := v.Get()
		_, has := m.Contains("a")
		_, empty := m.IsEmpty()
		_, list := l.Get()
		_, taken := in.Snapshot(1, backends.SnapshotOptions{})
		_, registered := in.Value(backendtest.Boxes("new", backends.ValueKind))
		for what, err := range map[string]error{
			"get": got, "update": v.Update(&backendtest.Box{}), "clear": v.Clear(), "add": l.Add(&backendtest.Box{}), "list": list,
			"put": m.Put("b", &backendtest.Box{}), "contains": has, "empty": empty, "range": m.Range(nil), "clear map": m.Clear(),
			"entries": in.Entries(in.Params.KeyGroups, nil), "snapshot": taken, "register": registered, "close": in.Close(),
		} {
			if err == nil || !strings.Contains(err.Error(), "disk on fire") || len(err.Error()) < len(broken.Error())+5 {
				t.Errorf("merges %v: %s: %v", merges, what, err)
			}
		}
	}
}
