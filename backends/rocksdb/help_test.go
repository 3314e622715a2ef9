//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"

	"flinch/backends"
	"flinch/backends/kv"
	"flinch/backends/storage"
	"flinch/faults"
	"flinch/faults/disk"
)

const (
	groups = 8
	dir    = "/local/op-0"
)

var background = context.Background()

var errFake = errors.New("fake fault")

// world is a task manager's disk, a storage machine's, and what is between.
type world struct {
	t        testing.TB
	engine   engine
	local    *disk.Disk
	remote   *disk.Disk
	streams  *storage.Filesystem
	hook     disk.Hook // on every operation of both disks, on entry; nil: none
	counters map[string]int64
	tuning   map[string]int64
	draws    draws
	known    map[string]backends.StreamHandle // by path: what a coordinator would know
}

// draws is a source of choices.
type draws uint64

func (d *draws) Uint64N(_ string, n uint64) uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return (z ^ z>>31) % n
}

// eachEngine runs a test on both engines.
func eachEngine(t *testing.T, test func(*testing.T, *world)) {
	t.Run("simulated", func(t *testing.T) { test(t, newWorld(t, nil)) })
	t.Run("native", func(t *testing.T) { test(t, nativeWorld(t)) })
}

func nativeWorld(t testing.TB) *world {
	w := newWorld(t, nil)
	w.engine = nativeEngine(realFolder(t))
	return w
}

// realFolder is in memory where the system has that: the engine syncs much.
func realFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "flinch-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	return folder
}

func newWorld(t testing.TB, tuning map[string]int64) *world {
	w := &world{t: t, engine: simulated, counters: make(map[string]int64), tuning: tuning, known: make(map[string]backends.StreamHandle)}
	hook := func(op faults.Op) faults.Outcome {
		if w.hook == nil || op.Done {
			return faults.Outcome{}
		}
		return w.hook(op)
	}
	w.local, w.remote = disk.New(hook, disk.Options{}), disk.New(hook, disk.Options{})
	w.storage(0)
	return w
}

// settle makes all durable that the disks hold: they keep what they would lose in
// a crash, which nobody asks for here.
func (w *world) settle() {
	w.local.WriteBack(time.Hour)
	w.remote.WriteBack(time.Hour)
}

