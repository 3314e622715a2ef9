package checks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"flinch/model/history"
)

// P. For each operator, register and key, the history of reads and writes, with
// its snapshots and restores, is linearizable in the model of a register that
// remembers what it held at each checkpoint:
//
//	write(v)     the register holds v
//	read -> v    it holds v; what was never written reads as history.Absent
//	snapshot(c)  it remembers what it holds under c; somewhere in the
//	             synchronous phase of the subtask that owns the key
//	restore(c)   it holds what it remembers under c, or for no checkpoint
//	             nothing; somewhere between the end of the old attempt and the
//	             first operation that the new one accepted
//
// Snapshot and restore are written for every key with the same c; whether that
// was the right c is for no-regress to say. An operation whose answer was lost
// returns when the next attempt goes on, since only the dead one can have got
// it. What an attempt did after its own end is judged with its own past, in a
// history that no later restore is part of.
//
// Snapshots of checkpoints that nobody restored change nothing in this model and
// are left out. A history that takes too long is unknown.
var _ = register(Check{
	Order:     70,
	Name:      "linearizable",
	Guarantee: "Each register reads as if its operations, snapshots and restores had happened one after the other.",
	Judge:     judgeLinearizable,
})

// linearizableMax bounds the real time that one register may take.
const linearizableMax = 5 * time.Second

func judgeLinearizable(ctx context.Context, e *Evidence) Verdict {
	var f findings
	for _, view := range byRegion(e) {
		if !judgeRegisters(ctx, view, &f) {
			break
		}
	}
	return f.verdict()
}

// judgeRegisters judges the registers of one region; false: it ran out of time.
func judgeRegisters(ctx context.Context, e *Evidence, f *findings) bool {
	histories := registerHistories(e.Run)
	if histories.missing != "" {
		f.undecided(histories.missing)
	}
	for _, h := range histories.all {
		if legal, forced := h.inSequence(len(histories.restored)); forced && legal && ctx.Err() == nil {
			f.judged += h.accesses
			continue
		}
		model := registerModel(ctx, len(histories.restored))
		switch porcupine.CheckOperationsTimeout(model, h.operations, linearizableMax) {
		case porcupine.Unknown:
			f.undecided(fmt.Sprintf("Whether %s is linearizable was not decided in %v.", h.name(e), linearizableMax))
			return false
		case porcupine.Illegal:
			if ctx.Err() != nil {
				f.undecided(fmt.Sprintf("Whether %s is linearizable was not decided: %v.", h.name(e), ctx.Err()))
				return false
			}
			f.add(h.finding(e, model))
		}
		f.judged += h.accesses
	}
	return true
}

// registerKind goes on from history.RegisterKind.
const (
	registerSnapshot = history.RegisterRead + 1 + iota
	registerRestore
)

// registerInput is the input of one operation in porcupine's history. The value
// that a read returned is its output, nil where the answer was lost.
type registerInput struct {
	kind       history.RegisterKind
	value      int64 // of a write
	slot       int   // of a snapshot or restore: which checkpoint; -1: none
	checkpoint int64
	attempt    int
}

// registerState is a register's value and what it held at checkpoints.
type registerState struct {
	value int64
	slots []remembered
}

type remembered struct {
	known bool
	value int64
}

// registerModel returns the model with room for so many checkpoints. When ctx
// ends no step is possible any more, which ends the search.
func registerModel(ctx context.Context, checkpoints int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return newRegister(checkpoints) },
		StepContext: func(_ context.Context, state, input, output any) (bool, any) {
			if ctx.Err() != nil {
				return false, state
			}
			next, ok := state.(registerState).step(input.(*registerInput), output)
			return ok, next
		},
		Equal: func(a, b any) bool {
			x, y := a.(registerState), b.(registerState)
			return x.value == y.value && slices.Equal(x.slots, y.slots)
		},
		DescribeOperation: func(input, output any) string { return input.(*registerInput).text(output) },
	}
}

func newRegister(checkpoints int) registerState {
	return registerState{value: history.Absent, slots: make([]remembered, checkpoints)}
}

// step returns the state after an operation, and whether it can have happened.
// It does not change s.
func (s registerState) step(in *registerInput, output any) (registerState, bool) {
	switch in.kind {
	case history.RegisterWrite:
		s.value = in.value
	case history.RegisterRead:
		return s, output == nil || *output.(*int64) == s.value
	case registerSnapshot:
		s.slots = slices.Clone(s.slots)
		s.slots[in.slot] = remembered{true, s.value}
	case registerRestore:
		if in.slot < 0 {
			s.value = history.Absent
			return s, true
		}
		s.value = s.slots[in.slot].value
		return s, s.slots[in.slot].known
	}
	return s, true
}

// inSequence judges a history in which no two operations overlap, as most are:
// their order is forced, and there is nothing to search.
func (h *registerHistory) inSequence(checkpoints int) (legal, forced bool) {
	s := newRegister(checkpoints)
	legal = true
	for i := range h.operations {
		op := &h.operations[i]
		if i > 0 && h.operations[i-1].Return >= op.Call {
			return false, false
		}
		if legal {
			s, legal = s.step(op.Input.(*registerInput), op.Output)
		}
	}
	return legal, true
}

func (in *registerInput) text(output any) string {
	switch in.kind {
	case history.RegisterWrite:
		return "write " + registerValue(in.value)
	case history.RegisterRead:
		if output == nil {
			return "read, answer lost"
		}
		return "read " + registerValue(*output.(*int64))
	case registerSnapshot:
		return fmt.Sprintf("snapshot %d", in.checkpoint)
	}
	return fmt.Sprintf("restore %d", in.checkpoint)
}

func registerValue(v int64) string {
	if v == history.Absent {
		return "nothing"
	}
	return fmt.Sprint(v)
}

// finding names the first operation that fits no order of those before it.
func (h *registerHistory) finding(e *Evidence, model porcupine.Model) finding {
	_, info := porcupine.CheckOperationsVerbose(model, h.operations, linearizableMax)
	var longest []porcupine.Operation
	for _, order := range info.PartialLinearizationsOperations()[0] {
		if len(order) > len(longest) {
			longest = order
		}
	}
	fits := map[any]bool{}
	for _, op := range longest {
		fits[op.Input] = true
	}
	operations := slices.Clone(h.operations)
	slices.SortStableFunc(operations, func(a, b porcupine.Operation) int { return cmp.Compare(a.Return, b.Return) })
	culprit := slices.IndexFunc(operations, func(op porcupine.Operation) bool { return !fits[op.Input] })
	x := finding{message: fmt.Sprintf("The operations on %s fit no order.", h.name(e))}
	if culprit < 0 {
		return x
	}
	op := operations[culprit]
	in := op.Input.(*registerInput)
	x.step, x.checkpoint = op.Call/h.width, in.checkpoint
	x.message = fmt.Sprintf("In attempt %d, %s on %s fits no order of what came before.", in.attempt, in.text(op.Output), h.name(e))
	for _, op := range operations[max(0, culprit-DetailsMax+1) : culprit+1] {
		in := op.Input.(*registerInput)
		x.details = append(x.details, fmt.Sprintf("  attempt %d  %s  %s", in.attempt, h.steps(&op), in.text(op.Output)))
	}
	x.details[len(x.details)-1] += "   <- broken here"
	return x
}
