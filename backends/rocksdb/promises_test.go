//go:build cgo && !norocksdb

package rocksdb

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"flinch/backends"
)

// promisesFile is where make promises wants its table.
var promisesFile = flag.String("promises", "", "file for the table of BenchmarkPromises")

// promises is a table: what Flink's page says of its state backends, and what was
// measured here.
type promises struct{ rows []row }

// row is one line of the table. The promise is that of the row above, if it is
// empty.
type row struct{ promise, measured, heap, rocksdb, ratio string }

func (p *promises) add(r row) { p.rows = append(p.rows, r) }

func (p *promises) String() string {
	var text strings.Builder
	text.WriteString("| what Flink's page says | measured | heap | RocksDB | heap : RocksDB |\n|---|---|---|---|---|\n")
	for _, r := range p.rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", r.promise, r.measured, r.heap, r.rocksdb, r.ratio)
	}
	return text.String()
}

// notes say how the table came about.
func notes() string {
	version := NewNative("").(backends.Versioned).Version()
	return fmt.Sprintf(`
On %s/%s with %d processors. States of numbered keys in 128 key groups, with values of 100 bytes (4 kB where memory is limited, 1 KiB
where storage is). %s runs with threads of its own over real files; it is compacted before each measurement, and its cache holds the
state, but where memory is limited: there half of the limit is for blocks, half for write buffers, and what it holds is what its
properties say. The bytes of a snapshot are those that the checkpoint storage was given. The task goes on in the asynchronous phase
without a thread of its own: whenever the storage is given a piece of %s, the task processes records (read a value, replace it)
for as long as a storage of %s a second would take for it.
`, runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), version, size(pieceBytes), size(storageBytesPerSecond))
}

// BenchmarkPromises makes the table. The parts that are no loops run once, and are
// in the table alone.
func BenchmarkPromises(b *testing.B) {
	p := &promises{}
	measureAccess(b, p)
	measureMemory(b, p)
	measureIncrements(b, p)
	measurePauses(b, p)
	measureWritesMeanwhile(b, p)
	measureRecordsMeanwhile(b, p)
	text := p.String() + notes()
	if *promisesFile == "" {
		b.Log("\n" + text)
		return
	}
	must(b, os.WriteFile(*promisesFile, []byte(text), 0o644))
}

// loop runs a benchmark and returns what one operation took.
func loop(b *testing.B, name string, run func(b *testing.B)) (each time.Duration) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		run(b)
		each = b.Elapsed() / time.Duration(b.N)
	})
	return each
}

// ratio is that of heap to RocksDB, for the last column.
func ratio(heap, rocksdb time.Duration) string {
	return fmt.Sprintf("1 : %.1f", float64(rocksdb)/float64(heap))
}

// duration, size and count print what is measured in units of its magnitude.
func duration(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
	default:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
}

func size(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", (bytes+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
