package scenarios

import (
	"math"
	"slices"

	"flinch/model"
	"flinch/sim"
)

// usage is how one case uses its states.
type usage struct {
	opsMost   int // of one operator and record
	weights   [model.StateKindCount][]weightedOp
	userKeys  int                    // how many small user keys there are
	hot       bool                   // most records go to few keys
	registers [sim.OperatorCount]int // state number of the register; 0: none
}

// weightedOp is an operation and how often it is drawn.
type weightedOp struct {
	kind   model.OpKind
	weight uint64
}

// operations are what cases choose from, with the range that a case's weight of
// each is drawn from: reads and writes always happen, removals may not, and
// clears are rare, or there would be little to restore.
var operations = []struct {
	kind        model.OpKind
	least, most int
}{
	{model.ValueSet, 1, 6},
	{model.ValueBump, 1, 6},
	{model.ValueGet, 1, 3},
	{model.ValueClear, 0, 2},
	{model.ListAdd, 1, 6},
	{model.ListAddAll, 0, 3},
	{model.ListUpdate, 0, 2},
	{model.ListBump, 1, 4},
	{model.ListGet, 1, 3},
	{model.ListClear, 0, 1},
	{model.MapPut, 1, 6},
	{model.MapBump, 1, 6},
	{model.MapGet, 1, 3},
	{model.MapRemove, 0, 3},
	{model.MapContains, 0, 2},
	{model.MapIsEmpty, 0, 1},
	{model.MapRange, 0, 2},
	{model.MapClear, 0, 1},
	{model.ListMerge, 0, 2},
	{model.MapEdit, 0, 1},
	{model.ReducingAdd, 2, 6},
	{model.ReducingGet, 1, 3},
	{model.ReducingMerge, 0, 2},
	{model.ReducingClear, 0, 1},
	{model.AggregatingAdd, 2, 6},
	{model.AggregatingGet, 1, 3},
	{model.AggregatingMerge, 0, 2},
	{model.AggregatingClear, 0, 1},
	{model.ListKeys, 0, 1},
	{model.ListPairs, 0, 1},
	{model.TimerRegister, 3, 6},
	{model.TimerDelete, 0, 2},
	{model.AddNil, 0, 1},
}

func (g *generator) usage() usage {
	u := usage{
		opsMost:  max(1, min(8, operationsMost/g.recordCount)),
		userKeys: g.between("user keys", 2, 12),
		hot:      g.chance("hot keys", 1, 3),
	}
	u.opsMost = g.between("operations", 1, u.opsMost)
	for _, op := range operations {
		w := g.between("weight", op.least, op.most)
		if w == 0 {
			continue
		}
		for kind := range u.weights {
			if op.kind.Works(model.StateKind(kind)) {
				u.weights[kind] = append(u.weights[kind], weightedOp{op.kind, uint64(w)})
			}
		}
	}
	for o, states := range g.c.Job.Operators {
		for i, s := range states {
			if s.Register {
				u.registers[o] = i + 1
			}
		}
	}
	return u
}

// records draws the records.
func (g *generator) records() {
	u := g.usage()
	g.c.Records = make([]sim.Record, g.recordCount)
	for i := range g.c.Records {
		r := &g.c.Records[i]
		r.Key = g.between("key", 0, len(g.c.Job.Keys)-1)
		if u.hot && g.chance("hot", 2, 3) {
			r.Key %= keysLeast
		}
		if g.c.Job.Pure {
			r.Partition = g.feeds[r.Key]
		} else {
			r.Partition = g.between("partition", 0, g.c.Job.Partitions-1)
		}
		for o := range r.Ops {
			r.Ops[o] = make([]model.Op, g.between("operations", 1, u.opsMost))
			for n := range r.Ops[o] {
				r.Ops[o][n] = g.op(&u, o, int64(i*u.opsMost+n+1))
			}
		}
		g.times(i, r)
	}
}

