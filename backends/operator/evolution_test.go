package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
)

// taking takes over what offset/1 wrote, as it is told.
type taking struct {
	backends.Codec
	outcome backends.Compatibility
	read    backends.Codec
}

func (c *taking) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	if stored != offsetCodec().ID() {
		return backends.Incompatible, nil
	}
	return c.outcome, c.read
}

func (c *taking) Duplicate() backends.Codec { return &taking{c.Codec.Duplicate(), c.outcome, c.read} }

// typed2 writes digits instead of 8 bytes.
func typed2() backends.TypedCodec[*offset] {
	return backends.TypedCodec[*offset]{
		ID:     backends.CodecID{Name: "offset", Version: 2},
		Append: func(dst []byte, o *offset) ([]byte, error) { return fmt.Appendf(dst, "%d.", o.n), nil },
		Decode: func(src []byte) (*offset, error) {
			var o offset
			_, err := fmt.Sscanf(string(src), "%d.", &o.n)
			return &o, err
		},
	}
}

// digits migrates.
func digits() backends.Codec {
	return &taking{typed2().Codec(), backends.AfterMigration, offsetCodec()}
}

// renamedBytes writes the bytes of offset/1 under another name, and has its own way
// of reading them, which adds a million.
func renamedBytes() backends.Codec {
	t := backends.TypedCodec[*offset]{
		ID:     backends.CodecID{Name: "place", Version: 1},
		Append: func(dst []byte, o *offset) ([]byte, error) { return append(dst, encoded(o.n-1_000_000)...), nil },
		Decode: func(src []byte) (*offset, error) {
			v, err := offsetCodec().Decode(src)
			if err != nil {
				return nil, err
			}
			return &offset{n: v.(*offset).n + 1_000_000}, nil
		},
	}
	return &taking{t.Codec(), backends.AsIs, nil}
}

func encoded(n int64) []byte {
	b, err := offsetCodec().Encode(&offset{n: n})
	if err != nil {
		panic(err)
	}
	return b
}

// registering registers one state of each mode, and returns all errors.
func registering(b *Backend, codec func() backends.Codec) (split, union *List, m *BroadcastMap, err error) {
	split, err1 := b.SplitList("split", codec())
	union, err2 := b.UnionList("union", codec())
	m, err3 := b.BroadcastMap("map", codec())
	if err1 != nil && err2 != nil && err3 != nil {
		return nil, nil, nil, errors.Join(err1, err2, err3)
	}
	return split, union, m, errors.Join(err1, err2, err3)
}

// written are three states with the numbers n, n+1 and n+2, in a codec.
func written(t *testing.T, s *streams, n int64, codec func() backends.Codec) backends.OperatorHandle {
	t.Helper()
	b := open(t, s)
	split, union, m, err := registering(b, codec)
	must(t, err)
	for i := range int64(3) {
		must(t, split.Add(&offset{n: n + i}))
		must(t, union.Add(&offset{n: n + i}))
		must(t, m.Put(fmt.Sprint(i), &offset{n: n + i}))
	}
	return write(t, snapshot(t, b))
}

func TestOperatorStateIsTakenOverByOtherCodecs(t *testing.T) {
	for name, tc := range map[string]struct {
		codec func() backends.Codec
		first int64
	}{"after migration": {digits, 7}, "as it is": {renamedBytes, 1_000_007}} {
		t.Run(name, func(t *testing.T) {
			s := newStreams()
			b := open(t, s, written(t, s, 7, offsetCodec))
			split, union, m, err := registering(b, tc.codec)
			must(t, err)
			for i := range 3 {
				want := tc.first + int64(i)
				for j, v := range []any{split.Get()[i], union.Get()[i], m.Get(fmt.Sprint(i))} {
					if got := v.(*offset).n; got != want {
						t.Errorf("value %d of state %d is %d, not %d", i, j, got, want)
					}
				}
			}
			want := states(t, open(t, s, written(t, s, tc.first, tc.codec)))
			if diff := cmp.Diff(want, states(t, b)); diff != "" {
				t.Errorf("as if the new codec had written it (-want +got):\n%s", diff)
			}
			again := open(t, s, write(t, snapshot(t, b)))
			if diff := cmp.Diff(want, states(t, again)); diff != "" {
				t.Errorf("written and restored (-want +got):\n%s", diff)
			}
			if _, _, _, err := registering(b, offsetCodec); err == nil || !strings.Contains(err.Error(), tc.codec().ID().String()) {
				t.Errorf("one job used two codecs: %v", err)
			}
			_, _, _, err = registering(again, tc.codec)
			must(t, err)
		})
	}
}

