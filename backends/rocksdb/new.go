//go:build cgo && !norocksdb

package rocksdb

import (
	"flinch/backends"
	"flinch/backends/kv"
)

// New returns the backend whose engine runs inside the simulation: on p.Engine,
// in virtual time, and deterministic to the byte.
func New() backends.Backend { return described{kv.New(simulated)} }

// NewNative returns the backend whose engine runs as it does in production, with
// threads of its own and real files, in folders below dir; "" is the system's
// folder for temporary files. It is there for comparison.
func NewNative(dir string) backends.Backend {
	return native{described{kv.New(nativeEngine(dir))}}
}

// native is a backend with threads and files of its own.
type native struct{ described }

var _ backends.Opaque = native{}

// Opaque says what simulation cannot reach.
func (native) Opaque() string { return "RocksDB with its own threads and real files" }