// times draws when the event of a record happened, and when the timers fire that
// it registers: the latter on a grid, so that they often meet.
func (g *generator) times(i int, r *sim.Record) {
	for o := range r.Ops {
		for n := range r.Ops[o] {
			op := &r.Ops[o][n]
			spec := &g.c.Job.Operators[o][op.State-1]
			if spec.Kind != model.Timers {
				continue
			}
			if !spec.Processing {
				op.Args[0] = (int64(10*(i-recordsLeast)) + op.Args[0] - 100) / 20 * 20
			} else {
				op.Args[0] *= g.c.Job.Pace.Microseconds() / 16
			}
		}
	}
	if slices.ContainsFunc(g.c.Job.Operators[0], isQueue) || slices.ContainsFunc(g.c.Job.Operators[1], isQueue) {
		r.Time = int64(10*(i-recordsLeast) + g.between("event time", 0, 120))
	}
}

func isQueue(s model.StateSpec) bool { return s.Kind == model.Timers }

// readsOf are the operations that read a whole state.
var readsOf = [model.StateKindCount]model.OpKind{
	model.Value: model.ValueGet, model.List: model.ListGet, model.Map: model.MapRange,
	model.Reducing: model.ReducingGet, model.Aggregating: model.AggregatingGet,
}

// op draws one operation. Serial is unlike that of any other operation on the
// same operator: registers are written with it.
func (g *generator) op(u *usage, operator int, serial int64) model.Op {
	states := g.c.Job.Operators[operator]
	op := model.Op{State: g.between("state", 1, len(states))}
	spec := states[op.State-1]
	if spec.Register {
		if g.chance("write", 1, 2) {
			op.Kind, op.Args = model.ValueSet, []int64{serial}
		}
		return op
	}
	op.Kind = g.opKind(u.weights[spec.Kind])
	if spec.TTL.Drops() && (op.Kind.Lists() || op.Kind == model.MapIsEmpty) {
		op.Kind = readsOf[spec.Kind] // they would count what may be there or not
	}
	if op.Kind.ByUserKey() {
		op.UserKey = g.word("user key", u.userKeys)
	}
	g.namespaces(&op, spec.Width())
	switch op.Kind {
	case model.ValueSet, model.MapPut, model.ReducingAdd:
		op.Args = g.value(spec.Shape)
	case model.ListAddAll, model.ListUpdate:
		op.Args = g.words(g.between("words", 0, 5))
	case model.ValueBump, model.ListAdd, model.ListBump, model.MapBump, model.MapEdit, model.AggregatingAdd:
		op.Args = g.words(1)
	case model.TimerRegister, model.TimerDelete:
		op.Args = []int64{g.word("timer", 400)}
	}
	return op
}

// namespaces draws where an operation works, and what a merge moves there: any of
// the state's namespaces in any order, the target too.
func (g *generator) namespaces(op *model.Op, width int) {
	if width == 1 || op.Kind == model.ListPairs {
		return
	}
	op.Namespace = g.between("namespace", 0, width-1)
	if !op.Kind.Merges() {
		return
	}
	first := g.between("first source", 0, width-1)
	for i := range width {
		if g.chance("source", 1, 2) {
			op.Sources = append(op.Sources, (first+i)%width)
		}
	}
}

// value draws the words of a whole value.
func (g *generator) value(shape model.Shape) []int64 {
	if shape == model.Int {
		return g.words(1)
	}
	return g.words(g.between("words", 1, model.BumpWordsMax+1))
}

func (g *generator) opKind(choices []weightedOp) model.OpKind {
	var sum uint64
	for _, c := range choices {
		sum += c.weight
	}
	drawn := g.Uint64N("operation", sum)
	for _, c := range choices {
		if drawn < c.weight {
			return c.kind
		}
		drawn -= c.weight
	}
	panic("scenarios: the source left its range")
}

func (g *generator) words(n int) []int64 {
	if n == 0 {
		return nil
	}
	words := make([]int64, n)
	for i := range words {
		words[i] = g.word("word", 1000)
	}
	return words
}

// oddWords are numbers that some encodings and orders get wrong.
var oddWords = [...]int64{-1, 255, 256, 0x2c, math.MinInt64, math.MaxInt64, 1 << 32, -256}

// word draws a number below n, or now and then an odd one.
func (g *generator) word(label string, n int) int64 {
	odd := max(1, n/100)
	drawn := int(g.Uint64N(label, uint64(n+odd*len(oddWords))))
	if drawn < n {
		return int64(drawn)
	}
	return oddWords[(drawn-n)%len(oddWords)]
}
