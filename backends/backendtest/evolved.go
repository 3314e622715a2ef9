package backendtest

import (
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest/reference"
)

// boxStates are states of each kind that has values, of boxes in one codec.
type boxStates struct {
	in *Instance
	v  backends.RawValue
	l  backends.RawList
	m  backends.RawMap
	r  backends.RawMerging
	a  backends.RawMerging
}

// evolvingKinds are the kinds that have values; a state of boxStates is called as its
// kind.
var evolvingKinds = allKinds[:len(allKinds)-1]

// evolve registers the state of a kind with a codec.
func (in *Instance) evolve(kind backends.StateKind, codec backends.Codec) error {
	d := described(kind.String(), kind)
	d.Value = codec
	return in.open(d, kind)
}

// states registers all kinds with a codec.
func (in *Instance) states(t *testing.T, codec func() backends.Codec) boxStates {
	t.Helper()
	of := func(kind backends.StateKind) backends.Descriptor {
		d := described(kind.String(), kind)
		d.Value = codec()
		return d
	}
	return boxStates{
		in: in,
		v:  must2[backends.RawValue](t)(in.Value(of(backends.ValueKind))),
		l:  must2[backends.RawList](t)(in.List(of(backends.ListKind))),
		m:  must2[backends.RawMap](t)(in.Map(of(backends.MapKind))),
		r:  in.Folding(of(backends.ReducingKind)),
		a:  in.Folding(of(backends.AggregatingKind)),
	}
}

// each calls do for some keys of the instance in two namespaces each.
func (s boxStates) each(do func(n int64)) {
	for _, k := range s.in.OwnKeys(6) {
		s.in.Use(k)
		for i, ns := range []string{backends.VoidNamespace, "w"} {
			for _, state := range []interface{ SetNamespace(string) }{s.v, s.l, s.m, s.r, s.a} {
				state.SetNamespace(ns)
			}
			do(10*k + int64(i))
		}
	}
}

// put adds to what is there.
func (s boxStates) put(t *testing.T) {
	t.Helper()
	s.each(func(n int64) {
		must(t, s.v.Update(&Box{N: n}))
		must(t, s.l.AddAll([]any{&Box{N: n}, &Box{N: 0x2C2C2C2C2C2C2C2C}}))
		must(t, s.l.Add(&Box{N: -n}))
		must(t, s.m.Put("a", &Box{N: n}))
		must(t, s.m.Put(fmt.Sprint(n), &Box{N: n + 1}))
		must(t, s.r.Add(&Box{N: n}))
		must(t, s.a.Add(n))
	})
}

// read is everything as users see it.
func (s boxStates) read(t *testing.T) (lines []string) {
	t.Helper()
	s.each(func(n int64) {
		line := fmt.Sprintf("%d: %s, %s, %s, %s:", n, show(must2[any](t)(s.v.Get())),
			showNumbers(numbers(must2[[]any](t)(s.l.Get()))), show(must2[any](t)(s.r.Get())), show(must2[any](t)(s.a.Get())))
		must(t, s.m.Range(func(user string, v any) bool {
			line += fmt.Sprintf(" %s=%s", user, show(v))
			return true
		}))
		lines = append(lines, line)
	})
	return lines
}

// writtenBy returns instances whose states were written by a codec from the first,
// once and twice. They are the reference's: opening many databases takes long.
func writtenBy(t *testing.T, codec func() backends.Codec) (once, twice *Instance) {
	t.Helper()
	w := NewWorld(reference.New())
	once, twice = w.Open(t, 0, 1), w.Open(t, 0, 1)
	once.states(t, codec).put(t)
	s := twice.states(t, codec)
	s.put(t)
	s.put(t)
	return once, twice
}

func box1Codec() backends.Codec { return BoxCodec().Codec() }

func fixed1Codec() backends.Codec { return FixedBoxCodec().Codec() }
