package sim

import (
	"context"
	"fmt"
	"slices"

	"flinch/backends"
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
	backend backends.Keyed
	shadow  *model.Keyed
	specs   []model.StateSpec
	values  []backends.RawValue
	lists   []backends.RawList
	maps    []backends.RawMap

	registered bool

	writes    int64 // operations without an answer so far
	record    int   // being processed
	key       int
	got, want []int64
}

// openKeyed opens a backend instance.
func openKeyed(ctx context.Context, w *world, index int, p backends.KeyedParams) (*keyed, error) {
	specs := w.job.schemas[index].States
	k := &keyed{
		w: w, index: index, subtask: p.Subtask, attempt: p.Attempt, specs: specs,
		values: make([]backends.RawValue, len(specs)), lists: make([]backends.RawList, len(specs)), maps: make([]backends.RawMap, len(specs)),
	}
	var err error
	if k.backend, err = w.cfg.Backend.OpenKeyed(ctx, p); err != nil {
		return nil, fmt.Errorf("open operator %s, subtask %d: %w", p.Operator, p.Subtask, err)
	}
	return k, nil
}

// registerAll registers the job's states, in an order that differs from subtask
// to subtask.
func (k *keyed) registerAll() error {
	for i := range k.specs {
		if err := k.register((i + k.subtask + k.attempt) % len(k.specs)); err != nil {
			return fmt.Errorf("operator %s, subtask %d: %w", operatorNames[k.index], k.subtask, err)
		}
	}
	k.registered = true
	return nil
}

func (k *keyed) register(i int) (err error) {
	spec := k.specs[i]
	d := backends.Descriptor{Name: spec.Name, Value: codecOf(spec.Shape)}
	switch spec.Kind {
	case model.Value:
		d.Kind = backends.ValueKind
		k.values[i], err = k.backend.Value(d)
	case model.List:
		d.Kind = backends.ListKind
		k.lists[i], err = k.backend.List(d)
	case model.Map:
		d.Kind = backends.MapKind
		k.maps[i], err = k.backend.Map(d)
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
		if err := k.apply(&r.Ops[k.index][i]); err != nil {
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
	switch op.Kind.State() {
	case model.Value:
		k.got, err = k.applyValue(op, k.got[:0])
	case model.List:
		k.got, err = k.applyList(op, k.got[:0])
	case model.Map:
		k.got, err = k.applyMap(op, k.got[:0])
	}
	if err != nil {
		return fmt.Errorf("%s on state %q, key %q: %w", op.Kind, k.specs[op.State].Name, k.w.cfg.Job.Keys[k.key], err)
	}
	k.want = k.shadow.Apply(k.key, *op, k.want[:0])
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

func (k *keyed) applyValue(op *model.Op, answer []int64) ([]int64, error) {
	state, shape := k.values[op.State], k.specs[op.State].Shape
	switch op.Kind {
	case model.ValueGet:
		v, err := state.Get()
		return answerOf(answer, v), err
	case model.ValueSet:
		return answer, state.Update(valueOf(shape, op.Args))
	case model.ValueClear:
		return answer, state.Clear()
	}
	v, err := state.Get()
	if err != nil {
		return answer, err
	}
	return answerOf(answer, v), state.Update(bumped(shape, v, op.Args[0]))
}

func (k *keyed) applyList(op *model.Op, answer []int64) ([]int64, error) {
	state, shape := k.lists[op.State], k.specs[op.State].Shape
	switch op.Kind {
	case model.ListAdd:
		return answer, state.Add(valueOf(shape, op.Args))
	case model.ListAddAll:
		return answer, state.AddAll(elementsOf(shape, op.Args))
	case model.ListUpdate:
		return answer, state.Update(elementsOf(shape, op.Args))
	case model.ListClear:
		return answer, state.Clear()
	}
	elements, err := state.Get()
	if err != nil {
		return answer, err
	}
	answer = append(answer, int64(len(elements)))
	for _, e := range elements {
		answer = appendWordsOf(answer, e)
	}
	if op.Kind == model.ListBump {
		err = state.Update(bumpedList(shape, elements, op.Args[0]))
	}
	return answer, err
}

// elementsOf makes list elements of one word each.
func elementsOf(shape model.Shape, list []int64) []any {
	elements := make([]any, len(list))
	for i := range list {
		elements[i] = valueOf(shape, list[i:i+1])
	}
	return elements
}

// bumpedList is model.Bump on a list of elements of one word: the first is
// changed, in place where its shape allows, and one may be added.
func bumpedList(shape model.Shape, elements []any, x int64) []any {
	if len(elements) == 0 {
		return elementsOf(shape, []int64{x})
	}
	switch first := elements[0].(type) {
	case []int64:
		first[0] += x
	case *words:
		first.list[0] += x
	default:
		elements[0] = valueOf(shape, []int64{appendWordsOf(nil, first)[0] + x})
	}
	if shape != model.Int && len(elements) < model.BumpWordsMax {
		elements = append(elements, valueOf(shape, []int64{x}))
	}
	return elements
}

func (k *keyed) applyMap(op *model.Op, answer []int64) ([]int64, error) {
	state, userKey := k.maps[op.State], k.w.job.userKey(op.UserKey)
	switch op.Kind {
	case model.MapGet, model.MapBump:
		v, err := state.Get(userKey)
		if answer = answerOf(answer, v); err == nil && op.Kind == model.MapBump {
			err = state.Put(userKey, bumped(k.specs[op.State].Shape, v, op.Args[0]))
		}
		return answer, err
	case model.MapPut:
		return answer, state.Put(userKey, valueOf(k.specs[op.State].Shape, op.Args))
	case model.MapRemove:
		return answer, state.Remove(userKey)
	case model.MapContains:
		there, err := state.Contains(userKey)
		return append(answer, truth(there)), err
	case model.MapIsEmpty:
		empty, err := state.IsEmpty()
		return append(answer, truth(empty)), err
	case model.MapClear:
		return answer, state.Clear()
	}
	at := len(answer)
	answer = append(answer, 0)
	err := state.Range(func(userKey string, v any) bool {
		answer[at]++
		answer = answerOf(appendWordsOf(answer, userKey), v)
		return true
	})
	return answer, err
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// mismatchesMax bounds what is recorded of wrong answers.
const mismatchesMax = 20

// describe names an operation as a reader wants it: "first map.put counts[3] 7".
func (k *keyed) describe(op *model.Op) string {
	text := fmt.Sprintf("%s %s %s", operatorNames[k.index], op.Kind, k.specs[op.State].Name)
	switch op.Kind {
	case model.MapGet, model.MapPut, model.MapBump, model.MapRemove, model.MapContains:
		text += fmt.Sprintf("[%d]", op.UserKey)
	}
	for _, x := range op.Args {
		text += fmt.Sprintf(" %d", x)
	}
	return text
}

func (k *keyed) mismatch(op *model.Op) {
	w := k.w
	name := k.describe(op)
	w.tell(k.machine, 0, "WRONG ANSWER to %s under key %q: want %v, got %v", name, w.cfg.Job.Keys[k.key], k.want, k.got)
	if len(w.run.Mismatches) >= mismatchesMax {
		return
	}
	w.run.Mismatches = append(w.run.Mismatches, history.Mismatch{
		Step: w.step(), At: w.loop.Now(), Machine: k.machine, Attempt: k.attempt,
		Operator: operatorNames[k.index], Subtask: k.subtask, Record: k.record, Key: w.cfg.Job.Keys[k.key],
		Op: name, Want: slices.Clone(k.want), Got: slices.Clone(k.got), Checkpoint: w.exec.restored,
	})
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
