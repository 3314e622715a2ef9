package backendtest

import (
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/ttl"

	"pgregory.net/rapid"
)

// ttlLifetime is how long states live in these clauses, in milliseconds.
const ttlLifetime = 10

// ttlPart is the share of the operations of random jobs that those with a time to
// live do: one in so many.
const ttlPart = 5

// ttlEqualsTheModel runs random jobs whose state has a time to live beside a model,
// with snapshots under way and restores at other parallelisms, a clock that also
// goes back, and every clean-up that a backend may know.
func ttlEqualsTheModel(t *testing.T, world func() *World) {
	operations, err := wanted(world().Tuning)
	must(t, err)
	enough, done := max(1, operations/ttlPart), 0
	burst := max(8, enough/(2*rapidChecks()))
	checkUntil(t, enough, &done, func(t *rapid.T) {
		m := newTTLMachine(t, world())
		m.run(burst)
		done += m.done
	})
}

// ttlMachine drives a job whose state has a time to live, beside the model.
type ttlMachine struct {
	aging
	t        *rapid.T
	w        *World
	subtasks []*ttlSubtask
	taken    []ttlTaken
	ids      backends.CheckpointID
	next     int64 // numbers are unlike each other
	done     int
}

// ttlSubtask is one instance and its states.
type ttlSubtask struct {
	*Instance
	value   backends.RawValue
	lists   map[string]backends.RawList
	users   backends.RawMap
	folding map[string]backends.RawMerging
}

// The states.
const (
	ttlValue       = "value"
	ttlList        = "list"
	ttlFixed       = "fixed"
	ttlMap         = "map"
	ttlReducing    = "reducing"
	ttlAggregating = "aggregating"
)

func newTTLMachine(t *rapid.T, w *World) *ttlMachine {
	m := &ttlMachine{t: t, w: w}
	m.cells = make(map[spotWithAge]cell)
	m.config = ttl.Config{
		Lifetime:   ttlLifetime * time.Millisecond,
		Update:     rapid.SampledFrom([]ttl.Update{ttl.OnCreateAndWrite, ttl.OnReadAndWrite}).Draw(t, "update"),
		Visibility: rapid.SampledFrom([]ttl.Visibility{ttl.NeverReturnExpired, ttl.ReturnExpiredIfNotCleanedUp}).Draw(t, "visibility"),
		Now:        func() int64 { return m.now },
	}
	if rapid.Bool().Draw(t, "clean-up") {
		m.config.CleanFullSnapshots = rapid.Bool().Draw(t, "of full snapshots")
		m.config.CleanPerAccess = rapid.IntRange(0, 3).Draw(t, "per access")
		m.config.CleanCompactions = rapid.Bool().Draw(t, "by compactions")
	}
	n := rapid.IntRange(1, 3).Draw(t, "parallelism")
	for i := range n {
		m.subtasks = append(m.subtasks, m.register(w.Open(t, i, n)))
	}
	return m
}

// foldBoxes is not commutative, and changes its first argument.
func foldBoxes(a, b any) any {
	a.(*Box).N = a.(*Box).N*7 + b.(*Box).N
	return a
}

// register gives the states of an instance their time to live.
func (m *ttlMachine) register(in *Instance) *ttlSubtask {
	m.t.Helper()
	k := must2[backends.Keyed](m.t)(ttl.With(in.Keyed, m.config))
	list, folding := must2[backends.RawList](m.t), must2[backends.RawMerging](m.t)
	reducing, aggregating := Boxes(ttlReducing, backends.ReducingKind), Boxes(ttlAggregating, backends.AggregatingKind)
	reducing.Reduce = foldBoxes
	aggregating.Aggregate = &backends.Aggregate{
		Create: func() any { return &Box{N: 1} }, Add: foldBoxes, Merge: foldBoxes,
		Result: func(v any) any { return &Box{N: -v.(*Box).N} },
	}
	return &ttlSubtask{
		Instance: in,
		value:    must2[backends.RawValue](m.t)(k.Value(Boxes(ttlValue, backends.ValueKind))),
		lists: map[string]backends.RawList{
			ttlList:  list(k.List(Boxes(ttlList, backends.ListKind))),
			ttlFixed: list(k.List(FixedBoxes(ttlFixed, backends.ListKind))),
		},
		users: must2[backends.RawMap](m.t)(k.Map(Boxes(ttlMap, backends.MapKind))),
		folding: map[string]backends.RawMerging{
			ttlReducing:    folding(k.Reducing(reducing)),
			ttlAggregating: folding(k.Aggregating(aggregating)),
		},
	}
}

func (m *ttlMachine) run(burst int) {
	m.t.Repeat(map[string]func(*rapid.T){
		"change":  func(*rapid.T) { m.steps(1) },
		"changes": func(*rapid.T) { m.steps(burst) },
		"wait":    func(*rapid.T) { m.wait() },
		"snapshot": func(*rapid.T) {
			if len(m.taken) < 2 {
				m.snapshot()
			}
		},
		"write": func(*rapid.T) { m.write() },
	})
	for _, s := range m.subtasks {
		must(m.t, s.Close())
	}
}

// wait moves the clock, back as well. What has expired at any time may be gone from
// then on, if it may be cleaned up.
func (m *ttlMachine) wait() {
	m.now += rapid.Int64Range(-ttlLifetime, 2*ttlLifetime).Draw(m.t, "span")
	m.mayClean()
}

func (m *ttlMachine) mayClean() {
	if m.config.CleanPerAccess > 0 || m.config.CleanCompactions {
		m.cleanAll(m.cells)
	}
	if m.config.CleanCompactions {
		for _, taken := range m.taken {
			m.cleanAll(taken.want)
		}
	}
}

func (m *ttlMachine) steps(n int) {
	for range n {
		m.done++
		if rapid.IntRange(0, 9).Draw(m.t, "wait") == 9 {
			m.wait()
		}
		m.step()
	}
}
