package mutants

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPatchIsHuntedWhereItsHeaderSays(t *testing.T) {
	b := &bench{scenarios: []string{"one", "two"}}
	compare := func(what string, p patch, want ...target) {
		t.Helper()
		if diff := cmp.Diff(want, b.targets(p), cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	compare("nothing said", patch{}, target{"one", "heap"}, target{"two", "heap"})
	compare("a backend", patch{backends: "rocksdb"}, target{"one", "rocksdb"}, target{"two", "rocksdb"})
	both := patch{backends: "heap, rocksdb", scenarios: "two"}
	compare("two backends and a scenario", both, target{"two", "heap"}, target{"two", "rocksdb"})
	b.o.Backends = []string{"other"}
	compare("backends asked for", both, target{"two", "other"})
}

// fakeFlinch breaks a guarantee with seed 0x15 of scenario "two", on one backend.
// It writes down its arguments.
const fakeFlinch = `#!/bin/sh
echo "$@" >> BOOK
case "$*" in
*"--scenario two --backend BACKEND --no-shrink --seeds 19..22"* | *"--scenario two --backend BACKEND --no-shrink --seeds 21..21"*)
	printf '{"findings":[{"check":"c","scenario":"two","backend":"BACKEND","seed":"0x15"}]}'
	exit 1 ;;
esac
printf '{"findings":[]}'
`

func TestOnlyFindingsOfTheSameBackendOnTheCleanTreeExcuseAMutant(t *testing.T) {
	for _, c := range []struct {
		clean string // the backend on which the clean tree breaks the guarantee, too
		want  int    // after how many runs the mutant is killed; 0: not at all
	}{{"rocksdb", 0}, {"heap", 4*2 + 2}} {
		dir := t.TempDir()
		h := hunt{bench: &bench{o: Options{Seeds: 8, First: 0x11}, temp: dir, known: map[seeded]bool{}}}
		h.scenarios = []string{"one", "two"}
		h.targets = h.bench.targets(patch{backends: "rocksdb"})
		h.bench.binary = fake(t, dir, "clean", c.clean)
		h.binary = fake(t, dir, "patched", "rocksdb")
		kill, runs, err := h.first(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.want == 0 != (kill == nil) || c.want > 0 && (runs != c.want || kill.Backend != "rocksdb") {
			t.Errorf("clean tree breaks it on %s: got %+v after %d runs, want %d", c.clean, kill, runs, c.want)
		}
		book, err := os.ReadFile(filepath.Join(dir, "clean.book"))
		if err != nil || !strings.Contains(string(book), "--scenario two --backend rocksdb --no-shrink --seeds 21..21") {
			t.Errorf("the clean tree was asked for %q, %v", book, err)
		}
	}
}

func fake(t *testing.T, dir, name, backend string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	text := strings.NewReplacer("BOOK", path+".book", "BACKEND", backend).Replace(fakeFlinch)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