// storage makes a checkpoint storage that inlines streams up to a size.
func (w *world) storage(inlineBytes int64) {
	w.t.Helper()
	must(w.t, w.remote.MkdirAll("/cp", 0o755))
	s, err := storage.NewFilesystem(storage.FilesystemParams{FS: w.remote, Root: "/cp", JobID: "job", Writer: "w", InlineThresholdBytes: inlineBytes, WriteBufferBytes: 4 << 10})
	must(w.t, err)
	w.streams = s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// params are those of subtask i of n.
func (w *world) params(i, n int, restore ...backends.KeyedHandle) backends.KeyedParams {
	return backends.KeyedParams{
		Operator: "op", Subtask: i, Parallelism: n, MaxParallelism: groups, KeyGroups: backends.RangeOf(i, n, groups), KeyBytes: 8,
		Local: w.local, Engine: w.local.Atomic(), Dir: dir, Storage: w.streams, Restore: restore,
		Now: func() time.Duration { return 0 }, Rand: &w.draws, Tuning: w.tuning,
		Count: func(counter string, n int64) { w.counters[counter] += n },
	}
}

// open opens the store of subtask i of n. It is closed when the test ends.
func (w *world) open(i, n int, restore ...backends.KeyedHandle) incremental {
	w.t.Helper()
	opened, err := w.engine.Open(background, w.params(i, n, restore...))
	must(w.t, err)
	s := opened.(incremental)
	w.t.Cleanup(func() {
		w.hook = nil
		_ = s.Close()
	})
	return s
}

func open(t testing.TB, s kv.Store, name string) *family {
	t.Helper()
	f, err := s.Family(name)
	must(t, err)
	return f.(*family)
}

// put stores a value under a key of a group.
func put(t testing.TB, s kv.Store, group, key, value string) {
	t.Helper()
	must(t, open(t, s, "values").Put([]byte(group+key), []byte(value)))
}

// fill puts n values of some bytes into the groups in turn.
func fill(t testing.TB, s incremental, round, n int) {
	t.Helper()
	r := s.params.KeyGroups
	values, lists := open(t, s, "values"), open(t, s, "lists")
	for i := range n {
		group := byte(r.Start + i%r.Len())
		must(t, values.Put(fmt.Appendf([]byte{group}, "key-%04d", i), fmt.Appendf(nil, "round %d %0100d", round, i)))
		must(t, lists.Merge(fmt.Appendf([]byte{group}, "list-%d", i%20), fmt.Appendf(nil, "%d", i)))
		if i%7 == 3 {
			must(t, values.Delete(fmt.Appendf([]byte{group}, "key-%04d", i-3)))
		}
	}
}

// dump returns all entries as lines.
func dump(t testing.TB, s kv.Store) []string {
	t.Helper()
	var lines []string
	for _, name := range s.Families() {
		err := open(t, s, name).Scan(nil, nil, func(key, value []byte) bool {
			lines = append(lines, fmt.Sprintf("%s %d %q = %s", name, key[0], key[1:], value))
			return true
		})
		must(t, err)
	}
	return lines
}

// of are the lines of a dump that belong to a range of groups.
func of(r backends.KeyGroupRange, lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		_, group, _ := strings.Cut(line, " ")
		return !r.Contains(int(group[0] - '0'))
	})
}

// snapshot takes and writes a snapshot, and resolves its placeholders.
func (w *world) snapshot(s incremental, id backends.CheckpointID) backends.KeyedHandle {
	w.t.Helper()
	return w.resolve(w.write(w.begin(s, id)))
}

func (w *world) begin(s incremental, id backends.CheckpointID) *pending {
	w.t.Helper()
	if err := w.streams.Initialize(background, id); err != nil && !errors.Is(err, fs.ErrExist) {
		w.t.Fatal(err)
	}
	p, err := s.Snapshot(id, []byte("table"))
	must(w.t, err)
	return p.(*pending)
}

func (w *world) write(p backends.Pending) backends.KeyedHandle {
	w.t.Helper()
	h, err := p.Write(background)
	must(w.t, err)
	return h
}

// resolve puts what a coordinator knows in the place of placeholders.
func (w *world) resolve(h backends.KeyedHandle) backends.KeyedHandle {
	w.t.Helper()
	h.Files = slices.Clone(h.Files)
	for i, f := range h.Files {
		if !f.Stream.Placeholder {
			w.known[f.Stream.Path] = f.Stream
			continue
		}
		known, found := w.known[f.Stream.Path]
		if !found {
			w.t.Fatalf("placeholder of the unknown %s", f.Stream.Path)
		}
		h.Files[i].Stream = known
	}
	return h
}

// placeholders are the names of the files that a handle reuses.
func placeholders(h backends.KeyedHandle) (names []string) {
	for _, f := range h.Files {
		if f.Stream.Placeholder {
			names = append(names, f.Name)
		}
	}
	return names
}

// files are the paths of all files below a folder of a disk, in order.
func files(t testing.TB, d *disk.Disk, below string) (names []string) {
	t.Helper()
	for e := range d.Files() {
		if strings.HasPrefix(e.Path, below) {
			names = append(names, e.Path)
		}
	}
	return names
}

// leftovers are the folders of snapshots and restores on the local disk.
func (s *store) leftovers(t testing.TB) (names []string) {
	t.Helper()
	infos, err := afero.ReadDir(s.files, s.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, info := range infos {
		if path.Base(info.Name()) != "db" {
			names = append(names, path.Base(info.Name()))
		}
	}
	return names
}
