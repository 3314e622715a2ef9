package kv_test

import (
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"
)

// filled has n values in a store that merges.
func filled(b *testing.B, n int) (*backendtest.World, *backendtest.Instance, []backends.Key) {
	b.Helper()
	w := backendtest.NewWorld(kv.New(plainMerging{}))
	w.Groups = 128
	in := w.Open(b, 0, 1)
	keys := make([]backends.Key, n)
	for i := range keys {
		keys[i] = backends.Int64Key(int64(i))
		in.Put("v", int64(i), int64(i))
	}
	b.ResetTimer()
	return w, in, keys
}

func perSecond(b *testing.B) {
	b.ReportAllocs()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

// One operation sets the key, reads the value and writes it back.
func BenchmarkAccess(b *testing.B) {
	for _, n := range []int{100, 1e4} {
		b.Run(fmt.Sprintf("over=kv/entries=%d", n), func(b *testing.B) {
			_, in, keys := filled(b, n)
			v := in.Boxes("v")
			for i := 0; b.Loop(); i += 7 {
				_ = in.SetCurrentKey(keys[i%n])
				got, _ := v.Get()
				_ = v.Update(got)
			}
			perSecond(b)
		})
		// The store by itself, with keys that are ready.
		b.Run(fmt.Sprintf("over=store/entries=%d", n), func(b *testing.B) {
			s := &store{families: make(map[string]*family)}
			f, _ := s.Family("v")
			keys := make([][]byte, n)
			for i := range keys {
				keys[i] = fmt.Appendf(nil, "%010d", i)
				_ = f.Put(keys[i], keys[i])
			}
			var value []byte
			for i := 0; b.Loop(); i += 7 {
				value, _, _ = f.Get(keys[i%n], value[:0])
				_ = f.Put(keys[i%n], value)
			}
			perSecond(b)
		})
	}
}

func BenchmarkListAdd(b *testing.B) {
	_, in, _ := filled(b, 1)
	l := in.BoxList("l")
	in.Use(1)
	box := &backendtest.Box{N: 1}
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			_ = l.Clear()
		}
		_ = l.Add(box)
	}
	perSecond(b)
}

func BenchmarkMapAccess(b *testing.B) {
	_, in, _ := filled(b, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for i := range 16 {
		must(b, m.Put(fmt.Sprint(i), &backendtest.Box{}))
	}
	b.Run("op=get-put", func(b *testing.B) {
		for b.Loop() {
			got, _ := m.Get("7")
			_ = m.Put("7", got)
		}
		perSecond(b)
	})
	b.Run("op=range/entries=16", func(b *testing.B) {
		for b.Loop() {
			_ = m.Range(func(string, any) bool { return true })
		}
		perSecond(b)
	})
}

func BenchmarkSnapshot(b *testing.B) {
	w, in, _ := filled(b, 1e4)
	b.Run("phase=sync", func(b *testing.B) {
		for b.Loop() {
			must(b, in.TakeFull(1).Discard())
		}
		b.ReportAllocs()
	})
	var h backends.KeyedHandle
	b.Run("phase=write/entries=10000", func(b *testing.B) {
		for b.Loop() {
			h = w.Write(b, in.TakeFull(1))
		}
		b.SetBytes(h.Stream.SizeBytes)
		b.ReportAllocs()
	})
	b.Run("phase=restore/entries=10000", func(b *testing.B) {
		for b.Loop() {
			must(b, w.Open(b, 0, 1, h).Close())
		}
		b.SetBytes(h.Stream.SizeBytes)
	})
	b.Run("phase=entries/entries=10000", func(b *testing.B) {
		for b.Loop() {
			must(b, in.Entries(in.Params.KeyGroups, func(backends.Entry) error { return nil }))
		}
		b.ReportAllocs()
	})
}
