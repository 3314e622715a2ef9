//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"testing"
	"time"

	"flinch/backends"
)

// promisedKeys is how many entries the states have that are compared.
const promisedKeys = 1e5

// measureAccess compares what one access costs.
func measureAccess(b *testing.B, p *promises) {
	var gets, updates [2]time.Duration
	for i, s := range eachBackend(b) {
		in := s.open(b)
		keys := in.settled(promisedKeys)
		gets[i] = loop(b, "get/backend="+s.name(), func(b *testing.B) {
			at := 0
			for b.Loop() {
				in.get(keys[at%promisedKeys])
				at++
			}
		})
		updates[i] = loop(b, "update/backend="+s.name(), func(b *testing.B) {
			at := 0
			for b.Loop() {
				in.update(keys[at%promisedKeys], 1)
				at++
			}
		})
		must(b, in.Close())
	}
	p.add(row{
		"live objects on the heap, a call and a codec for each access of RocksDB", "read one of 100,000 values",
		duration(gets[0]), duration(gets[1]), ratio(gets[0], gets[1]),
	})
	p.add(row{"", "replace one", duration(updates[0]), duration(updates[1]), ratio(updates[0], updates[1])})
}

// measureWritesMeanwhile compares a write with none of a snapshot in flight, and
// the first write of each entry while one is.
func measureWritesMeanwhile(b *testing.B, p *promises) {
	var cells [2]string
	for i, s := range eachBackend(b) {
		in := s.open(b)
		keys := in.settled(promisedKeys)
		var each [2]time.Duration
		for j, flight := range []string{"none", "one"} {
			each[j] = loop(b, fmt.Sprintf("write/backend=%s/snapshots=%s", s.name(), flight), func(b *testing.B) {
				writeRounds(b, in, keys, flight == "one")
			})
		}
		cells[i] = fmt.Sprintf("%s, without %s", duration(each[1]), duration(each[0]))
		must(b, in.Close())
	}
	p.add(row{"", "first write of an entry while a snapshot is in flight", cells[0], cells[1], ""})
}

// writeRounds writes all keys in turn, each round with a snapshot of its own if
// that is wanted.
func writeRounds(b *testing.B, in *subject, keys []backends.Key, snapshots bool) {
	var open backends.Pending
	begin := func() {
		if open != nil {
			must(b, open.Discard())
		}
		if snapshots {
			open = in.Take(1)
		}
	}
	begin()
	b.ResetTimer()
	at := 0
	for b.Loop() {
		if at == len(keys) {
			b.StopTimer()
			begin()
			at = 0
			b.StartTimer()
		}
		in.update(keys[at], at%2)
		at++
	}
	if open != nil {
		must(b, open.Discard())
	}
}
