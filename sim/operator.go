package sim

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flinch/backends"
	"flinch/checks"
	"flinch/model"
	"flinch/model/history"
)

// keyed is one subtask of a keyed operator: the backend under test with its
// shadow beside it.
type keyed struct {
	w       *world
	index   int // of the operator in the chain
	subtask int
	attempt int
	machine history.Machine
	task    *task // that owns the instance; nil in audits
	backend backends.Keyed
	shadow  *model.Keyed
	specs   []model.StateSpec
	values  []backends.RawValue
	lists   []backends.RawList
	maps    []backends.RawMap
	merging []backends.RawMerging // reducing and aggregating states
	timers  []backends.RawTimers
	aging   bool     // some states have a time to live
	queues  []int    // the states that are timers
	stopped []bool   // by state: its timers went wrong, and fire no more
	mark    int64    // the watermark
	spaces  []int    // by state: the namespace that was set last
	sources []string // scratch of merges

	registered bool

	writes    int64 // operations without an answer so far
	record    int   // being processed
	key       int
	got, want []int64
}

// name is the operator's.
func (k *keyed) name() string { return k.w.operators[k.index] }

// openKeyed opens a backend instance.
func openKeyed(ctx context.Context, w *world, index int, p backends.KeyedParams) (*keyed, error) {
	specs := w.job.schemas[index].States
	k := &keyed{
		w: w, index: index, subtask: p.Subtask, attempt: p.Attempt, specs: specs,
		values: make([]backends.RawValue, len(specs)), lists: make([]backends.RawList, len(specs)), maps: make([]backends.RawMap, len(specs)),
		merging: make([]backends.RawMerging, len(specs)), spaces: make([]int, len(specs)),
		timers: make([]backends.RawTimers, len(specs)), stopped: make([]bool, len(specs)), mark: math.MinInt64,
	}
	for i := range specs {
		if specs[i].Kind == model.Timers {
			k.queues = append(k.queues, i)
		}
		k.aging = k.aging || specs[i].TTL != nil
	}
	var err error
	if k.backend, err = w.cfg.Backend.OpenKeyed(ctx, p); err != nil {
		return nil, fmt.Errorf("open operator %s, subtask %d: %w", p.Operator, p.Subtask, err)
	}
	if k.backend == nil {
		return nil, nothing(w.cfg.Backend.Name(), "OpenKeyed", fmt.Sprintf("operator %s, subtask %d", p.Operator, p.Subtask))
	}
	return k, nil
}

// registerAll registers the job's states, in an order that differs from subtask
// to subtask.
func (k *keyed) registerAll() error {
	for i := range k.specs {
		if err := k.register((i + k.subtask + k.attempt) % len(k.specs)); err != nil {
			return fmt.Errorf("operator %s, subtask %d: %w", k.name(), k.subtask, err)
		}
	}
	k.registered = true
	return nil
}

func (k *keyed) register(i int) (err error) {
	spec := k.specs[i]
	d := backends.Descriptor{Name: spec.Name, Value: codecOf(spec.Shape)}
	states, err := k.states(i)
	if err != nil {
		return fmt.Errorf("register state %q: %w", spec.Name, err)
	}
	switch spec.Kind {
	case model.Value:
		d.Kind = backends.ValueKind
		if len(spec.Default) > 0 {
			d.Default = valueOf(spec.Shape, spec.Default)
		}
		k.values[i], err = states.Value(d)
	case model.List:
		d.Kind = backends.ListKind
		k.lists[i], err = states.List(d)
	case model.Map:
		d.Kind = backends.MapKind
		k.maps[i], err = states.Map(d)
	case model.Reducing:
		d.Kind, d.Reduce = backends.ReducingKind, reduceLive
		k.merging[i], err = states.Reducing(d)
	case model.Timers:
		k.timers[i], err = k.given().Timers(spec.Name)
	case model.Aggregating:
		d.Kind, d.Aggregate = backends.AggregatingKind, aggregateOf(spec.Shape)
		k.merging[i], err = states.Aggregating(d)
	}
	if err != nil {
		return fmt.Errorf("register state %q: %w", spec.Name, err)
	}
	return nil
}

// process applies a record: the ledger first, then what the case says.
func (k *keyed) process(record int) error {
	r := &k.w.cfg.Records[record]
	k.record, k.key = record, r.Key
	if err := k.backend.SetCurrentKey(k.w.job.keys[r.Key]); err != nil {
		return fmt.Errorf("set current key %q: %w", k.w.cfg.Job.Keys[r.Key], err)
	}
	one := [1]int64{1}
	if err := k.apply(&model.Op{Kind: model.MapBump, UserKey: int64(record), Args: one[:]}); err != nil {
		return err
	}
	for i := range r.Ops[k.index] {
		if err := k.apply(k.absolute(&r.Ops[k.index][i])); err != nil {
			return err
		}
	}
	return nil
}

