package sim_test

import (
	"context"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/model"
)

// hollow is a heap that returns nil, and no error, from one of its calls.
type hollow struct {
	heap.Backend
	call string
}

func (*hollow) Name() string { return "mine" }

func (b *hollow) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if b.call == "OpenKeyed" {
		return nil, nil
	}
	k, err := b.Backend.OpenKeyed(ctx, p)
	return hollowed{k, b.call}, err
}

type hollowed struct {
	backends.Keyed
	call string
}

func (h hollowed) Value(d backends.Descriptor) (backends.RawValue, error) {
	return withheld(h, "Value", d, h.Keyed.Value)
}

func (h hollowed) List(d backends.Descriptor) (backends.RawList, error) {
	return withheld(h, "List", d, h.Keyed.List)
}

func (h hollowed) Map(d backends.Descriptor) (backends.RawMap, error) {
	return withheld(h, "Map", d, h.Keyed.Map)
}

func (h hollowed) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	return withheld(h, "Reducing", d, h.Keyed.Reducing)
}

func (h hollowed) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	return withheld(h, "Aggregating", d, h.Keyed.Aggregating)
}

func (h hollowed) Timers(name string) (backends.RawTimers, error) {
	return withheld(h, "Timers", name, h.Keyed.Timers)
}

func (h hollowed) Snapshot(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	return withheld(h, "Snapshot", id, func(id backends.CheckpointID) (backends.Pending, error) { return h.Keyed.Snapshot(id, o) })
}

// withheld is a call that gives nothing if it is the one.
func withheld[T, A any](h hollowed, call string, arg A, honest func(A) (T, error)) (got T, err error) {
	if h.call == call {
		return got, nil
	}
	return honest(arg)
}

func TestNilWithoutAnErrorIsTheBackendsFault(t *testing.T) {
	for _, call := range []string{"OpenKeyed", "Value", "List", "Map", "Reducing", "Aggregating", "Timers", "Snapshot"} {
		for _, ages := range []bool{false, true} {
			c := calm()
			c.Job.Operators[0] = []model.StateSpec{
				{Name: "value", Kind: model.Value},
				{Name: "list", Kind: model.List},
				{Name: "map", Kind: model.Map},
				{Name: "timers", Kind: model.Timers},
				{Name: "reducing", Kind: model.Reducing},
				{Name: "aggregating", Kind: model.Aggregating},
			}
			for i := range c.Job.Operators[0] {
				if s := &c.Job.Operators[0][i]; ages && s.Kind != model.Timers {
					s.TTL = &model.TTL{Lifetime: 100}
				}
			}
			for i := range c.Records {
				c.Records[i].Ops[0] = nil
			}
			c.Backend = &hollow{call: call}
			during := ": open failed"
			if call == "Snapshot" {
				during = "checkpoint 1 of chain"
			}
			expect(t, run(t, c), []finding{
				{"restored-state", during},
				{"restored-state", `backend "mine": ` + call + ` of operator first, subtask 0 returned nil and no error`},
			})
		}
	}
}
