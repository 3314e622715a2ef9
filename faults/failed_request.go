package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"flinch/model/history"
)

var _ = register(FailedRequest{}, "requests to the object service fail before or after their effect, come late, are slow or throttled")

// ErrThrottled is wrapped by the errors of requests that the object service did not
// take because there were too many.
var ErrThrottled = errors.New("slow down")

// Fate is what becomes of a request to the object service.
type Fate string

// The fates.
const (
	FateBefore    Fate = "before"    // fails, and has no effect
	FateAfter     Fate = "after"     // fails, and had its effect
	FateLate      Fate = "late"      // is not answered, and takes effect later
	FateSlow      Fate = "slow"      // takes longer
	FateThrottled Fate = "throttled" // is refused because there are too many
)

var requestFates = []Fate{FateBefore, FateAfter, FateLate, FateSlow, FateThrottled}

// requestVerbs are what requests do: see storage.Verb.
var requestVerbs = []string{"PUT", "GET", "LIST", "DELETE", "BEGIN", "PART", "COMPLETE", "ABORT"}

// FailedRequest gives requests to the object service a fate: Count in a row, the
// nth first.
type FailedRequest struct {
	Verb  string         `json:"verb,omitempty"` // only these requests count; "": all
	Fate  Fate           `json:"fate"`
	Phase *history.Phase `json:"phase,omitempty"` // only requests of this phase count
	Nth   int            `json:"nth"`             // from 1
	Count int            `json:"count"`           // how many, 1 or more
	Delay Duration       `json:"delay,omitempty"` // of late and slow ones
}

// Kind returns "failed-request".
func (FailedRequest) Kind() string { return "failed-request" }

// String describes the fault.
func (f FailedRequest) String() string {
	which := ordinal(f.Nth) + " request"
	if f.Verb != "" {
		which = ordinal(f.Nth) + " " + f.Verb
	}
	if f.Count > 1 {
		which = fmt.Sprintf("%s and the next %d", which, f.Count-1)
	}
	what := map[Fate]string{
		FateBefore: "fails", FateAfter: "fails after its effect", FateThrottled: "is throttled",
		FateLate: fmt.Sprintf("is not answered and takes effect after %v", f.Delay),
		FateSlow: fmt.Sprintf("takes %v longer", f.Delay),
	}[f.Fate]
	return fmt.Sprintf("the %s to the object service%s %s", which, during(f.Phase), what)
}

// Arm gives the requests their fate.
func (f FailedRequest) Arm(c Controls) {
	ioWatch{
		match: func(site Site, op Op) bool {
			return op.Verb != "" && (f.Verb == "" || op.Verb == f.Verb) && inPhase(site, f.Phase)
		},
		after: f.Fate == FateAfter, nth: f.Nth, count: f.Count,
		act: func(site Site, op Op) Outcome {
			c.Fired(f, site.Disk, fmt.Sprintf("%s %s: %s", op.Verb, op.Path, f.Fate))
			switch f.Fate {
			case FateSlow:
				return Outcome{Delay: time.Duration(f.Delay)}
			case FateLate:
				return Outcome{Err: newIOError(f, op), Late: max(1, time.Duration(f.Delay))}
			case FateThrottled:
				return Outcome{Err: fmt.Errorf("%w (%w %s)", ErrThrottled, ErrInjected, f.Kind())}
			}
			return Outcome{Err: newIOError(f, op)}
		},
	}.arm(c)
}

func (f FailedRequest) validate() error {
	if f.Verb != "" && !slices.Contains(requestVerbs, f.Verb) {
		return fieldError("verb", "%q: want one of %s", f.Verb, strings.Join(requestVerbs, ", "))
	}
	if !slices.Contains(requestFates, f.Fate) {
		var names []string
		for _, fate := range requestFates {
			names = append(names, string(fate))
		}
		return fieldError("fate", "%q: want one of %s", f.Fate, strings.Join(names, ", "))
	}
	if err := checkPhase("phase", f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	if err := checkNth("count", f.Count); err != nil {
		return err
	}
	return checkSpan("delay", f.Delay)
}
