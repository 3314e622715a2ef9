package checks

import "flinch/model/history"

// finding is one way in which a guarantee is broken.
type finding struct {
	step       history.Step // 0: unknown
	checkpoint int64
	message    string
	details    []string
	more       int    // details beyond those
	title      string // over the details; "": the usual one
	note       string // beside the title
}

// findings collects what one check found. The earliest finding names the
// verdict; others are listed under it.
type findings struct {
	judged  int64
	all     []finding
	first   int
	dropped int    // findings beyond what a verdict can list
	unknown string // why the check could not decide; "": it could
}

// add keeps a finding. Those beyond what a verdict can list are only counted,
// unless they are the earliest.
func (f *findings) add(x finding) {
	switch n := len(f.all); {
	case n == 0:
		f.all = append(f.all, x)
	case earlier(x.step, f.all[f.first].step):
		f.first = n
		f.all = append(f.all, x)
	case n < DetailsMax:
		f.all = append(f.all, x)
	default:
		f.dropped++
	}
}

// undecided notes the first reason for which the check could not decide.
func (f *findings) undecided(why string) {
	if f.unknown == "" {
		f.unknown = why
	}
}

func (f *findings) verdict() Verdict {
	v := Verdict{Judged: f.judged}
	switch {
	case len(f.all) > 0:
		first := f.all[f.first]
		v.Outcome, v.Message, v.Details = Fail, first.message, first.details
		v.Step, v.Checkpoint = first.step, first.checkpoint
		v.Title, v.Note = first.title, first.note
		for i, other := range f.all {
			if i != f.first {
				v.Details = append(v.Details, "also: "+other.message)
			}
		}
		n := min(len(v.Details), DetailsMax)
		v.More = first.more + f.dropped + len(v.Details) - n
		v.Details = v.Details[:n]
	case f.unknown != "":
		v.Outcome, v.Message = Unknown, f.unknown
	}
	return v
}

// earlier compares steps, of which 0 is unknown and counts as last.
func earlier(a, b history.Step) bool { return a != 0 && (b == 0 || a < b) }
