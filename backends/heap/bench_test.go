package heap

import (
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

// filled has n values under the keys it returns, in tables of default capacity.
func filled(b *testing.B, n int) (*backendtest.Instance, []backends.Key, backends.RawValue) {
	b.Helper()
	w := newWorld()
	w.Tuning, w.Groups = nil, 128
	in := w.Open(b, 0, 1)
	v := in.Boxes("v")
	keys := make([]backends.Key, n)
	for i := range keys {
		keys[i] = backends.Int64Key(int64(i))
		in.Put("v", int64(i), int64(i))
	}
	return in, keys, v
}

func perEntries(b *testing.B, run func(b *testing.B, n int)) {
	for _, n := range []int{1e4, 1e5} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) { run(b, n) })
	}
}

// One operation sets the key, reads the value and writes it back.
func BenchmarkAccess(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, keys, v := filled(b, n)
		i := 0
		for b.Loop() {
			_ = in.SetCurrentKey(keys[i%n])
			got, _ := v.Get()
			_ = v.Update(got)
			i += 7
		}
		b.ReportAllocs()
	})
}

func BenchmarkGet(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, keys, v := filled(b, n)
		i := 0
		for b.Loop() {
			_ = in.SetCurrentKey(keys[i%n])
			_, _ = v.Get()
			i += 7
		}
		b.ReportAllocs()
	})
}

func BenchmarkMapAccess(b *testing.B) {
	in, keys, _ := filled(b, 1)
	m, err := in.Map(backendtest.Boxes("m", backends.MapKind))
	must(b, err)
	must(b, in.SetCurrentKey(keys[0]))
	for i := range 16 {
		must(b, m.Put(fmt.Sprint(i), &backendtest.Box{}))
	}
	for b.Loop() {
		got, _ := m.Get("7")
		_ = m.Put("7", got)
	}
	b.ReportAllocs()
}

// The synchronous phase is what the task waits for.
func BenchmarkSnapshotSync(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, _, _ := filled(b, n)
		for b.Loop() {
			p, _ := in.Snapshot(1, backends.SnapshotOptions{})
			_ = p.Discard()
		}
		b.ReportAllocs()
	})
}

func BenchmarkSnapshotWrite(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, _, _ := filled(b, n)
		size := int64(0)
		for b.Loop() {
			p, _ := in.Snapshot(1, backends.SnapshotOptions{})
			h, err := p.Write(background)
			must(b, err)
			size = h.Stream.SizeBytes
			inner(in).params.Storage = backendtest.NewStreams()
		}
		b.SetBytes(size)
	})
}

// Read and write back while a snapshot is open: each entry is copied once.
func BenchmarkAccessDuringSnapshot(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, keys, v := filled(b, n)
		i := 0
		p := in.Take(1)
		for b.Loop() {
			if i == n {
				must(b, p.Discard())
				p, i = in.Take(1), 0
			}
			_ = in.SetCurrentKey(keys[i])
			got, _ := v.Get()
			_ = v.Update(got)
			i++
		}
		b.ReportAllocs()
	})
}

func BenchmarkRestore(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, _, _ := filled(b, n)
		p := in.Params
		h, err := in.Take(1).Write(background)
		must(b, err)
		p.Restore = []backends.KeyedHandle{h}
		for b.Loop() {
			k, err := New().OpenKeyed(background, p)
			must(b, err)
			_, err = k.Value(backendtest.Boxes("v", backends.ValueKind))
			must(b, err)
		}
	})
}

// One operation folds a box into one that is there.
func BenchmarkReduce(b *testing.B) {
	in, keys, _ := filled(b, 1)
	d := backendtest.Boxes("r", backends.ReducingKind)
	d.Reduce = func(a, v any) any {
		box := a.(*backendtest.Box)
		box.N += v.(*backendtest.Box).N
		return box
	}
	r := in.Folding(d)
	must(b, in.SetCurrentKey(keys[0]))
	one := &backendtest.Box{N: 1}
	must(b, r.Add(&backendtest.Box{}))
	for b.Loop() {
		_ = r.Add(one)
	}
	b.ReportAllocs()
}

// One operation goes through a map of 16 user keys and sets each value.
func BenchmarkIterate(b *testing.B) {
	in, keys, _ := filled(b, 1)
	m := in.BoxMap("m")
	must(b, in.SetCurrentKey(keys[0]))
	for i := range 16 {
		must(b, m.Put(fmt.Sprint(i), &backendtest.Box{}))
	}
	for b.Loop() {
		i, _ := m.Iterator()
		for i.Next() {
			_ = i.SetValue(i.Value())
		}
	}
	b.ReportAllocs()
}

// One operation registers a timer and polls another, of n that wait.
func BenchmarkTimers(b *testing.B) {
	perEntries(b, func(b *testing.B, n int) {
		in, keys, _ := filled(b, n)
		q := in.Queue("q")
		for i, k := range keys {
			must(b, in.SetCurrentKey(k))
			_, err := q.Register(int64(i*7919%n), "w")
			must(b, err)
		}
		i := n
		for b.Loop() {
			_ = in.SetCurrentKey(keys[i*7919%n])
			_, _ = q.Register(int64(i), "w")
			_, _, _ = q.Poll()
			i++
		}
		b.ReportAllocs()
	})
}
