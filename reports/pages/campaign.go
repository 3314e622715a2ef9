package pages

import (
	"bytes"
	_ "embed" // the page of a campaign
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"sync"

	"flinch/reports"
)

// Bounds of a page. Where one bites, the page says so.
const (
	findingsMax = 200
	messageMax  = 600 // characters
	rowsMax     = 60  // backends, kinds of faults, floors
	pointsMax   = 300 // that were not reached
)

//go:embed campaign.html
var campaignText string

//go:embed campaign.css
var campaignStyle string

// campaignTemplate is parsed when it is first needed: most commands never do.
var campaignTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("campaign").Funcs(template.FuncMap{
		"grouped": reports.Grouped, "counted": reports.Counted, "oneline": reports.OneLine, "message": message,
		"size": func(n int) int64 { return int64(n) },
	}).Parse(campaignText))
})

// campaignView is what the page of a campaign shows.
type campaignView struct {
	*reports.Campaign
	Verdict, Class, Meaning string
	Coverage                string
	Findings                []reports.FindingRow
	MoreFindings            int64
	Guarantees              []guarantee
	Heat                    heatMap
	Backends                []reports.BackendRow
	MoreBackends            int64
	Canary                  status
	Missed, Met             []reports.Floor
	MoreMissed              int64
	Points                  []string // not reached
	MorePoints              int64
	FloorRuns               int
	Environment             []fact
}

// WriteCampaign writes the page of a finished campaign. The pages of findings
// are linked as BUNDLE/index.html below the page's folder.
func WriteCampaign(w io.Writer, c *reports.Campaign, e Environment) error {
	var body bytes.Buffer
	if err := campaignTemplate().Execute(&body, newCampaignView(c, e)); err != nil {
		return fmt.Errorf("write the page of the campaign: %w", err)
	}
	return writePage(w, page{
		Title:  reports.Verdict(c) + ": flinch, " + reports.Counted(c.Runs, "run", "runs"),
		Body:   template.HTML(body.String()), // what is foreign in it was escaped by the template
		Styles: []string{campaignStyle},
	})
}

func newCampaignView(c *reports.Campaign, e Environment) *campaignView {
	v := &campaignView{
		Campaign: c, Verdict: reports.Verdict(c), Class: verdictClass(c), Meaning: meaning(c), Coverage: coverage(c),
		Guarantees: guarantees(c), Heat: newHeatMap(c), Canary: canaryStatus(c.Canary),
		FloorRuns: reports.FloorRunsMin, Environment: e.facts(c),
	}
	v.Findings, v.MoreFindings = capped(c.Findings, findingsMax)
	v.Backends, v.MoreBackends = capped(c.ByBackend, rowsMax)
	for _, f := range reports.Floors(c) {
		if f.Met {
			v.Met = append(v.Met, f)
		} else {
			v.Missed = append(v.Missed, f)
		}
	}
	slices.SortStableFunc(v.Missed, func(a, b reports.Floor) int { return order(b.Judged) - order(a.Judged) })
	v.Missed, v.MoreMissed = capped(v.Missed, rowsMax)
	_, unreached := reports.Points(c)
	v.Points, v.MorePoints = capped(unreached, pointsMax)
	return v
}

// message is what a finding says, cut in the middle if it is very long: its own
// page has all of it.
func message(text string) string {
	runes := []rune(clean(text))
	if len(runes) <= messageMax {
		return string(runes)
	}
	return string(runes[:messageMax/2]) + " … " + string(runes[len(runes)-messageMax/2:])
}

// capped returns the first rows, and how many there are beyond them.
func capped[T any](rows []T, limit int) ([]T, int64) {
	if len(rows) <= limit {
		return rows, 0
	}
	return rows[:limit], int64(len(rows) - limit)
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
