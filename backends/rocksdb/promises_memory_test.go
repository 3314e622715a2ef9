//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/storage"
)

// The engine's properties of its memory.
const (
	propBuffers = "rocksdb.cur-size-all-mem-tables"
	propCache   = "rocksdb.block-cache-usage"
	propReaders = "rocksdb.estimate-table-readers-mem"
)

// held is what RocksDB has in memory at a time, in bytes.
type held struct{ buffers, cache, readers int64 }

func (h held) total() int64 { return h.buffers + h.cache + h.readers }

func (h held) String() string {
	return fmt.Sprintf("%s (write buffers %s, blocks %s, else %s)", size(h.total()), size(h.buffers), size(h.cache), size(h.readers))
}

// overLimit is what became of a state that is larger than the memory.
type overLimit struct {
	limit, written, onDisk int64
	most                   held
	read, wrong            int // samples
}

// writeOverLimit gives RocksDB half of the limit for blocks and the rest for write
// buffers, of which there may be two and the engine takes memory in large pieces.
// It writes four times the limit, and reads samples back, of what was written long
// before meanwhile.
func writeOverLimit(t testing.TB, folder string, limit int64) overLimit {
	t.Helper()
	const valueBytes = 4000
	tuning := maps.Clone(nativeTuning)
	tuning[tuneCacheBytes], tuning[tuneFlushBytes] = limit/2, limit/8
	s := setting{tuning: tuning, folder: folder, valueBytes: valueBytes}.open(t)
	defer func() { must(t, s.Close()) }()
	o := overLimit{limit: limit, written: 4 * limit}
	n := o.written / valueBytes
	text := func(i int64) string { return fmt.Sprintf("%010d", i) + s.texts[0][10:] }
	for i := range n {
		must(t, s.SetCurrentKey(backends.Int64Key(i)))
		must(t, s.values.Update(text(i)))
		if sample := i * 7919 % n; sample < i {
			o.compare(s.get(backends.Int64Key(sample)), text(sample))
		}
		if h := s.held(); h.total() > o.most.total() {
			o.most = h
		}
	}
	must(t, s.store.flushAll())
	for i := int64(0); i < n; i += 7 {
		o.compare(s.get(backends.Int64Key(i)), text(i))
	}
	o.onDisk = bytesBelow(t, s.store.dir)
	return o
}

// compare counts a sample.
func (o *overLimit) compare(got, want string) {
	o.read++
	if got != want {
		o.wrong++
	}
}

// held asks the engine.
func (s *subject) held() held {
	s.t.Helper()
	f := s.store.families["values"]
	var numbers [3]int64
	for i, property := range []string{propBuffers, propCache, propReaders} {
		n, known := s.store.db.GetIntPropertyCF(property, f.handle)
		if !known {
			s.t.Fatalf("the engine has no property %s", property)
		}
		numbers[i] = int64(n)
	}
	return held{buffers: numbers[0], cache: numbers[1], readers: numbers[2]}
}

func bytesBelow(t testing.TB, folder string) (sum int64) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // a compaction was done with it
			return nil
		}
		sum += info.Size()
		return err
	}))
	return sum
}

// refusal fills the heap with a little more than memory storage carries, and
// returns what the state holds after a snapshot, and what that one says.
func refusal(t testing.TB) (still string, refused error) {
	t.Helper()
	memory, err := storage.NewMemory(storage.MemoryParams{})
	must(t, err)
	s := setting{storage: memory, valueBytes: 1 << 10}.open(t)
	keys := s.fill(storage.MaxStateBytesDefault >> 10)
	_, refused = s.Take(1).Write(background)
	return s.get(keys[0]), refused
}

// clearly leaves of an error what its reader needs first.
func clearly(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, storage.ErrTooLarge.Error()); found {
		text = storage.ErrTooLarge.Error() + after
	}
	text, _, _ = strings.Cut(text, ";")
	return text
}

func measureMemory(b *testing.B, p *promises) {
	b.Helper()
	o := writeOverLimit(b, b.TempDir(), 32<<20)
	_, refused := refusal(b)
	if refused == nil {
		b.Fatal("memory storage takes more than its limit")
	}
	p.add(row{
		promise:  "state that is bounded by memory on the heap, with RocksDB by the disk",
		measured: "more than memory storage carries; four times RocksDB's limit",
		heap:     "refused: *" + clearly(refused) + "*",
		rocksdb: fmt.Sprintf("limit %s, written %s; at most %s in memory; on disk %s; %s of %s samples right",
			size(o.limit), size(o.written), o.most, size(o.onDisk), count(o.read-o.wrong), count(o.read)),
	})
}

func TestRocksDBHoldsFourTimesItsMemoryLimit(t *testing.T) {
	o := writeOverLimit(t, realFolder(t), 8<<20)
	if o.most.total() > o.limit || o.most.cache < o.limit/4 || o.most.buffers == 0 {
		t.Errorf("in memory: %s, want what was allowed to be used, and no more than %s", o.most, size(o.limit))
	}
	if o.onDisk < o.written {
		t.Errorf("%s on disk, want the %s that were written", size(o.onDisk), size(o.written))
	}
	if o.wrong > 0 || o.read < 1000 {
		t.Errorf("%d of %d samples are wrong", o.wrong, o.read)
	}
}

func TestHeapRefusesMoreThanMemoryStorageCarries(t *testing.T) {
	still, refused := refusal(t)
	if !errors.Is(refused, storage.ErrTooLarge) {
		t.Fatalf("the snapshot says: %v", refused)
	}
	for _, want := range []string{"checkpoint 1", "at most 5242880 are allowed", "use filesystem storage or raise the limit"} {
		if !strings.Contains(refused.Error(), want) {
			t.Errorf("the refusal %q does not say %q", refused, want)
		}
	}
	if len(still) != 1<<10 {
		t.Errorf("after the refusal the state holds %q", still)
	}
}
