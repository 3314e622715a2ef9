package checks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/anishathalye/porcupine"

	"flinch/model/history"
)

// registerHistory is what happened to one register under one key.
//
// Times are steps, spread so that several operations of one step keep the order
// in which they were recorded: a step has width instants.
type registerHistory struct {
	registerKey
	late       int // the attempt whose late operations are judged; 0: none
	width      int64
	accesses   int64 // reads and writes among the operations
	operations []porcupine.Operation
}

// registerKey names one register under one key.
type registerKey struct{ operator, state, key int }

// never is a return at infinity.
const never = math.MaxInt64

// steps writes an operation's interval.
func (h *registerHistory) steps(op *porcupine.Operation) string {
	if op.Return == never {
		return fmt.Sprintf("from step %d on", op.Call/h.width)
	}
	return fmt.Sprintf("steps %d to %d", op.Call/h.width, op.Return/h.width)
}

func (h *registerHistory) name(e *Evidence) string {
	name := fmt.Sprintf("state %d", h.state)
	if h.operator < len(e.Facts.Operators) && h.state < len(e.Facts.Operators[h.operator].States) {
		name = e.Facts.Operators[h.operator].States[h.state].Name
	}
	key := fmt.Sprint(h.key)
	if h.key < len(e.Facts.Keys) {
		key = fmt.Sprintf("%q", e.Facts.Keys[h.key])
	}
	return fmt.Sprintf("register %s[%s] of %s", name, key, operatorName(e, h.operator))
}

// histories are all registers' histories of a run.
type histories struct {
	run       *history.Run
	restored  map[int64]int        // checkpoints that were restored: their slots
	snapshots []*history.Snapshot  // of those, by operator
	restores  []restore            // of attempts that got to work
	late      map[int]history.Step // by attempt: its end; absent: it has none
	all       []*registerHistory
	missing   string // a snapshot that should be there
}

// restore is how an attempt that got to work began: somewhere from the end of
// the one before it to its own first operation.
type restore struct {
	attempt    int
	checkpoint int64
	call, end  history.Step
}

// registerHistories makes the histories of all registers that were used.
func registerHistories(run *history.Run) *histories {
	hs := &histories{run: run, restored: map[int64]int{}, late: map[int]history.Step{}}
	if len(run.Registers) == 0 {
		return hs
	}
	hs.readAttempts()
	for i := range run.Snapshots {
		if s := &run.Snapshots[i]; hs.isRestored(s.Checkpoint) {
			hs.snapshots = append(hs.snapshots, s)
		}
	}
	for _, ops := range byRegister(run.Registers) {
		hs.add(ops)
	}
	return hs
}

func (hs *histories) readAttempts() {
	for i := range hs.run.Attempts {
		a := &hs.run.Attempts[i]
		if a.End != 0 {
			hs.late[a.Number] = a.End
		}
		if a.Ready == 0 {
			continue // it accepted nothing, so nobody can see what it restored
		}
		if a.Restored != 0 && !hs.isRestored(a.Restored) {
			hs.restored[a.Restored] = len(hs.restored)
		}
		if i > 0 {
			call := a.Begin
			if before := hs.run.Attempts[i-1].End; before != 0 {
				call = min(call, before)
			}
			hs.restores = append(hs.restores, restore{a.Number, a.Restored, call, a.Ready})
		}
	}
}

func (hs *histories) isRestored(checkpoint int64) bool {
	_, found := hs.restored[checkpoint]
	return found
}

// byRegister groups operations; each group keeps the order of the table.
func byRegister(table []history.RegisterOp) [][]*history.RegisterOp {
	index := map[registerKey]int{}
	var groups [][]*history.RegisterOp
	for i := range table {
		op := &table[i]
		r := registerKey{op.Operator, op.State, op.Key}
		g, found := index[r]
		if !found {
			g = len(groups)
			index[r], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], op)
	}
	return groups
}

// isLate tells whether an operation was called after its attempt was over.
func (hs *histories) isLate(op *history.RegisterOp) bool {
	end, over := hs.late[op.Attempt]
	return over && op.Call > end
}

