package checks

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

var registered []Check

// register adds a check; it is called once for each, as a package is loaded.
func register(c Check) Check {
	registered = append(registered, c)
	return c
}

// All returns the checks in the order of judging: what was restored before what
// follows from it. The slice is the caller's.
func All() []Check {
	all := slices.Clone(registered)
	slices.SortFunc(all, func(a, b Check) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Name, b.Name))
	})
	return all
}

// Judge returns the verdicts of all checks in the order of judging. When ctx
// ends, those that remain are unknown. The evidence is not changed.
func Judge(ctx context.Context, e *Evidence) []Verdict {
	var verdicts []Verdict
	for _, c := range All() {
		var v Verdict
		if err := ctx.Err(); err != nil {
			v = Verdict{Outcome: Unknown, Message: "Not judged: " + err.Error() + "."}
		} else {
			v = c.Judge(ctx, e)
		}
		v.Check = c.Name
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// First returns the verdict that names the finding: the first that failed, or
// the first that is unknown if none did. It returns false if all passed.
func First(verdicts []Verdict) (Verdict, bool) {
	for _, outcome := range []Outcome{Fail, Unknown} {
		for _, v := range verdicts {
			if v.Outcome == outcome {
				return v, true
			}
		}
	}
	return Verdict{}, false
}
