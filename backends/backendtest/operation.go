package backendtest

import (
	"fmt"
	"math"

	"flinch/backends"

	"pgregory.net/rapid"
)

// operation is something that a random job does under one current key, on one of
// its states, and all that it needs. It is carried out on backends (apply) and on
// the model (naive.apply), which must give the same answer.
type operation struct {
	verb           string
	state          string
	key            backends.Key
	groups         backends.KeyGroupRange // of the subtask that owns the key
	at             spot
	ns             string
	n              int64
	user           string                  // key of a map
	others         []string                // namespaces to merge
	keys           map[string]backends.Key // all of the job, by their encoded form
	maxParallelism int
}

// String is for failures.
func (o operation) String() string {
	return fmt.Sprintf("%s.%s(key %q, namespace %q, %d, %q, %q)", o.state, o.verb, o.key.Encoded, o.ns, o.n, o.user, o.others)
}

// time is the timer's.
func (o operation) time() int64 {
	switch o.n {
	case 98:
		return math.MinInt64
	case 99:
		return math.MaxInt64
	}
	return o.n - 50
}

// randomStates are the states of random jobs by their names.
var randomStates = map[string]backends.StateKind{
	"default": backends.ValueKind, "or": backends.ValueKind,
	"list": backends.ListKind, "fixed": backends.ListKind,
	"map":      backends.MapKind,
	"reducing": backends.ReducingKind,
	"boxes":    backends.AggregatingKind, "numbers": backends.AggregatingKind,
	"event": backends.TimerKind, "processing": backends.TimerKind,
}

// defaultOf is what the state "or" answers where it holds nothing.
const defaultOf = 42

// What is drawn. The first of each is the simplest, and those that come twice are
// drawn twice as often.
var (
	drawState = rapid.SampledFrom([]string{"default", "list", "map", "map", "reducing", "boxes", "numbers", "event", "processing", "fixed", "or"})
	drawSpace = rapid.SampledFrom([]string{backends.VoidNamespace, "w", "w\x00", "\x00\x00"})
	drawUser  = rapid.SampledFrom([]string{"a", "b", "b\x00", ",", "\x00"})
	drawN     = rapid.Int64Range(0, 99)
	drawOther = rapid.Bool()
	drawMore  = rapid.IntRange(0, 3)
	drawVerb  = map[backends.StateKind]*rapid.Generator[string]{
		backends.ValueKind: rapid.SampledFrom([]string{"get", "update", "update", "clear", "change", "keys", "pairs"}),
		backends.ListKind: rapid.SampledFrom([]string{
			"get", "add", "add", "addAll", "update", "clear", "change", "merge", "merge", "refused", "keys", "pairs", "applyToAll",
		}),
		backends.MapKind: rapid.SampledFrom([]string{
			"get", "put", "put", "put", "remove", "contains", "isEmpty", "range", "iterate", "iterate", "clear", "change", "keys", "pairs",
		}),
		backends.ReducingKind:    rapid.SampledFrom([]string{"get", "add", "add", "add", "merge", "merge", "clear", "refused", "keys", "pairs"}),
		backends.AggregatingKind: rapid.SampledFrom([]string{"get", "add", "add", "add", "merge", "merge", "clear", "refused", "keys", "pairs"}),
		backends.TimerKind:       rapid.SampledFrom([]string{"peek", "register", "register", "register", "delete", "poll", "sweep", "keys"}),
	}
)

// drawOperation draws one on one of the keys, as often on the favourite state as on
// any.
func drawOperation(t *rapid.T, keys []backends.Key, favourite string) operation {
	o := operation{key: keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")], state: favourite, ns: drawSpace.Draw(t, "namespace")}
	if drawOther.Draw(t, "another state") {
		o.state = drawState.Draw(t, "state")
	}
	kind := randomStates[o.state]
	o.verb = drawVerb[kind].Draw(t, "verb")
	o.n = drawN.Draw(t, "n")
	switch {
	case kind == backends.MapKind:
		o.user = drawUser.Draw(t, "user key")
	case o.verb == "merge":
		for range drawMore.Draw(t, "sources") {
			o.others = append(o.others, drawSpace.Draw(t, "source"))
		}
	}
	return o
}