// add makes the history of one register, and one more for each attempt that
// went on after its end.
func (hs *histories) add(ops []*history.RegisterOp) {
	if missing := hs.lacks(ops[0]); missing != "" {
		hs.missing = missing
		return
	}
	hs.all = append(hs.all, hs.build(ops, 0))
	var late []int
	for _, op := range ops {
		if hs.isLate(op) && !slices.Contains(late, op.Attempt) {
			late = append(late, op.Attempt)
			hs.all = append(hs.all, hs.build(ops, op.Attempt))
		}
	}
}

// lacks tells which restored checkpoint has no snapshot of an operation's key
// group; "" if all have.
func (hs *histories) lacks(op *history.RegisterOp) string {
	for i := range hs.run.Attempts {
		c := hs.run.Attempts[i].Restored
		if !hs.isRestored(c) {
			continue
		}
		if !slices.ContainsFunc(hs.snapshots, func(s *history.Snapshot) bool {
			return s.Checkpoint == c && s.Operator == op.Operator && s.First <= op.Group && op.Group <= s.Last
		}) {
			return fmt.Sprintf("Checkpoint %d was restored, and no snapshot of key group %d of operator %d in it was recorded.", c, op.Group, op.Operator)
		}
	}
	return ""
}

// build makes a history: without late operations, or up to the attempt late and
// with its own.
func (hs *histories) build(ops []*history.RegisterOp, late int) *registerHistory {
	first := ops[0]
	h := &registerHistory{
		registerKey: registerKey{first.Operator, first.State, first.Key},
		late:        late, width: int64(2*len(ops) + 4),
		operations: make([]porcupine.Operation, 0, len(ops)+len(hs.restores)+len(hs.snapshots)),
	}
	inputs := make([]registerInput, 0, cap(h.operations)) // never grows: operations point into it
	put := func(in registerInput, call, end int64, output any) {
		inputs = append(inputs, in)
		h.operations = append(h.operations, porcupine.Operation{Input: &inputs[len(inputs)-1], Output: output, Call: call, Return: max(end, call+1)})
	}
	for i, op := range ops {
		if late != 0 && op.Attempt > late || hs.isLate(op) && op.Attempt != late {
			continue
		}
		end := int64(never)
		if op.Return != 0 {
			end = op.Return*h.width + 2*int64(i) + 3
		}
		var output any
		if op.Kind == history.RegisterRead && op.Return != 0 {
			output = &op.Value
		}
		h.accesses++
		put(registerInput{kind: op.Kind, value: op.Value, attempt: op.Attempt},
			op.Call*h.width+2*int64(i)+2, min(end, hs.gone(h, op.Attempt)), output)
	}
	hs.putSnapshots(h, first.Group, put)
	for _, r := range hs.restores {
		if late == 0 || r.attempt <= late {
			put(registerInput{kind: registerRestore, slot: hs.slot(r.checkpoint), checkpoint: r.checkpoint, attempt: r.attempt},
				(r.call+1)*h.width-1, r.end*h.width, nil)
		}
	}
	slices.SortStableFunc(h.operations, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	return h
}

// putSnapshots adds the snapshots of restored checkpoints that hold the group.
func (hs *histories) putSnapshots(h *registerHistory, group int, put func(registerInput, int64, int64, any)) {
	for _, s := range hs.snapshots {
		if s.Operator != h.operator || group < s.First || s.Last < group || h.late != 0 && s.Attempt > h.late {
			continue
		}
		end := int64(never)
		if s.End != 0 {
			end = (s.End+1)*h.width - 1
		}
		put(registerInput{kind: registerSnapshot, slot: hs.slot(s.Checkpoint), checkpoint: s.Checkpoint, attempt: s.Attempt},
			s.Begin*h.width+1, min(end, hs.gone(h, s.Attempt)), nil)
	}
}

// gone returns when nothing of an attempt can take effect any more: when the
// next one goes on.
func (hs *histories) gone(h *registerHistory, attempt int) int64 {
	if h.late == attempt {
		return never
	}
	// Attempts rise, and there may be thousands of both restores and operations.
	next := sort.Search(len(hs.restores), func(i int) bool { return hs.restores[i].attempt > attempt })
	if next == len(hs.restores) {
		return never
	}
	return hs.restores[next].end * h.width
}

// slot returns where a checkpoint's value is remembered; -1 for no checkpoint.
func (hs *histories) slot(checkpoint int64) int {
	if slot, found := hs.restored[checkpoint]; found {
		return slot
	}
	return -1
}