func TestIncompatibleCodecsOfOperatorStateChangeNothing(t *testing.T) {
	broken := func() backends.Codec {
		read := backends.TypedCodec[*offset]{
			ID:     offsetCodec().ID(),
			Append: typed2().Append,
			Decode: func(src []byte) (*offset, error) {
				if src[7] == 9 {
					return nil, errTest
				}
				return &offset{}, nil
			},
		}
		return &taking{typed2().Codec(), backends.AfterMigration, read.Codec()}
	}
	for want, codec := range map[string]func() backends.Codec{
		"codec offset/1, which offset/2 cannot take over": typed2().Codec,
		"int64/1 cannot take over":                        backends.Int64Codec().Codec,
		"brings no codec that reads it":                   func() backends.Codec { return &taking{typed2().Codec(), backends.AfterMigration, nil} },
		errTest.Error():                                   broken,
	} {
		s := newStreams()
		b := open(t, s, written(t, s, 7, offsetCodec))
		before := states(t, b)
		split, _, _, err := registering(b, codec)
		if split != nil || err == nil || strings.Count(err.Error(), want) != 3 {
			t.Errorf("all three should be refused with %q: %v", want, err)
		}
		if diff := cmp.Diff(before, states(t, b)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", want, diff)
		}
		_, _, _, err = registering(b, digits)
		must(t, err)
	}
}

func TestOperatorStateNobodyRegistersKeepsItsCodec(t *testing.T) {
	s := newStreams()
	b := open(t, s, written(t, s, 7, offsetCodec))
	if _, err := b.SplitList("split", digits()); err != nil {
		t.Fatal(err)
	}
	again := open(t, s, write(t, snapshot(t, b)))
	var got []string
	for _, st := range states(t, again) {
		got = append(got, st.Name+" "+st.Codec.String())
	}
	if diff := cmp.Diff([]string{"map offset/1", "split offset/2", "union offset/1"}, got); diff != "" {
		t.Error(diff)
	}
	_, _, _, err := registering(again, digits)
	must(t, err)
}

// Keys change with the version, as prefixed tells.
type prefixed struct{ taking }

func (*prefixed) EvolveKey(_ backends.CodecID, key string) (string, error) {
	switch key {
	case "":
		return "", errTest
	case "twin":
		return "key of other", nil
	}
	return "key of " + key, nil
}

func (c *prefixed) Duplicate() backends.Codec { return &prefixed{*c.taking.Duplicate().(*taking)} }

func TestKeysOfBroadcastMapsEvolve(t *testing.T) {
	codec := func() backends.Codec { return &prefixed{*digits().(*taking)} }
	for keys, want := range map[string]string{"a b": "key of a=0 key of b=1", " a": errTest.Error(), "other twin": "another key"} {
		s := newStreams()
		b := open(t, s)
		m := broadcastMap(t, b, "m")
		for i, key := range strings.Split(keys, " ") {
			must(t, m.Put(key, &offset{n: int64(i)}))
		}
		back := open(t, s, write(t, snapshot(t, b)))
		m, err := back.BroadcastMap("m", codec())
		if err != nil {
			if !strings.Contains(err.Error(), want) || entries(broadcastMap(t, back, "m"))[0] != entries(broadcastMap(t, b, "m"))[0] {
				t.Errorf("keys %q: %v", keys, err)
			}
			continue
		}
		if got := strings.Join(entries(m), " "); got != want {
			t.Errorf("keys %q: %s", keys, got)
		}
		// Keys that have evolved do not evolve again.
		m, err = open(t, s, write(t, snapshot(t, back))).BroadcastMap("m", codec())
		must(t, err)
		if got := strings.Join(entries(m), " "); got != want {
			t.Errorf("restored, keys %q: %s", keys, got)
		}
	}
}

// One old subtask has registered its states with the new codec, the other not.
func TestOperatorStateOfTwoCodecsIsNotJoined(t *testing.T) {
	s := newStreams()
	one, two := written(t, s, 7, offsetCodec), written(t, s, 70, digits)
	for i, mend := range map[int]string{0: "restore at the old parallelism", 1: "restore at the old parallelism", 2: "restore an older checkpoint"} {
		of := func(h backends.OperatorHandle) []backends.OperatorHandle {
			h.States = h.States[i : i+1]
			return []backends.OperatorHandle{h}
		}
		for _, old := range [][][]backends.OperatorHandle{{of(one), of(two)}, {of(two), of(one)}} {
			dealt := Redistribute(old, 1)[0]
			if old[0][0].States[0].Mode == backends.Broadcast {
				dealt = slices.Concat(old...) // copies are never joined by themselves
			}
			_, err := Open(background, Params{Operator: "op", Streams: s, Restore: dealt})
			for _, want := range []string{"op/0", "offset/1", "offset/2", mend} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("state %d: error %v, want one with %q", i, err, want)
				}
			}
		}
	}
}
