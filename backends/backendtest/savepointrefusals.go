package backendtest

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"
)

// savepointRefusals are about savepoints that cannot be restored.
var savepointRefusals = []clause{
	{"DamagedSavepointsAreRefused", savepointDamaged},
	{"SavepointsOfANewerLayoutAreRefused", savepointNewer},
	{"SnapshotsOfOtherKeysAreRefused", snapshotKeys},
	{"SavepointsAreRestoredByTheirKeysOrRefused", savepointKeyless},
}

// damages is about how many bytes of a savepoint are damaged, one after the other.
const damages = 24

// aSavepoint writes checkpoint 9.
func aSavepoint(t *testing.T, w *World) backends.KeyedHandle {
	t.Helper()
	in := w.Open(t, 0, 1)
	in.fill(2)
	return w.Write(t, in.take(9, canonical))
}

// Savepoints are kept for long, and copied about: a storage that verifies nothing
// must not do harm.
func savepointDamaged(t *testing.T, world func() *World) {
	w := world()
	h := aSavepoint(t, w)
	whole := w.Streams.Files[h.Stream.Path]
	refused := func(what string, data []byte) {
		t.Helper()
		w.Streams.Files[h.Stream.Path] = data
		damaged := h
		damaged.Stream.SizeBytes = int64(len(data))
		_, err := w.TryOpen(t, w.Params(0, 1, damaged))
		wants(t, what, err, "checkpoint 9")
	}
	for i := 0; i < len(whole); i += max(1, len(whole)/damages) {
		data := slices.Clone(whole)
		data[i] ^= 1 << (i % 8)
		refused(fmt.Sprintf("byte %d of %d is damaged", i, len(whole)), data)
	}
	for _, n := range []int{1, 4, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
		refused(fmt.Sprintf("%d of %d bytes are left", n, len(whole)), whole[:n])
	}
	// Another stream of the same kind, as if two were mixed up.
	other := w.Open(t, 0, 1)
	other.fill(7)
	refused("another savepoint", w.Streams.Files[w.Write(t, other.take(9, canonical)).Stream.Path])
	w.Streams.Files[h.Stream.Path] = whole
	in := w.Open(t, 0, 1, h)
	in.fill(2)
}

func savepointNewer(t *testing.T, world func() *World) {
	w := world()
	h := aSavepoint(t, w)
	newer := h
	newer.Format = "savepoint/2"
	_, err := w.TryOpen(t, w.Params(0, 1, newer))
	wants(t, "a newer layout", err, `"savepoint/2"`)
	wants(t, "a newer layout", err, "checkpoint 9")
	// The stream says so as well: the magic word, then the version.
	w.Streams.Files[h.Stream.Path][4] = 2
	_, err = w.TryOpen(t, w.Params(0, 1, h))
	wants(t, "a newer version", err, "version 2: this program reads version 1")
	wants(t, "a newer version", err, "checkpoint 9")
}

// The keys of one operator are all of one length or of any: that is for ever.
func snapshotKeys(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(2)
		h := w.Write(t, in.take(9, o))
		w.KeyBytes = 0
		_, err := w.TryOpen(t, w.Params(0, 1, h))
		wants(t, "keys of another length", err, "keys")
		wants(t, "keys of another length", err, "checkpoint 9")
	})
}

// A savepoint has no hashes of keys. Whoever needs them gets them from
// KeyedParams.Key, and says so if it is not there.
func savepointKeyless(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	in.fill(20)
	want, h := in.Dump(), w.Write(t, in.take(9, canonical))
	p := w.Params(0, 1, h)
	p.Key = func(string) (backends.Key, error) { return backends.Key{}, errTest }
	if _, err := w.TryOpen(t, p); err != nil { // it need not be asked
		wants(t, "with a failing KeyedParams.Key", err, errTest.Error())
	}
	p = w.Params(0, 1, h)
	p.Key = nil
	back, err := w.TryOpen(t, p)
	if err != nil {
		wants(t, "without KeyedParams.Key", err, "Key is nil")
		wants(t, "without KeyedParams.Key", err, "checkpoint 9")
		return
	}
	same(t, want, back)
	for _, k := range in.OwnKeys(20) {
		if got := back.Read("default", k); got != k {
			t.Errorf("key %d: got %d", k, got)
		}
	}
}
