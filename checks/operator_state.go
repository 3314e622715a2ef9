package checks

import (
	"context"
	"fmt"
	"slices"

	"flinch/model"
)

// O. A split list: with unchanged parallelism each subtask gets its own, in the
// same order. Otherwise the concatenation in the order of old subtasks is dealt
// contiguously, in a circle that may begin at any subtask, and no subtask gets two
// elements more than another.
//
// A union list: every subtask gets all elements, in the order of old subtasks,
// whatever the parallelism.
//
// A broadcast map: new subtask i gets the copy of old subtask i mod n, byte for
// byte, counted among the n that had reported one. So each keeps its own with
// unchanged parallelism if all had. Whether copies equal each other is for the job
// to see to: ours differ, so that it shows which one came.
var _ = register(Check{
	Order:     50,
	Name:      "operator-state",
	Guarantee: "Operator state is dealt out whole, in order and evenly when a job is restored.",
	Judge:     judgeOperatorState,
})

func judgeOperatorState(_ context.Context, e *Evidence) Verdict {
	var f findings
	for i := range e.Audits {
		a := &e.Audits[i]
		for j := range a.Lists {
			l := &a.Lists[j]
			wrong, rows := judgeLists(&f, l)
			if wrong != "" {
				f.add(finding{
					step: a.Step, checkpoint: a.Checkpoint, details: rows,
					message: fmt.Sprintf("%s%s %s of %s (%d -> %d subtasks) %s.", auditText(e, a), modeText(l.Mode), l.State, l.Operator, len(l.Old), len(l.New), wrong),
				})
			}
		}
	}
	return f.verdict()
}

// modeText says what kind of state it is. Split lists are lists to the reader.
func modeText(m model.Distribution) string {
	switch m {
	case model.Split:
		return "list"
	case model.Union:
		return "union list"
	case model.Broadcast:
		return "broadcast map"
	}
	return m.String()
}

// judgeLists returns what is wrong with the way in which a state was dealt, or "".
func judgeLists(f *findings, l *ListAudit) (wrong string, rows []string) {
	if l.Error != "" {
		return "could not be read: " + l.Error, nil
	}
	f.judged += int64(max(len(slices.Concat(l.Old...)), len(slices.Concat(l.New...))))
	switch l.Mode {
	case model.Union:
		wrong = differs(l.New, model.UnionLists(l.Old, len(l.New)), "was not given to subtask %d whole and in order")
	case model.Broadcast:
		wrong = differs(l.New, model.BroadcastCopies(l.Old, len(l.New)), "did not come to subtask %d as the copy that was due")
	default:
		wrong = judgeSplit(l)
	}
	if wrong != "" {
		rows = listRows(l)
	}
	return wrong, rows
}

// differs names the first subtask that has something else than it should.
func differs(got, want [][]string, text string) string {
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			return fmt.Sprintf(text, i)
		}
	}
	return ""
}

func judgeSplit(l *ListAudit) string {
	if len(l.Old) == len(l.New) {
		return differs(l.New, l.Old, "changed in subtask %d")
	}
	old := slices.Concat(l.Old...)
	if !dealtInACircle(old, l.New) {
		return describeDeal(old, slices.Concat(l.New...))
	}
	least, most := len(old), 0
	for _, list := range l.New {
		least, most = min(least, len(list)), max(most, len(list))
	}
	if most-least > 1 {
		return fmt.Sprintf("was dealt unevenly, %d to %d elements", least, most)
	}
	return ""
}

// dealtInACircle tells whether the lists, read in a circle from some subtask on,
// are the elements.
func dealtInACircle(elements []string, lists [][]string) bool {
	for start := range lists {
		if slices.Equal(elements, append(slices.Concat(lists[start:]...), slices.Concat(lists[:start]...)...)) {
			return true
		}
	}
	return len(lists) == 0 && len(elements) == 0
}

func describeDeal(old, dealt []string) string {
	slices.Sort(old)
	slices.Sort(dealt)
	switch {
	case slices.Equal(old, dealt):
		return "was not dealt in order"
	case len(dealt) < len(old):
		return "lost " + count(len(old)-len(dealt), "element", "elements")
	case len(dealt) > len(old):
		return "gained " + count(len(dealt)-len(old), "element", "elements")
	}
	return "came back with other elements"
}

func listRows(l *ListAudit) []string {
	var rows []string
	for i := range max(len(l.Old), len(l.New)) {
		before, after := "no subtask", "no subtask"
		if i < len(l.Old) {
			before = l.text(l.Old[i])
		}
		if i < len(l.New) {
			after = l.text(l.New[i])
		}
		rows = append(rows, fmt.Sprintf("  subtask %d  %s | %s", i, before, after))
	}
	return rows
}

func (l *ListAudit) text(elements []string) string {
	if elements == nil && l.Mode == model.Broadcast {
		return "no copy"
	}
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = wordsText(element)
	}
	return fmt.Sprint(texts)
}
