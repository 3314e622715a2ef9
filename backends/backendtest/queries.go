package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// queryClauses are about reads from outside of the task, where a backend offers
// them.
var queryClauses = []clause{
	{"QueriesTellWhatEntriesTell", queriesTell},
	{"QueriesThatCannotBeAnsweredAreRefused", queriesRefused},
	{"QueriesLeaveTheTaskAlone", queriesApart},
}

// queryable returns the instance's queries; a backend without them skips the test.
func (in *Instance) queryable(t *testing.T) backends.Queryable {
	t.Helper()
	q, ok := in.Keyed.(backends.Queryable)
	if !ok {
		t.Skip("the backend's state cannot be queried")
	}
	return q
}

// queried are the states of every kind, registered to be queried.
func (in *Instance) queried(t *testing.T) {
	t.Helper()
	for _, kind := range evolvingKinds {
		d := described(kind.String(), kind)
		d.Queryable = true
		must(t, in.open(d, kind))
	}
}

func queriesTell(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.queryable(t)
		in.queried(t)
		in.states(t, box1Codec).put(t)
		in.agrees(t)
		p := in.take(1, o) // values are shared with a snapshot now
		in.states(t, box1Codec).put(t)
		in.agrees(t)
		back := w.Open(t, 0, 1, w.Write(t, p))
		back.queried(t)
		back.agrees(t)
	})
}

// agrees compares what queries and Entries tell.
func (in *Instance) agrees(t *testing.T) {
	t.Helper()
	q := in.queryable(t)
	var all, asked []string
	for _, kind := range evolvingKinds {
		for _, k := range append(in.OwnKeys(6), 1000) {
			for _, ns := range []string{backends.VoidNamespace, "w", "nowhere"} {
				for _, e := range must2[[]backends.Entry](t)(q.Query(kind.String(), backends.Int64Key(k), ns)) {
					asked = append(asked, line(e))
				}
			}
		}
	}
	all = in.Dump()
	slices.Sort(all)
	slices.Sort(asked)
	if diff := gocmp.Diff(all, asked); diff != "" || len(all) == 0 {
		t.Errorf("(-entries +queries):\n%s", diff)
	}
}

func queriesRefused(t *testing.T, world func() *World) {
	w := world()
	first := w.Open(t, 0, 2)
	first.Put("restored", first.OwnKeys(1)[0], 1)
	in := w.Open(t, 0, 2, w.Write(t, first.take(1, canonical)))
	q := in.queryable(t)
	in.queried(t)
	in.Queue("timers")
	own := backends.Int64Key(in.OwnKeys(1)[0])
	foreign := backends.Int64Key(w.Open(t, 1, 2).OwnKeys(1)[0])
	for _, c := range []struct {
		what, state string
		key         backends.Key
		ns          string
	}{
		{"a queue of timers", "timers", own, "w"},
		{"a state that nobody has registered yet", "restored", own, backends.VoidNamespace},
		{"a state that is not there", "nobody's", own, "w"},
		{"a key of another subtask", "value", foreign, "w"},
	} {
		if entries, err := q.Query(c.state, c.key, c.ns); err == nil {
			t.Errorf("%s: answered with %v", c.what, entries)
		}
	}
	must(t, in.Close())
	_, err := q.Query("value", own, "w")
	wants(t, "after Close", err, "closed")
}

// A query is about another key and namespace than the task's, in the middle of what
// the task does.
func queriesApart(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	q := in.queryable(t)
	in.queried(t)
	s := in.states(t, box1Codec)
	s.put(t)
	want := in.Dump()
	ask := func() []backends.Entry {
		return must2[[]backends.Entry](t)(q.Query("map", backends.Int64Key(in.OwnKeys(1)[0]), "w"))
	}
	in.Use(in.OwnKeys(6)[5])
	s.m.SetNamespace(backends.VoidNamespace)
	before := must2[any](t)(s.m.Get("a")).(*Box).N
	var users []string
	must(t, s.m.Range(func(user string, _ any) bool {
		users = append(users, user)
		for _, e := range ask() { // it is the caller's
			clear(e.Value)
		}
		return true
	}))
	if len(users) != 2 {
		t.Errorf("a range with queries on the way has %q", users)
	}
	if got := must2[any](t)(s.m.Get("a")).(*Box).N; got != before {
		t.Errorf("the task is at another place: it reads %d, not %d", got, before)
	}
	same(t, want, in)
}
