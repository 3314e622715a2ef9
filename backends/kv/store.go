package kv

import (
	"context"

	"flinch/backends"
)

// Engine opens stores, one for each keyed instance.
type Engine interface {
	// Name is the backend's: a short lower-case word.
	Name() string
	// Open opens the store of one instance: empty, or with what p.Restore holds:
	// each handle there has some of p.KeyGroups, and is no full snapshot or canonical
	// savepoint. Key groups outside p.KeyGroups are hidden. Every I/O on p.Storage and p.Local may be a scheduling point.
	Open(ctx context.Context, p backends.KeyedParams) (Store, error)
}

// Store is an ordered key/value store with named families, each a key space of
// its own. An instance uses it from one task at a time.
//
// A Store may also be a Snapshotter and a backends.Maintainer.
type Store interface {
	// Family returns a family by its name, made if it is missing. It stays valid
	// until Close.
	Family(name string) (Family, error)
	// Families lists the names of all families in any order, those included that
	// the store was opened with.
	Families() []string
	// View fixes what the store holds now, for a full snapshot to read while the
	// store changes.
	View() (View, error)
	// Close releases everything and deletes the instance's local files. All views
	// are released before. It is called once, also after errors.
	Close() error
}

// Family is one key space. Slices that are passed in are borrowed during the
// call. A Family may also be a Merger.
type Family interface {
	// Get appends the value of key to dst, and tells whether there is one.
	Get(key, dst []byte) ([]byte, bool, error)
	Put(key, value []byte) error
	Delete(key []byte) error
	// Scan calls yield for each key in [from, to) in the order of their bytes until
	// it returns false. Key and value are lent during the call. Nothing is changed
	// meanwhile.
	Scan(from, to []byte, yield func(key, value []byte) bool) error
}

// Merger is implemented by families that can append to a value without reading
// it. Optional.
type Merger interface {
	// Merge appends operand to the value of key behind a comma (0x2C), or makes it
	// the value if there is none.
	Merge(key, operand []byte) error
}

// Cleaner is implemented by families whose engine rewrites its files in the
// background, and can leave out what has expired then. Optional.
type Cleaner interface {
	// CleanUp asks for that from now on. The state of the family has a time to live.
	CleanUp(e Expiring)
}

// Expiring says which values of a family have expired, and where they are: see the
// layout of values.
type Expiring struct {
	Kind         backends.StateKind
	ElementBytes int               // list state: of each element; 0: they are framed
	CleanUp      *backends.CleanUp // never asked by a thread of the engine
}

// View is what a Store held at one moment.
type View interface {
	// Scan is Family.Scan on a family of the view; one that was made later is
	// empty. The store may change while yield runs, other scans may begin, and the
	// view may be released: then Scan ends with an error, and touches nothing more.
	// yield may also panic, when its task is killed.
	Scan(family string, from, to []byte, yield func(key, value []byte) bool) error
	// Release is idempotent.
	Release()
}

// Snapshotter is implemented by stores that take incremental snapshots of their
// own files. Without it, and for SnapshotOptions.Full, snapshots are streams in
// the layout Format, which any Engine can be restored from; canonical savepoints are
// never the store's.
type Snapshotter interface {
	// Snapshot is the synchronous phase. table describes the states and is kept in
	// the handle's Stream, as it is.
	Snapshot(id backends.CheckpointID, table []byte) (backends.Pending, error)
	// Tables returns what was kept beside the handles that the store was opened
	// with, one for each, in their order.
	Tables() [][]byte
	// The notifications are the instance's: see backends.Keyed.
	NotifyComplete(id backends.CheckpointID) error
	NotifyAborted(id backends.CheckpointID) error
	NotifySubsumed(id backends.CheckpointID) error
}
