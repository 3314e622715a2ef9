package backendtest

import (
	"fmt"
	"time"

	"flinch/backends"
	"flinch/faults"
	"flinch/faults/disk"
)

// World is what surrounds the instances of one test. Instances that are still
// open when the test ends are closed then.
type World struct {
	Backend  backends.Backend
	Streams  *Streams
	Disk     *disk.Disk // the task manager's
	Tuning   map[string]int64
	Groups   int // number of key groups
	KeyBytes int
	// Meanwhile runs at each scheduling point of the disk while it is set, but not
	// inside of itself. Streams have a hook of their own.
	Meanwhile func()
	// Counters has what the backend counted.
	Counters map[string]int64
	opened   int
	running  bool
	clock    time.Duration
}

// Groups is the number of key groups in a new world.
const Groups = 8

// NewWorld returns a world with 8 key groups whose keys are numbers.
func NewWorld(b backends.Backend) *World {
	w := &World{Backend: b, Streams: NewStreams(), Groups: Groups, KeyBytes: 8, Counters: make(map[string]int64)}
	w.Disk = disk.New(func(op faults.Op) faults.Outcome {
		if !op.Atomic && !op.Done {
			w.yield()
		}
		return faults.Outcome{}
	}, disk.Options{})
	return w
}

func (w *World) yield() {
	if w.Meanwhile == nil || w.running {
		return
	}
	w.running = true
	defer func() { w.running = false }()
	w.Meanwhile()
}

// at makes one function run at all scheduling points, of storage and disk; nil
// ends that.
func (w *World) at(meanwhile func()) {
	w.Meanwhile, w.Streams.Hook = meanwhile, nil
	if meanwhile != nil {
		w.Streams.Hook = func(string) error {
			w.yield()
			return nil
		}
	}
}

// Uint64N draws the simplest: 0.
func (*World) Uint64N(string, uint64) uint64 { return 0 }

// Params are those of subtask i of n, with a folder of their own.
func (w *World) Params(i, n int, restore ...backends.KeyedHandle) backends.KeyedParams {
	w.opened++
	return backends.KeyedParams{
		Operator:       "op",
		Subtask:        i,
		Parallelism:    n,
		MaxParallelism: w.Groups,
		Attempt:        w.opened,
		KeyGroups:      backends.RangeOf(i, n, w.Groups),
		KeyBytes:       w.KeyBytes,
		Local:          w.Disk,
		Engine:         w.Disk.Atomic(),
		Dir:            fmt.Sprintf("/state/%d-op-%d", w.opened, i),
		Storage:        w.Streams,
		Now: func() time.Duration {
			w.clock += time.Millisecond
			return w.clock
		},
		Rand:    w,
		Restore: restore,
		Key:     w.key,
		Count:   func(counter string, n int64) { w.Counters[counter] += n },
		Tuning:  w.Tuning,
	}
}

// key turns an encoded key back.
func (w *World) key(encoded string) (backends.Key, error) {
	if w.KeyBytes == 0 {
		return backends.DecodeStringKey(encoded)
	}
	return backends.DecodeInt64Key(encoded)
}

// dealt are the handles that a job hands to subtask i of n: those that have key
// groups of it.
func (w *World) dealt(i, n int, handles []backends.KeyedHandle) (own []backends.KeyedHandle) {
	groups := backends.RangeOf(i, n, w.Groups)
	for _, h := range handles {
		if h.KeyGroups.Intersect(groups).Len() > 0 {
			own = append(own, h)
		}
	}
	return own
}

// Open opens subtask i of n.
func (w *World) Open(t TB, i, n int, restore ...backends.KeyedHandle) *Instance {
	t.Helper()
	in, err := w.TryOpen(t, w.Params(i, n, restore...))
	must(t, err)
	return in
}

// TryOpen opens an instance, and returns the error if it cannot be opened.
func (w *World) TryOpen(t TB, p backends.KeyedParams) (*Instance, error) {
	t.Helper()
	k, err := w.Backend.OpenKeyed(background, p)
	if err != nil {
		return nil, err
	}
	if err := nothing(k); err != nil {
		return nil, fmt.Errorf("backend %q: open operator %s, subtask %d: %w", w.Backend.Name(), p.Operator, p.Subtask, err)
	}
	t.Cleanup(func() { closing(t, k) })
	return &Instance{Keyed: k, Params: p, t: t}, nil
}

// Write is the asynchronous phase of a snapshot. Its handle is complete, with no
// place-holders: what a restore gets.
func (w *World) Write(t TB, p backends.Pending) backends.KeyedHandle {
	t.Helper()
	h, ok := w.Streams.Resolve(write(t, p))
	if !ok {
		t.Fatalf("the handle names a file that is gone: %+v", h)
	}
	return h
}

// write returns the handle as the task sends it.
func write(t TB, p backends.Pending) backends.KeyedHandle {
	t.Helper()
	return must2[backends.KeyedHandle](t)(p.Write(background))
}
