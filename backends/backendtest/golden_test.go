package backendtest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest/reference"
)

var update = flag.Bool("update", false, "write golden files")

// While the layout is what it was, what is written is what was written. Another
// layout gets files of its own, and these stay.
func TestSavepointsOfVersion1AreWrittenAsEver(t *testing.T) {
	if backends.SavepointFormat != "savepoint/1" {
		t.Skip("savepoints are written in a newer layout")
	}
	for _, g := range goldens {
		w := NewWorld(reference.New())
		w.KeyBytes = g.keyBytes
		in := w.Open(t, 0, 1)
		g.fill(t, in)
		h := w.Write(t, in.take(7, canonical))
		if *update {
			text := strings.Trim(fmt.Sprint(h.Offsets), "[]") + "\n" + strings.Join(in.Dump(), "\n") + "\n"
			must(t, os.MkdirAll(filepath.Dir(g.path("")), 0o755))
			must(t, os.WriteFile(g.path(".bin"), w.Streams.Files[h.Stream.Path], 0o644))
			must(t, os.WriteFile(g.path(".txt"), []byte(text), 0o644))
		}
		if stored := must2[[]byte](t)(os.ReadFile(g.path(".bin"))); !bytes.Equal(stored, w.Streams.Files[h.Stream.Path]) {
			t.Errorf("%s: the same state is written otherwise", g.name)
		}
	}
}
