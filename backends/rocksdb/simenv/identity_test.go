//go:build cgo && !norocksdb

package simenv

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/linxGnu/grocksdb"
)

func TestSessionIDIsInTheTablesOfItsOpening(t *testing.T) {
	w := opening(t, setup{identity: 77})
	for range 3 {
		if got := len(w.env.Sessions()); got != 1 {
			t.Fatalf("%d session ids for one opening", got)
		}
		id := w.env.Sessions()[0]
		if !regexp.MustCompile(`^[0-9A-Z]{20}$`).MatchString(id) {
			t.Errorf("the session id %q", id)
		}
		before := w.names("/db")
		w.must(w.put(0, "key", id))
		w.must(w.flush())
		for w.env.StepFlush() {
		}
		tables := 0
		for _, name := range w.names("/db") {
			if strings.HasSuffix(name, ".sst") && !slices.Contains(before, name) {
				tables++
				// once as the value, once in the properties
				if bytes.Count(w.bytesOf("/db/"+name), []byte(id)) != 2 {
					t.Errorf("table %s does not know session %s", name, id)
				}
			}
		}
		if tables == 0 {
			t.Error("no table was written")
		}
		w.mustClose()
		w.launch(setup{identity: w.env.p.Identity + 1})
		w.must(w.open())
	}
	w.mustClose()
}

func TestTwoOpeningsNeverShareASession(t *testing.T) {
	w := newWorld(t, setup{identity: 5})
	for range 3 {
		w.must(w.open())
		for _, cf := range w.cfs {
			cf.Destroy()
		}
		w.db.Close()
	}
	w.db = nil
	ids := w.env.Sessions()
	if len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2] {
		t.Errorf("three openings had the sessions %v", ids)
	}
	w.mustClose()

	seen := map[string]bool{}
	for identity := range uint64(100) {
		for n := range uint64(100) {
			seen[session(identity, n)] = true
		}
	}
	if len(seen) != 100*100 {
		t.Errorf("10000 openings had %d sessions", len(seen))
	}
}

// An engine on the real machine has nothing of ours: neither ids nor waits.
func TestOtherEnvsKeepTheirOwnIdentityAndWaits(t *testing.T) {
	dir := t.TempDir()
	opts := grocksdb.NewDefaultOptions()
	defer opts.Destroy()
	opts.SetCreateIfMissing(true)
	wait := flushing(true)
	defer wait.Destroy()
	ids := map[string]bool{}
	for range 2 {
		db, err := grocksdb.OpenDb(opts, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Put(noWAL, []byte("key"), []byte("value")); err != nil {
			t.Fatal(err)
		}
		if err := db.Flush(wait); err != nil {
			t.Fatal(err)
		}
		db.Close()
		tables, err := filepath.Glob(dir + "/*.sst")
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(tables)
		data, err := os.ReadFile(tables[len(tables)-1])
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`session\.identity([0-9A-Z]{20})`).FindSubmatch(data)
		if found == nil {
			t.Fatal("the table names no session")
		}
		ids[string(found[1])] = true
	}
	if len(ids) != 2 {
		t.Errorf("two openings had the sessions %v", ids)
	}
}

func TestVersionIsTheLibrarysAndTheHeaders(t *testing.T) {
	headers, library := versions()
	if headers != library || Version() != library || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(library) {
		t.Errorf("headers of %s, library %s", headers, library)
	}
}

// Two databases of one session id that share a block cache read each other's
// blocks: what the engine keeps there is named by session and table number.
func TestEqualSessionsWithASharedCacheReadEachOthersBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		other uint64
		mixed bool
	}{"equal": {7, true}, "different": {8, false}} {
		cache := grocksdb.NewLRUCache(1 << 20)
		values := []string{"first value", "other value"}
		var worlds []*world
		for i, identity := range []uint64{7, c.other} {
			w := newWorld(t, setup{identity: identity})
			table := grocksdb.NewDefaultBlockBasedTableOptions()
			table.SetBlockCache(cache)
			w.opts.SetBlockBasedTableFactory(table)
			w.must(w.open())
			w.must(w.put(0, "key", values[i]))
			w.must(w.flush())
			w.env.Drain()
			worlds = append(worlds, w)
		}
		mixed := false
		for i, w := range worlds {
			got, err := w.get(0, "key")
			w.must(err)
			mixed = mixed || got != values[i]
			w.mustClose()
		}
		if mixed != c.mixed {
			t.Errorf("%s session ids: a database read another's value: %v", name, mixed)
		}
	}
}

func TestHostNameAndUniqueIDsAreVirtual(t *testing.T) {
	identityOf := func(identity uint64) string {
		w := opening(t, setup{identity: identity})
		defer w.mustClose()
		for _, name := range w.names("/db") {
			if strings.HasPrefix(name, "OPTIONS-") {
				continue
			}
			if host, err := os.Hostname(); err == nil && len(host) > 3 && bytes.Contains(w.bytesOf("/db/"+name), []byte(host)) {
				t.Errorf("%s holds the name of this machine", name)
			}
		}
		return string(w.bytesOf("/db/IDENTITY"))
	}
	if a, b := identityOf(3), identityOf(3); a != b || a == "" {
		t.Errorf("equal instances are %q and %q", a, b)
	}
	if a, b := identityOf(3), identityOf(4); a == b {
		t.Errorf("two instances are both %q", a)
	}
}
