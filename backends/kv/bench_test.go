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
	b.Run("op=iterate-set/entries=16", func(b *testing.B) {
		for b.Loop() {
			i, _ := m.Iterator()
			for i.Next() {
				_ = i.SetValue(i.Value())
			}
		}
		perSecond(b)
	})
}

// A running maximum over timers: one is registered far ahead for each that fires.
func BenchmarkTimers(b *testing.B) {
	for _, ahead := range []int64{10, 1000, 100_000} { // of the most, a sixth is cached
		b.Run(fmt.Sprintf("op=register-poll/timers=%d", ahead), func(b *testing.B) {
			_, in, _ := filled(b, 1)
			q := timersOf(b, in, "q")
			keys := make([]backends.Key, 1000)
			for i := range keys {
				keys[i] = backends.Int64Key(int64(i))
			}
			now := int64(0)
			register := func() {
				must(b, in.SetCurrentKey(keys[now%1000]))
				_, err := q.Register(now, backends.VoidNamespace)
				must(b, err)
				now++
			}
			for now < ahead {
				register()
			}
			b.ResetTimer()
			for b.Loop() {
				register()
				_, _, _ = q.Poll()
			}
			perSecond(b)
		})
	}
}

func BenchmarkFold(b *testing.B) {
	_, in, _ := filled(b, 1)
	s, err := in.Reducing(backends.Descriptor{
		Name: "r", Kind: backends.ReducingKind, Value: backendtest.BoxCodec().Codec(),
		Reduce: func(a, b any) any { a.(*backendtest.Box).N += b.(*backendtest.Box).N; return a },
	})
	must(b, err)
	in.Use(1)
	box := &backendtest.Box{N: 1}
	b.Run("op=add", func(b *testing.B) {
		for b.Loop() {
			_ = s.Add(box)
		}
		perSecond(b)
	})
	b.Run("op=add-3-merge", func(b *testing.B) {
		sources := []string{"a", "b", "c"}
		for b.Loop() {
			for _, ns := range sources {
				s.SetNamespace(ns)
				_ = s.Add(box)
			}
			_ = s.MergeNamespaces("t", sources)
		}
		perSecond(b)
	})
}

func BenchmarkKeys(b *testing.B) {
	_, in, _ := filled(b, 1e4)
	m := in.BoxMap("m")
	for key := range int64(100) {
		in.Use(key)
		for i := range 100 {
			must(b, m.Put(fmt.Sprint(i), &backendtest.Box{}))
		}
	}
	for _, state := range []string{"v", "m"} {
		b.Run("entries=10000/state="+state, func(b *testing.B) {
			for b.Loop() {
				must(b, in.Keyed.Keys(state, backends.VoidNamespace, func(string) bool { return true }))
			}
			b.ReportAllocs()
		})
	}
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
