package pages

import (
	"strconv"
	"time"

	"flinch/reports"
)

// Environment is where and how a campaign was run. What is zero is not told.
type Environment struct {
	Revision string // of flinch: a commit, with "+" if files had been changed
	Go       string // version of Go: "go1.26.0"
	Platform string // operating system and architecture: "linux/amd64"
	Cores    int
	Command  string // as it was typed
	Date     time.Time
}

// fact is one named value.
type fact struct {
	Name, Value string
	Code        bool // print it as code
}

// facts lists what is known of where the campaign ran and of what it took.
func (e Environment) facts(c *reports.Campaign) []fact {
	list := []fact{{"command", e.Command, true}, {"flinch", e.Revision, true}, {"Go", e.Go, false}, {"platform", e.Platform, false}}
	if e.Cores > 0 {
		list = append(list, fact{Name: "cores", Value: strconv.Itoa(e.Cores)})
	}
	for i, row := range c.ByBackend {
		if i == rowsMax {
			break // the table of backends says that there are more
		}
		if row.Version != "" {
			list = append(list, fact{Name: "engine of " + reports.OneLine(row.Backend), Value: reports.OneLine(row.Version)})
		}
	}
	if !e.Date.IsZero() {
		list = append(list, fact{Name: "date", Value: e.Date.UTC().Format("2006-01-02 15:04 UTC")})
	}
	list = append(list, fact{Name: "time", Value: reports.Span(duration(c.WallSeconds)) + " of real time, " +
		reports.Span(duration(c.CPUSeconds)) + " of processors"})
	var known []fact
	for _, f := range list {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
