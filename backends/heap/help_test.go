package heap

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"flinch/backends"
)

const groups = 8

var background = context.Background()

// box is a value that the tests change in place.
type box struct{ n int64 }

// boxCodec writes a number and some filling, so that a few values fill a chunk.
func boxCodec() backends.TypedCodec[*box] {
	return backends.TypedCodec[*box]{
		ID: backends.CodecID{Name: "box", Version: 1},
		Append: func(dst []byte, b *box) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(b.n)), nil
		},
		Decode: func(src []byte) (*box, error) {
			if len(src) != 8 {
				return nil, fmt.Errorf("%d bytes", len(src))
			}
			return &box{n: int64(binary.BigEndian.Uint64(src))}, nil
		},
	}
}

func descriptor(name string, kind backends.StateKind) backends.Descriptor {
	return backends.Descriptor{Name: name, Kind: kind, Value: boxCodec().Codec()}
}

// fatal is what *testing.T and *rapid.T have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

func must(t fatal, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// open opens subtask i of n. Tables and chunks are as small as they can be.
func open(t fatal, s *streams, i, n int, restore ...backends.KeyedHandle) *instance {
	t.Helper()
	k, err := New().OpenKeyed(background, backends.KeyedParams{
		Operator:       "op",
		Subtask:        i,
		Parallelism:    n,
		MaxParallelism: groups,
		KeyGroups:      backends.RangeOf(i, n, groups),
		Storage:        s,
		Restore:        restore,
		Tuning:         map[string]int64{tuneTableCapacity: 1, tuneChunkBytes: 1},
	})
	must(t, err)
	return k.(*instance)
}

func snapshot(t fatal, in *instance, id backends.CheckpointID) backends.Pending {
	t.Helper()
	p, err := in.Snapshot(id, backends.SnapshotOptions{})
	must(t, err)
	return p
}

func write(t fatal, p backends.Pending) backends.KeyedHandle {
	t.Helper()
	h, err := p.Write(background)
	must(t, err)
	return h
}

func value(t fatal, in *instance, name string) backends.RawValue {
	t.Helper()
	v, err := in.Value(descriptor(name, backends.ValueKind))
	must(t, err)
	return v
}

func setKey(t fatal, in *instance, k int64) {
	t.Helper()
	must(t, in.SetCurrentKey(backends.Int64Key(k)))
}

// put stores a box under a key.
func put(t fatal, in *instance, name string, k, n int64) {
	t.Helper()
	v := value(t, in, name)
	setKey(t, in, k)
	must(t, v.Update(&box{n: n}))
}

// read returns what a value state has under a key, or -1.
func read(t fatal, in *instance, name string, k int64) int64 {
	t.Helper()
	v := value(t, in, name)
	setKey(t, in, k)
	got, err := v.Get()
	must(t, err)
	if got == nil {
		return -1
	}
	return got.(*box).n
}

// dump returns all entries as lines.
func dump(t fatal, in *instance) []string {
	t.Helper()
	var lines []string
	err := in.Entries(backends.KeyGroupRange{Start: 0, End: groups - 1}, func(e backends.Entry) error {
		lines = append(lines, fmt.Sprintf("%d %s %x %x %x %d = %x", e.Group, e.State, e.Key, e.Namespace, e.UserKey, e.Index, e.Value))
		return nil
	})
	must(t, err)
	return lines
}

// keysOf returns the first n keys of the instance's range.
func keysOf(in *instance, n int) []int64 {
	var keys []int64
	for k := int64(0); len(keys) < n; k++ {
		if in.params.KeyGroups.Contains(backends.KeyGroup(backends.Int64Key(k).Hash, groups)) {
			keys = append(keys, k)
		}
	}
	return keys
}

var _ fatal = (*testing.T)(nil)
