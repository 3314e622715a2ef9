//go:build !cgo || norocksdb

package rocksdb

import (
	"context"
	"errors"

	"flinch/backends"
)

// missing says why RocksDB cannot run here, and the mend.
const missing = "built without RocksDB: install librocksdb-dev (make setup), build with cgo and without -tags norocksdb"

// New returns a backend that says why it cannot run.
func New() backends.Backend { return absent{backendName} }

// NewNative returns a backend that says why it cannot run.
func NewNative(string) backends.Backend { return absent{nativeName} }

// absent stands in for a backend that this build does not have.
type absent struct{ name string }

var (
	_ backends.Backend     = absent{}
	_ backends.Unavailable = absent{}
)

// Name is that of the missing backend.
func (a absent) Name() string { return a.name }

// Unavailable says why, and the mend.
func (absent) Unavailable() string { return missing }

// OpenKeyed fails.
func (absent) OpenKeyed(context.Context, backends.KeyedParams) (backends.Keyed, error) {
	return nil, errors.New(missing)
}
