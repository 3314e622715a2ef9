//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"testing"
	"time"

	"flinch/backends"
)

// storageBytesPerSecond is what the storage takes while records are counted.
const storageBytesPerSecond = 100e6

// records are those that a task processes: each reads a value and replaces it.
type records struct {
	in   *subject
	keys []backends.Key
	n    int
	took time.Duration
}

func (r *records) one() {
	key := r.keys[r.n%len(r.keys)]
	r.in.get(key)
	r.in.update(key, 1)
	r.n++
}

// during processes records for some time.
func (r *records) during(d time.Duration) {
	began := time.Now()
	for took := time.Duration(0); took < d; took = time.Since(began) {
		for range 8 {
			r.one()
		}
	}
	r.took += time.Since(began)
}

func (r *records) each() time.Duration { return r.took / time.Duration(max(r.n, 1)) }

// measureRecordsMeanwhile counts the records that a task processes while the
// storage is busy with the pieces of a snapshot.
func measureRecordsMeanwhile(b *testing.B, p *promises) {
	b.Helper()
	var cells [2]string
	for i, s := range eachBackend(b) {
		in := s.open(b)
		keys := in.settled(promisedKeys)
		without, with := records{in: in, keys: keys}, records{in: in, keys: keys}
		without.during(time.Second)
		in.streams.piece = func(bytes int) {
			with.during(time.Duration(float64(bytes) / storageBytesPerSecond * float64(time.Second)))
		}
		in.write(1)
		cells[i] = fmt.Sprintf("%s in %s: %s each, without a snapshot %s", count(with.n), duration(with.took), duration(with.each()), duration(without.each()))
		must(b, in.Close())
	}
	p.add(row{"", "records processed in the asynchronous phase", cells[0], cells[1], ""})
}

// TestRecordsAreProcessedWhileASnapshotIsWritten, and do not show in it.
func TestRecordsAreProcessedWhileASnapshotIsWritten(t *testing.T) {
	for _, s := range []setting{{}, {folder: realFolder(t)}} {
		t.Run(s.name(), func(t *testing.T) {
			in := s.open(t)
			keys := in.fill(5e3)
			meanwhile := records{in: in, keys: keys}
			in.streams.piece = func(int) {
				for range 1 + len(keys)/20 {
					meanwhile.one()
				}
			}
			h, _ := in.write(1)
			if meanwhile.n < len(keys) {
				t.Errorf("%d records in the asynchronous phase, want as many as there are keys", meanwhile.n)
			}
			s.storage, s.restore = in.world.Streams, []backends.KeyedHandle{h}
			restored := s.open(t)
			for _, key := range keys {
				if in.get(key) != in.texts[1] || restored.get(key) != in.texts[0] {
					t.Fatalf("key %x: the task has %.3q, the snapshot %.3q", key.Encoded, in.get(key), restored.get(key))
				}
			}
		})
	}
}
