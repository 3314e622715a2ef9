//go:build cgo && !norocksdb

package rocksdb

import (
	"flinch/backends"
	"flinch/backends/kv"
	"flinch/backends/rocksdb/simenv"
)

var _ kv.Cleaner = (*family)(nil)

// CleanUp makes compactions that begin from now on leave out what has expired then.
func (f *family) CleanUp(e kv.Expiring) {
	if f.expiring == nil {
		f.s.expiring = append(f.s.expiring, f)
	}
	f.expiring = &e
	f.tell()
}

// tell tells the engine the time.
func (f *family) tell() {
	e := f.expiring
	layout := simenv.Plain
	switch e.Kind {
	case backends.ListKind:
		layout = simenv.Joined
	case backends.MapKind:
		layout = simenv.Flagged
	}
	f.s.db.expiry.Set(f.handle.ID(), simenv.Expiring{
		Layout: layout, ElementBytes: e.ElementBytes, Lifetime: e.CleanUp.Lifetime, Now: e.CleanUp.Now(),
	})
}

// tellTime comes before everything that may let a compaction begin. The engine asks
// no Go code for the time, least of all from threads of its own.
func (s *store) tellTime() {
	for _, f := range s.expiring {
		f.tell()
	}
}