// apply carries an operation out on the backend and on the shadow, and compares
// their answers.
func (k *keyed) apply(op *model.Op) error {
	call := k.w.step()
	var err error
	k.got, err = k.carryOut(op, k.got[:0])
	k.survive()
	if err != nil {
		return fmt.Errorf("%s on state %q, key %q: %w", op.Kind, k.specs[op.State].Name, k.w.cfg.Job.Keys[k.key], err)
	}
	k.expect(op)
	if op.State != checks.LedgerState && op.State != k.w.job.firings[k.index] {
		k.w.kinds[k.specs[op.State].Kind]++
	}
	if len(k.want) > 0 {
		k.w.operations++
		k.w.answers++
	} else {
		k.writes++
	}
	if !slices.Equal(k.got, k.want) {
		k.mismatch(op)
	}
	if k.specs[op.State].Register {
		k.registerOp(op, call)
	}
	return nil
}

// expect has the shadow carry an operation out, at the time that it is.
func (k *keyed) expect(op *model.Op) {
	if !k.aging {
		k.want = k.shadow.Apply(k.key, *op, k.want[:0])
		return
	}
	k.shadow.Now = k.w.milliseconds()
	before := k.shadow.Expired
	k.want = k.shadow.Apply(k.key, *op, k.want[:0])
	k.w.expired += k.shadow.Expired - before
}

// survive goes no further if the task died inside the engine: what that answered
// counts no more.
func (k *keyed) survive() {
	if k.task != nil && k.task.Dead() {
		k.task.settle()
	}
}

// carryOut carries an operation out on the backend and appends its answer.
func (k *keyed) carryOut(op *model.Op, answer []int64) ([]int64, error) {
	switch {
	case op.Kind.Merges():
		return answer, k.merge(op)
	case op.Kind.Lists():
		return k.list(op, answer)
	case k.specs[op.State].Kind == model.Timers:
		return k.applyTimers(op, answer)
	}
	k.enter(op.State, op.Namespace)
	if op.Kind == model.AddNil {
		return append(answer, truth(k.addNil(op.State) != nil)), nil
	}
	switch k.specs[op.State].Kind {
	case model.Value:
		return k.applyValue(op, answer)
	case model.List:
		return k.applyList(op, answer)
	case model.Map:
		return k.applyMap(op, answer)
	}
	return k.applyMerging(op, answer)
}

// mismatchesMax bounds what is recorded of wrong answers.
const mismatchesMax = 20

// describe names an operation as a reader wants it: "first map.put counts[3] 7",
// "first list.merge sums@1 <- 0 2".
func (k *keyed) describe(op *model.Op) string {
	text := fmt.Sprintf("%s %s %s%s", k.name(), op.Kind, k.specs[op.State].Name, atNamespace(op.Namespace))
	if op.Kind.ByUserKey() {
		text += fmt.Sprintf("[%d]", op.UserKey)
	}
	if op.Kind.Merges() {
		text += " <-"
	}
	for _, i := range op.Sources {
		text += fmt.Sprintf(" %d", i)
	}
	for _, x := range op.Args {
		text += fmt.Sprintf(" %d", x)
	}
	return text
}

func (k *keyed) mismatch(op *model.Op) {
	w := k.w
	name := k.describe(op)
	want, got := op.Kind.AnswerText(k.want), op.Kind.AnswerText(k.got)
	w.tell(k.machine, 0, "WRONG ANSWER to %s under key %q: want %s, got %s", name, w.cfg.Job.Keys[k.key], want, got)
	if len(w.run.Mismatches) >= mismatchesMax {
		return
	}
	m := history.Mismatch{
		Step: w.step(), At: w.loop.Now(), Machine: k.machine, Attempt: k.attempt,
		Operator: k.name(), Subtask: k.subtask, Record: k.record, Key: w.cfg.Job.Keys[k.key],
		Op: name, Want: want, Got: got, Checkpoint: w.exec.restored,
	}
	if ttl := k.specs[op.State].TTL; ttl != nil {
		m.Lifetime = ttl.Lifetime
	}
	w.run.Mismatches = append(w.run.Mismatches, m)
}

// registerOp writes an operation on a register down, as a client would see it.
func (k *keyed) registerOp(op *model.Op, call history.Step) {
	r := history.RegisterOp{
		Operator: k.index, State: op.State, Key: k.key, Group: k.w.job.groups[k.key],
		Attempt: k.attempt, Call: call, Return: k.w.step(),
	}
	switch op.Kind {
	case model.ValueSet:
		r.Kind, r.Value = history.RegisterWrite, op.Args[0]
	case model.ValueGet:
		r.Kind, r.Value = history.RegisterRead, history.Absent
		if k.got[0] > 0 {
			r.Value = k.got[1]
		}
	default:
		panic("sim: registers are only set and read; Validate refuses other operations")
	}
	k.w.run.Registers = append(k.w.run.Registers, r)
}
