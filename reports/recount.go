package reports

import (
	"fmt"
	"slices"
	"strings"

	"flinch/model/history"
)

// StorageText says in a line how what is on checkpoint storage at the end of a run
// compares with what the retained metadata names; "": it was not counted. Excuses
// counts left-over files by the fault that excuses them.
func StorageText(r *history.Recount, excuses map[string]int) string {
	if r == nil {
		return ""
	}
	if r.Error != "" {
		return "storage: cannot be counted: " + r.Error
	}
	names := make([]string, len(r.Retained))
	for i, id := range r.Retained {
		names[i] = fmt.Sprint(id)
	}
	there := r.Named - len(r.Missing) + len(r.Unnamed)
	text := fmt.Sprintf("storage: checkpoints %s name %s, %d shared; %d there", strings.Join(names, ", "),
		Counted(int64(r.Named), "file", "files"), r.Shared, there)
	if r.Others > 0 {
		text += fmt.Sprintf(", %d more of savepoints", r.Others)
	}
	if r.Exact() {
		return text + ": exact"
	}
	var parts []string
	for _, p := range []struct {
		list []string
		what string
	}{{r.Missing, "missing"}, {r.Unlogged, "never acknowledged"}, {r.Unnamed, "left over"}} {
		if len(p.list) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", len(p.list), p.what))
		}
	}
	return text + ": " + strings.Join(parts, ", ") + excused(excuses)
}

func excused(excuses map[string]int) string {
	if len(excuses) == 0 {
		return ""
	}
	var parts []string
	for why, n := range excuses {
		parts = append(parts, fmt.Sprintf("%s %d", why, n))
	}
	slices.Sort(parts)
	return " (excused: " + strings.Join(parts, ", ") + ")"
}
