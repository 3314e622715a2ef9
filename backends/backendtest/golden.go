package backendtest

import (
	"embed"
	"strconv"
	"strings"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// goldenClauses are about savepoints that were written once, by an earlier version
// of this program, and are restored by every backend for ever.
var goldenClauses = []clause{
	{"SavepointsOfVersion1AreRestored", goldenRestored},
}

// stored are the savepoints: each a stream (.bin), and beside it (.txt) the offsets
// of its key groups and the entries that it has.
//
//go:embed testdata/savepoint-1
var stored embed.FS

// golden is a savepoint of one subtask that had all key groups.
type golden struct {
	name     string
	keyBytes int
	fill     func(t *testing.T, in *Instance)
}

var goldens = []golden{
	{"numbers", 8, func(_ *testing.T, in *Instance) { in.fill(6) }},
	{"strings", 0, func(t *testing.T, in *Instance) { in.fillAwkward(t) }},
}

func (g golden) path(ending string) string { return "testdata/savepoint-1/" + g.name + ending }

// read returns the savepoint, as a file of w, and its entries.
func (g golden) read(t *testing.T, w *World) (backends.KeyedHandle, []string) {
	t.Helper()
	stream := must2[[]byte](t)(stored.ReadFile(g.path(".bin")))
	text := must2[[]byte](t)(stored.ReadFile(g.path(".txt")))
	first, rest, _ := strings.Cut(string(text), "\n")
	h := backends.KeyedHandle{
		Backend: "reference", Format: "savepoint/1", Checkpoint: 7,
		KeyGroups: backends.KeyGroupRange{Start: 0, End: Groups - 1},
		Stream:    backends.StreamHandle{SizeBytes: int64(len(stream))},
	}
	for _, offset := range strings.Fields(first) {
		h.Offsets = append(h.Offsets, must2[int64](t)(strconv.ParseInt(offset, 10, 64)))
	}
	return w.Streams.receive(h, stream), strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
}

func goldenRestored(t *testing.T, world func() *World) {
	for _, g := range goldens {
		w := world()
		w.KeyBytes = g.keyBytes
		h, want := g.read(t, w)
		for _, n := range []int{1, 3} {
			back := w.openAll(t, n, h)
			if diff := gocmp.Diff(want, dumps(back)); diff != "" {
				t.Errorf("%s with %d subtasks (-want +got):\n%s", g.name, n, diff)
			}
			for _, in := range back {
				in.fill(0) // registers the states
			}
			if diff := gocmp.Diff(want, dumps(back)); diff != "" {
				t.Errorf("%s with %d subtasks, registered (-want +got):\n%s", g.name, n, diff)
			}
			for _, in := range back {
				g.fill(t, in)
				must(t, in.Close())
			}
		}
	}
}
