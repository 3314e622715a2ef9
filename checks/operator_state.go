package checks

import (
	"context"
	"fmt"
	"slices"
)

// O. Split list state. With unchanged parallelism each subtask gets its own
// list, in the same order. Otherwise the concatenation in the order of old
// subtasks is dealt contiguously, in a circle that may begin at any subtask, and
// no subtask gets two elements more than another.
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
					message: fmt.Sprintf("%slist %s of %s (%d -> %d subtasks) %s.", auditText(e, a), l.State, l.Operator, len(l.Old), len(l.New), wrong),
				})
			}
		}
	}
	return f.verdict()
}

// judgeLists returns what is wrong with the way in which a list was dealt, or "".
func judgeLists(f *findings, l *ListAudit) (wrong string, rows []string) {
	if l.Error != "" {
		return "could not be read: " + l.Error, nil
	}
	old := slices.Concat(l.Old...)
	f.judged += int64(max(len(old), len(slices.Concat(l.New...))))
	if len(l.Old) == len(l.New) {
		for i := range l.Old {
			if !slices.Equal(l.Old[i], l.New[i]) {
				return fmt.Sprintf("changed in subtask %d", i), listRows(l)
			}
		}
		return "", nil
	}
	if !dealtInACircle(old, l.New) {
		return describeDeal(old, slices.Concat(l.New...)), listRows(l)
	}
	least, most := len(old), 0
	for _, list := range l.New {
		least, most = min(least, len(list)), max(most, len(list))
	}
	if most-least > 1 {
		return fmt.Sprintf("was dealt unevenly, %d to %d elements", least, most), listRows(l)
	}
	return "", nil
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
			before = listText(l.Old[i])
		}
		if i < len(l.New) {
			after = listText(l.New[i])
		}
		rows = append(rows, fmt.Sprintf("  subtask %d  %s | %s", i, before, after))
	}
	return rows
}

func listText(elements []string) string {
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = wordsText(element)
	}
	return fmt.Sprint(texts)
}
