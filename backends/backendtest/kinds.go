package backendtest

import (
	"testing"

	"flinch/backends"
)

// kindClauses are what all kinds of state have in common.
var kindClauses = []clause{
	{"EveryKindRefusesKeysAndNamespacesThatAreNone", kindsPlaces},
	{"EveryKindRefusesTheNameOfAnother", kindsApart},
	{"EveryKindRefusesAnotherCodecAfterARestore", kindsCodec},
	{"ClearOfNothingLeavesNothing", kindsCleared},
	{"EveryKindFailsWhenClosed", kindsClosed},
}

// open registers a state of a kind.
func (in *Instance) open(d backends.Descriptor, kind backends.StateKind) error {
	var err error
	switch kind {
	case backends.ValueKind:
		_, err = in.Value(d)
	case backends.ListKind:
		_, err = in.List(d)
	case backends.MapKind:
		_, err = in.Map(d)
	case backends.ReducingKind:
		_, err = in.Reducing(d)
	case backends.AggregatingKind:
		_, err = in.Aggregating(d)
	case backends.TimerKind:
		_, err = in.Timers(d.Name)
	}
	return err
}

var allKinds = []backends.StateKind{
	backends.ValueKind, backends.ListKind, backends.MapKind,
	backends.ReducingKind, backends.AggregatingKind, backends.TimerKind,
}

// described is a descriptor of any kind.
func described(name string, kind backends.StateKind) backends.Descriptor {
	switch kind {
	case backends.ReducingKind:
		return ReducingBoxes(name)
	case backends.AggregatingKind:
		return AggregatingBoxes(name)
	}
	return Boxes(name, kind)
}

// calls are one call of everything that needs a key and a namespace.
func (in *Instance) calls(t *testing.T, ns string) []outcome {
	t.Helper()
	v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
	r, a := in.Folding(ReducingBoxes("r")), in.Folding(AggregatingBoxes("a"))
	for _, s := range []interface{ SetNamespace(string) }{v, l, m, r, a} {
		s.SetNamespace(ns)
	}
	_, value := v.Get()
	_, list := l.Get()
	_, got := m.Get("u")
	_, contains := m.Contains("u")
	_, empty := m.IsEmpty()
	_, iterator := m.Iterator()
	_, reduced := r.Get()
	_, result := a.Get()
	return []outcome{
		{"value", value},
		{"update", v.Update(&Box{})},
		{"update to nil", v.Update(nil)},
		{"clear value", v.Clear()},
		{"list", list},
		{"add", l.Add(&Box{})},
		{"add all", l.AddAll([]any{&Box{}})},
		{"update list", l.Update([]any{&Box{}})},
		{"update list to nothing", l.Update(nil)},
		{"clear list", l.Clear()},
		{"get", got},
		{"contains", contains},
		{"is empty", empty},
		{"iterator", iterator},
		{"put", m.Put("u", &Box{})},
		{"remove", m.Remove("u")},
		{"range", m.Range(func(string, any) bool { return true })},
		{"clear map", m.Clear()},
		{"reduced", reduced},
		{"reduce", r.Add(&Box{})},
		{"clear reducing", r.Clear()},
		{"result", result},
		{"aggregate", a.Add(int64(1))},
		{"clear aggregating", a.Clear()},
	}
}

func kindsPlaces(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 2)
	for _, o := range in.calls(t, "w") {
		wants(t, o.what+" without a key", o.err, "no current key")
	}
	in.Use(in.OwnKeys(1)[0])
	for _, o := range in.calls(t, "") {
		wants(t, o.what+" without a namespace", o.err, "the namespace is empty")
	}
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
	// A key of another subtask is refused, and the last one stays.
	in.Put("w", in.OwnKeys(1)[0], 5)
	for k := range int64(20) {
		group := backends.KeyGroup(backends.Int64Key(k).Hash, in.Params.MaxParallelism)
		if !in.Params.KeyGroups.Contains(group) {
			wants(t, "foreign key", in.SetCurrentKey(backends.Int64Key(k)), "not within")
		}
	}
	if got := show(must2[any](t)(in.Boxes("w").Get())); got != "5" {
		t.Errorf("after a foreign key was refused, the current one has %s", got)
	}
}

func kindsApart(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	for _, kind := range allKinds {
		must(t, in.open(described(kind.String(), kind), kind))
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
	for _, known := range allKinds {
		for _, other := range allKinds {
			if known == other {
				continue
			}
			words := "is " + known.String() + " state, not " + other.String() + " state"
			d := described(known.String(), other)
			wants(t, "registered", in.open(d, other), words)
			wants(t, "restored", back.open(d, other), words)
		}
		must(t, back.open(described(known.String(), known), known))
	}
}

func kindsCodec(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(3)
		want := in.Dump()
		back := w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
		newer := BoxCodec()
		newer.ID.Version++
		for _, kind := range allKinds[:len(allKinds)-1] { // queues of timers have none
			name := kind.String()
			if kind == backends.ValueKind {
				name = "default"
			}
			d := described(name, kind)
			d.Value = FixedBoxCodec().Codec()
			wants(t, name+" of another codec", back.open(d, kind), "codec")
			d.Value = newer.Codec()
			wants(t, name+" of another version", back.open(d, kind), "codec")
		}
		same(t, want, back)
		back.fill(3) // as it is, it goes on
	})
}

func kindsCleared(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	in.Use(1)
	for range 2 {
		must(t, in.Boxes("v").Clear())
		must(t, in.BoxList("l").Clear())
		must(t, in.BoxList("l").Update(nil))
		must(t, in.BoxList("l").AddAll([]any{}))
		must(t, in.BoxMap("m").Clear())
		must(t, in.BoxMap("m").Remove("none"))
		must(t, in.Folding(ReducingBoxes("r")).Clear())
		must(t, in.Folding(AggregatingBoxes("a")).Clear())
		in = w.Open(t, 0, 1, w.Write(t, in.Take(1)))
		in.Use(1)
	}
	for _, state := range []string{"v", "l", "m", "r", "a"} {
		if got := in.pairs(t, state); got != nil {
			t.Errorf("%s has %q", state, got)
		}
	}
	same(t, nil, in)
}

func kindsClosed(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.Use(1)
	in.calls(t, "w") // registers all of them
	v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
	r, a := in.Folding(ReducingBoxes("r")), in.Folding(AggregatingBoxes("a"))
	must(t, in.Close())
	_, list := l.Get()
	_, empty := m.IsEmpty()
	_, reduced := r.Get()
	_, result := a.Get()
	for _, o := range []outcome{
		{"list", list},
		{"empty", empty},
		{"reduced", reduced},
		{"result", result},
		{"clear", v.Clear()},
		{"update", l.Update([]any{&Box{}})},
		{"merge lists", l.MergeNamespaces("a", []string{"b"})},
		{"remove", m.Remove("u")},
		{"reduce", r.Add(&Box{})},
		{"merge", r.MergeNamespaces("a", []string{"b"})},
		{"aggregate", a.Add(int64(1))},
		{"clear aggregating", a.Clear()},
	} {
		wants(t, o.what+" after Close", o.err, "closed")
	}
	for _, kind := range allKinds {
		wants(t, "register after Close", in.open(described("new "+kind.String(), kind), kind), "closed")
	}
}
