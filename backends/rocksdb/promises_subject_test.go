//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"strings"
	"testing"

	"github.com/linxGnu/grocksdb"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/heap"
	"flinch/backends/kv"
)

// nativeTuning makes the engine on real files what it is in production, rather
// than full of boundaries: with few files, not small ones, and a cache.
var nativeTuning = map[string]int64{
	tuneFlushBytes: 4 << 20, tuneTargetFileBytes: 8 << 20, tuneLevelBaseBytes: 64 << 20, tuneLevel0Trigger: 4,
	tuneCacheBytes: 256 << 20, tuneChunkBytes: pieceBytes, "heap.chunk_bytes": pieceBytes,
}

// pieceBytes is what snapshots hand to the storage at a time.
const pieceBytes = 16 << 10

// subject is a keyed state of either backend with numbered keys and texts as
// values.
type subject struct {
	*backendtest.Instance
	t       testing.TB
	world   *backendtest.World
	streams *meanwhile
	values  backends.ValueState[string]
	texts   [2]string
	store   *store // nil: heap
}

// meanwhile is a storage that counts what it is given, and lets the task run when
// a piece arrives.
type meanwhile struct {
	backends.CheckpointStreams
	written int64
	piece   func(bytes int) // may be nil
}

func (m *meanwhile) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	w, err := m.CheckpointStreams.Create(ctx, id, scope)
	return pieces{w, m}, err
}

type pieces struct {
	backends.StreamWriter
	m *meanwhile
}

func (p pieces) Write(piece []byte) (int, error) {
	p.m.written += int64(len(piece))
	if p.m.piece != nil {
		p.m.piece(len(piece))
	}
	return p.StreamWriter.Write(piece)
}

// watched keeps the store that an engine opened last.
type watched struct {
	engine
	opened *store
}

func (w *watched) Open(ctx context.Context, p backends.KeyedParams) (kv.Store, error) {
	s, err := w.engine.Open(ctx, p)
	if i, ok := s.(incremental); ok {
		w.opened = i.store
	}
	return s, err
}

// setting is a state to be opened.
type setting struct {
	tuning     map[string]int64 // nil: nativeTuning
	storage    backends.CheckpointStreams
	folder     string // for RocksDB's files; "": heap
	valueBytes int    // 0: 100
	restore    []backends.KeyedHandle
}

// eachBackend are the settings of the two that are compared, RocksDB on the real
// disk.
func eachBackend(t testing.TB) []setting { return []setting{{}, {folder: t.TempDir()}} }

func (s setting) name() string {
	if s.folder == "" {
		return "heap"
	}
	return backendName
}

func (s setting) open(t testing.TB) *subject {
	t.Helper()
	w := &watched{engine: nativeEngine(s.folder)}
	world := backendtest.NewWorld(kv.New(w))
	if s.folder == "" {
		world.Backend = heap.New()
	}
	if world.Tuning = s.tuning; s.tuning == nil {
		world.Tuning = nativeTuning
	}
	world.Groups = 128
	p := world.Params(0, 1, s.restore...)
	streams := &meanwhile{CheckpointStreams: s.storage}
	if s.storage == nil {
		streams.CheckpointStreams = world.Streams
	}
	p.Storage = streams
	in, err := world.TryOpen(t, p)
	must(t, err)
	v, err := backends.NewValueState(in, "values", backends.StringCodec())
	must(t, err)
	v.SetNamespace(backends.VoidNamespace)
	if s.valueBytes == 0 {
		s.valueBytes = 100
	}
	texts := [2]string{strings.Repeat("a", s.valueBytes), strings.Repeat("b", s.valueBytes)}
	return &subject{Instance: in, t: t, world: world, streams: streams, values: v, texts: texts, store: w.opened}
}

// update stores one of the texts under a key.
func (s *subject) update(key backends.Key, text int) {
	if err := s.SetCurrentKey(key); err != nil {
		s.t.Fatal(err)
	}
	if err := s.values.Update(s.texts[text]); err != nil {
		s.t.Fatal(err)
	}
}

// get returns what is stored under a key.
func (s *subject) get(key backends.Key) string {
	if err := s.SetCurrentKey(key); err != nil {
		s.t.Fatal(err)
	}
	got, _, err := s.values.Get()
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// fill stores the first text under n keys, and returns them in an order that is
// not theirs.
func (s *subject) fill(n int) []backends.Key {
	keys := make([]backends.Key, n)
	for i := range keys {
		keys[i] = backends.Int64Key(int64(i) * 7919 % int64(n))
		s.update(keys[i], 0)
	}
	return keys
}

// settled fills a state, and brings all that RocksDB holds into few files and from
// there into its cache.
func (s *subject) settled(n int) []backends.Key {
	s.t.Helper()
	keys := s.fill(n)
	if s.store == nil {
		return keys
	}
	must(s.t, s.store.flushAll())
	for _, f := range s.store.families {
		s.store.db.CompactRangeCF(f.handle, grocksdb.Range{}) // waits for it
	}
	for _, key := range keys {
		s.get(key)
	}
	return keys
}

// write takes a snapshot, has it confirmed, and returns its handle with the bytes
// that it wrote.
func (s *subject) write(id backends.CheckpointID) (backends.KeyedHandle, int64) {
	s.t.Helper()
	before := s.streams.written
	h := s.world.Write(s.t, s.Take(id))
	must(s.t, s.NotifyComplete(id))
	return h, s.streams.written - before
}
