package reports

import (
	"fmt"
	"strings"
)

// FloorRunsMin is from how many runs up floors are judged.
const FloorRunsMin = 200

// Floor is something that a campaign must reach, or its silence means nothing.
type Floor struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Got  string `json:"got"`
	Met  bool   `json:"met"`
	// Judged: a campaign that misses it is undecided. Floors of the mix of what
	// happens are judged for campaigns over all scenarios, which are meant to have
	// it together; that each planned kind of fault fires, that each check judges
	// something and that a canary was caught, if there were to be any, for all
	// campaigns. None is, below FloorRunsMin.
	Judged bool `json:"judged"`
}

// String says what was wanted and what there was.
func (f Floor) String() string { return fmt.Sprintf("%s: want %s, got %s", f.Name, f.Want, f.Got) }

// Floors tells what a finished campaign reached.
func Floors(c *Campaign) []Floor {
	mix, reach := mixFloors(c), reachFloors(c)
	enough := c.Runs >= FloorRunsMin
	for i := range mix {
		mix[i].Judged = enough && c.AllScenarios
	}
	for i := range reach {
		reach[i].Judged = enough
	}
	return append(mix, reach...)
}

// mixFloors are those of how often what happens.
func mixFloors(c *Campaign) []Floor {
	n := c.Counters
	return []Floor{
		share{of: c.Restores, in: c.Runs, num: 1, den: 1}.floor("restores per run", "1 or more"),
		share{of: n[crashesInSnapshots], in: c.Crashes, num: 1, den: 5}.
			percent("crashes between barrier and publish", "20 % or more"),
		{
			Name: "entries per audited restore", Want: "30 or more at the median",
			Got: fmt.Sprintf("%s in %s", Grouped(n[auditedEntriesMedian]), Counted(n[auditedRestores], "restore", "restores")),
			Met: n[auditedRestores] > 0 && n[auditedEntriesMedian] >= 30,
		},
		share{of: n[strictLeakChecks], in: c.Runs, num: 1, den: 3}.percent("strict leak checks", "a third of the runs or more"),
		share{of: c.Runs - n[legalStops], in: c.Runs, num: 19, den: 20}.
			percent("runs without a legal stop", "95 % or more"),
	}
}

// reachFloors are those of what must happen at all.
func reachFloors(c *Campaign) []Floor {
	var floors []Floor
	if c.canaries {
		floors = append(floors, reached("a canary was caught", c.Canary.Caught))
	}
	for _, kind := range sortedKeys(c.FaultsFired) {
		floors = append(floors, reached("fault "+kind, c.FaultsFired[kind]))
	}
	for _, name := range sortedKeys(c.Counters) {
		if check, found := strings.CutPrefix(name, judgedPrefix); found {
			floors = append(floors, reached("judged by "+strings.ReplaceAll(check, "_", "-"), c.Counters[name]))
		}
	}
	return floors
}

// Missed returns the judged floors that were not met.
func Missed(c *Campaign) []Floor {
	missed, _ := missedFloors(c)
	return missed
}

// missedFloors returns the floors that were not met: the judged ones, and the
// others.
func missedFloors(c *Campaign) (judged, others []Floor) {
	for _, f := range Floors(c) {
		switch {
		case f.Met:
		case f.Judged:
			judged = append(judged, f)
		default:
			others = append(others, f)
		}
	}
	return judged, others
}

// reached is the floor of something that must happen at all.
func reached(name string, times int64) Floor {
	return Floor{Name: name, Want: "1 or more", Got: Grouped(times), Met: times > 0}
}

// share is of among in, to be compared with num/den.
type share struct{ of, in, num, den int64 }

// floor prints the share as a quotient.
func (s share) floor(name, want string) Floor {
	f := Floor{Name: name, Want: want, Got: "nothing to judge", Met: s.in > 0 && s.of*s.den >= s.in*s.num}
	if s.in > 0 {
		f.Got = fmt.Sprintf("%.2f", float64(s.of)/float64(s.in))
	}
	return f
}

// percent prints the share as a percentage.
func (s share) percent(name, want string) Floor {
	f := s.floor(name, want)
	if s.in > 0 {
		f.Got = fmt.Sprintf("%.1f %%", 100*float64(s.of)/float64(s.in))
	}
	return f
}
