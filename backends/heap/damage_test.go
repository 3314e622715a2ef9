package heap

import (
	"slices"
	"strings"
	"testing"

	"flinch/backends"
)

// sample is a snapshot with every kind of state.
func sample(t *testing.T) (*streams, backends.KeyedHandle) {
	s := newStreams()
	in := open(t, s, 0, 1)
	l, err := in.List(descriptor("list", backends.ListKind))
	must(t, err)
	m, err := in.Map(descriptor("map", backends.MapKind))
	must(t, err)
	for k := range int64(6) {
		put(t, in, "value", k, k)
		must(t, l.AddAll([]any{&box{n: k}, &box{n: k}}))
		must(t, m.Put("a", &box{n: k}))
		for _, user := range []string{"b", "c", "d", "e", "f", "g"} {
			must(t, m.Put(user, &box{n: k}))
		}
	}
	return s, write(t, snapshot(t, in, 9))
}

func reopen(s *streams, h backends.KeyedHandle) error {
	_, err := New().OpenKeyed(background, backends.KeyedParams{
		Operator: "op", MaxParallelism: groups, KeyGroups: backends.RangeOf(0, 1, groups), Storage: s, Restore: []backends.KeyedHandle{h},
	})
	return err
}

// A storage that lets damage through must not bring the task down.
func TestDamagedStreamsAreErrorsNotPanics(t *testing.T) {
	s, h := sample(t)
	whole := s.files[h.Stream.Path]
	if err := reopen(s, h); err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		short := h
		s.files[h.Stream.Path] = whole[:i]
		short.Stream.SizeBytes = int64(i)
		if err := reopen(s, short); i > 0 && (err == nil || !strings.Contains(err.Error(), "checkpoint 9")) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
		if err := reopen(s, h); err == nil {
			t.Fatalf("length %d instead of %d was accepted", i, len(whole))
		}
		for _, bits := range []byte{1, 0x80, 0xff} {
			bad := slices.Clone(whole)
			bad[i] ^= bits
			s.files[h.Stream.Path] = bad
			_ = reopen(s, h) // a changed value is the checksum's concern; a panic is not
		}
	}
}

func TestHandlesOfOthersAreRefused(t *testing.T) {
	s, h := sample(t)
	change := map[string]func(*backends.KeyedHandle){
		"another backend":   func(h *backends.KeyedHandle) { h.Backend = "rocksdb" },
		"another layout":    func(h *backends.KeyedHandle) { h.Format = "heap/2" },
		"offsets missing":   func(h *backends.KeyedHandle) { h.Offsets = h.Offsets[1:] },
		"offset outside":    func(h *backends.KeyedHandle) { h.Offsets = slices.Repeat([]int64{1 << 40}, groups) },
		"stream is missing": func(h *backends.KeyedHandle) { h.Stream.Path = "nowhere" },
	}
	for name, f := range change {
		bad := h
		bad.Offsets = slices.Clone(h.Offsets)
		f(&bad)
		if err := reopen(s, bad); err == nil || !strings.Contains(err.Error(), "restore checkpoint 9 into op/0") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := New().OpenKeyed(background, backends.KeyedParams{
		MaxParallelism: groups / 2, KeyGroups: backends.RangeOf(0, 1, groups/2), Storage: s, Restore: []backends.KeyedHandle{h},
	})
	if err == nil || !strings.Contains(err.Error(), "8 key groups, not 4") {
		t.Errorf("another number of key groups: %v", err)
	}
	_, err = New().OpenKeyed(background, backends.KeyedParams{
		MaxParallelism: groups, KeyGroups: backends.RangeOf(0, 1, groups), Storage: s, Restore: []backends.KeyedHandle{h, h},
	})
	if err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("one key group from two handles: %v", err)
	}
}

func TestImpossibleParamsAreRefused(t *testing.T) {
	for _, p := range []backends.KeyedParams{
		{},
		{MaxParallelism: 1 << 16},
		{MaxParallelism: 4, KeyGroups: backends.KeyGroupRange{Start: 2, End: 4}},
	} {
		if _, err := New().OpenKeyed(background, p); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}
