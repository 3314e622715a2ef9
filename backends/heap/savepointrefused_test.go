package heap

import (
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

func TestSavepointsThatCannotBeRestoredAreRefused(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	fillFor(t, in, 4)
	h := w.Write(t, takeCanonical(t, in, 9))
	for want, change := range map[string]func(*backends.KeyedParams){
		"KeyedParams.Key is nil": func(p *backends.KeyedParams) { p.Key = nil },
		"8 key groups, not 4": func(p *backends.KeyedParams) {
			p.MaxParallelism, p.KeyGroups = 4, backends.KeyGroupRange{Start: 0, End: 3}
		},
		"keys have 8 bytes, not 0": func(p *backends.KeyedParams) { p.KeyBytes = 0 },
		"brought this key group":   func(p *backends.KeyedParams) { p.Restore = append(p.Restore, h) },
		"decode string key":        func(p *backends.KeyedParams) { p.Key = backends.DecodeStringKey },
		"belongs to key group":     func(p *backends.KeyedParams) { p.Key = shifted },
		"encoded \"x\"": func(p *backends.KeyedParams) {
			p.Key = func(string) (backends.Key, error) { return backends.Key{Encoded: "x"}, nil }
		},
		`this backend reads "heap"`: func(p *backends.KeyedParams) { p.Restore[0].Format = "savepoint/2" },
		"offsets for key groups":    func(p *backends.KeyedParams) { p.Restore[0].Offsets = nil },
	} {
		p := w.Params(0, 1, h)
		change(&p)
		if _, err := w.TryOpen(t, p); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "checkpoint 9") {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// shifted gives keys the hashes of others.
func shifted(encoded string) (backends.Key, error) {
	k, err := backends.DecodeInt64Key(encoded)
	k.Hash++
	return k, err
}

// A state is one thing in all handles.
func TestSavepointsWithDifferentStatesOfOneNameAreRefused(t *testing.T) {
	w := newWorld()
	a, b := w.Open(t, 0, 2), w.Open(t, 1, 2)
	a.BoxList("s")
	b.BoxMap("s")
	handles := []backends.KeyedHandle{w.Write(t, takeCanonical(t, a, 1)), w.Write(t, takeCanonical(t, b, 1))}
	if _, err := w.TryOpen(t, w.Params(0, 1, handles...)); err == nil || !strings.Contains(err.Error(), "is list state, not map state") {
		t.Errorf("%v", err)
	}
}

// entriesOnce writes a savepoint of entries that no backend would write.
func entriesOnce(t *testing.T, w *backendtest.World, entries []backends.Entry) backends.KeyedHandle {
	t.Helper()
	p := w.Params(0, 1)
	h := backends.KeyedHandle{Backend: "odd", Format: backends.SavepointFormat, Checkpoint: 4, KeyGroups: p.KeyGroups}
	var states []backends.StateMeta
	for _, k := range []backends.StateKind{backends.ListKind, backends.MapKind, backends.ValueKind} {
		meta, err := backendtest.Boxes(k.String(), k).Meta()
		must(t, err)
		states = append(states, meta)
	}
	states = slices.Insert(states, 2, backends.TimersMeta("timer"))
	header := backends.SavepointHeader{MaxParallelism: w.Groups, KeyBytes: w.KeyBytes, States: states}
	alive := func() error { return nil }
	var err error
	h.Stream, err = backends.WriteStream(background, w.Streams, backends.StreamParams{ChunkBytes: 64, Alive: alive}, func(c *backends.ChunkWriter) (err error) {
		s := backends.NewSavepointWriter(c, p.KeyGroups, header)
		for _, e := range entries {
			if err := s.Entry(e); err != nil {
				return err
			}
		}
		h.Offsets, err = s.Finish()
		return err
	})
	must(t, err)
	return h
}

func TestSavepointsWithImpossibleEntriesAreRefused(t *testing.T) {
	key := backends.Int64Key(1)
	group := backends.KeyGroup(key.Hash, backendtest.Groups)
	entry := func(state, user string, index int) backends.Entry {
		e := backends.Entry{State: state, Group: group, Key: key.Encoded, Namespace: "w", UserKey: user, Index: index, Value: []byte{1}}
		if state == "timer" {
			e.Value = nil
		}
		return e
	}
	time := backends.TimeKey(5)
	for want, entries := range map[string][]backends.Entry{
		`value": key "\x80\x00\x00\x00\x00\x00\x00\x01": it is there twice`: {entry("value", "", 0), entry("value", "", 0)},
		`user key "u": it is there twice`:                                   {entry("map", "u", 0), entry("map", "u", 0)},
		`timer": key "\x80\x00\x00\x00\x00\x00\x00\x01": it is there twice`: {entry("timer", time, 0), entry("timer", time, 0)},
		"element 2 stands in place 1":                                       {entry("list", "", 0), entry("list", "", 2)},
		"decode integer key":                                                {entry("timer", "late", 0)},
	} {
		w := newWorld()
		if _, err := w.TryOpen(t, w.Params(0, 1, entriesOnce(t, w, entries))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
