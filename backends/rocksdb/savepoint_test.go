//go:build cgo && !norocksdb

package rocksdb

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/heap"
)

// A job may leave RocksDB for the heap and come back, by savepoints that are equal to
// the byte, with checkpoints of its own in between.
func TestSavepointsGoFromRocksDBToTheHeapAndBack(t *testing.T) {
	streams := backendtest.NewStreams()
	world := func(b backends.Backend) *backendtest.World {
		w := backendtest.NewWorld(b)
		w.Streams = streams
		return w
	}
	var want []string
	var handles []backends.KeyedHandle
	first := ""
	for i, b := range []backends.Backend{New(), heap.New(), New(), NewNative(realFolder(t)), heap.New()} {
		w := world(b)
		in := w.Open(t, 0, 1, handles...)
		list, err := in.List(backendtest.FixedBoxes("fixed", backends.ListKind))
		must(t, err)
		if i == 0 {
			for k := range int64(50) {
				in.Put("value", k, k)
				must(t, list.Add(&backendtest.Box{N: k}))
				must(t, list.Add(&backendtest.Box{N: k + 1}))
				must(t, in.BoxMap("map").Put("user", &backendtest.Box{N: k}))
				_, err := in.Queue("queue").Register(k, "w")
				must(t, err)
			}
			want = in.Dump()
		}
		in = w.Open(t, 0, 1, w.Write(t, in.Take(1)))
		if diff := cmp.Diff(want, in.Dump()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", b.Name(), diff)
		}
		p, err := in.Snapshot(2, backends.SnapshotOptions{Canonical: true})
		must(t, err)
		h := w.Write(t, p)
		data := string(streams.Files[h.Stream.Path])
		if first == "" {
			first = data
		}
		if h.Format != backends.SavepointFormat || len(h.Files) > 0 || data != first || len(first) < 1000 {
			t.Errorf("%s: a savepoint of %d bytes in layout %q differs from the first, of %d", b.Name(), len(data), h.Format, len(first))
		}
		handles = []backends.KeyedHandle{h}
	}
}
