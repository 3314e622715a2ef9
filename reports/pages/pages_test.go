package pages

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"flinch/checks"
	"flinch/model/history"
	"flinch/reports"
)

var someEnvironment = Environment{
	Revision: "0123456789abcdef0123456789abcdef01234567+", Go: "go1.26.0", Platform: "linux/amd64", Cores: 2,
	Command: "go run ./cmd/flinch run --out out", Date: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
}

// checkNames lists all checks.
func checkNames() []string {
	var names []string
	for _, c := range checks.All() {
		names = append(names, c.Name)
	}
	return names
}

// campaignOf returns a campaign over some runs, which are varied by number.
func campaignOf(runs int, each func(i int, r *reports.RunSummary)) *reports.Campaign {
	c := reports.NewCampaign(reports.CampaignConfig{
		Scenarios: []string{"failover", "storage-errors"}, Backends: []string{"heap", "rocksdb"}, AllScenarios: true,
		Engines: map[string]reports.Engine{"rocksdb": {Version: "RocksDB 7.8.3", Opaque: "it has threads of its own"}},
		Faults:  []string{"crash-at", "io-error", "power-loss", "torn-write"}, Checks: checkNames(), Counters: []string{"rescaled", "windows.fired"},
	})
	for i := range runs {
		phase := history.Phase(i % int(history.PhaseCount-2))
		r := reports.RunSummary{
			Scenario: c.Scenarios[i%2], Backend: c.Backends[i/2%2], Seed: fmt.Sprintf("0x%012x", i),
			Fired: map[string]int64{"crash-at": 1, "io-error": 40}, Counters: map[string]int64{"rescaled": 1},
			FiredIn:    []reports.FiredIn{{Fault: "crash-at", Phase: phase, Times: 1}, {Fault: "io-error", Phase: history.Publishing, Times: 40}},
			Operations: 1234, Completed: 9, Restores: 2, CrashPhases: []history.Phase{phase, history.Asynchronous},
			AuditedEntries: []int64{40}, StrictLeaks: true, Simulated: 4 * time.Second,
		}
		for _, name := range checkNames() {
			r.Verdicts = append(r.Verdicts, checks.Verdict{Check: name, Judged: 3})
		}
		if each != nil {
			each(i, &r)
		}
		c.Add(r)
	}
	return c
}

// finding returns a finding with some message.
func finding(i int, message string) reports.Finding {
	name := fmt.Sprintf("F-%04x", i)
	return reports.Finding{
		Fingerprint: name, Bundle: name, Check: "restored-state", Scenario: "failover", Backend: "heap",
		Seed: fmt.Sprintf("0x%012x", i), Message: message, Replay: "go run ./cmd/flinch replay out/" + name + "/case.json",
	}
}

// failingCampaign has findings, with a message that tries to be more than text.
func failingCampaign() *reports.Campaign {
	c := campaignOf(400, func(i int, r *reports.RunSummary) {
		if i%97 == 0 {
			r.Verdicts[0].Outcome = checks.Fail
		}
		r.Canary = i%50 == 7
		if r.Canary && i != 357 {
			r.Verdicts[1].Outcome = checks.Fail
		}
		r.Replay = "go run ./cmd/flinch replay " + r.Seed
	})
	c.AddFinding(finding(1, hostile))
	c.AddFinding(finding(2, strings.Repeat("long/path/without/a/space/", 40)))
	c.AddFinding(finding(2, "again"))
	c.Finish(20*time.Second, 39*time.Second)
	return c
}

const hostile = "</code></script><script>alert('x')</script> | `a` <img src=x onerror=alert(1)> \"quoted\""

// huge is a campaign in which every bound of a page bites.
func huge() *reports.Campaign {
	c := campaignOf(20, nil)
	for i := range 10000 {
		c.AddFinding(finding(i, "Key group 5 lost 1 key."))
	}
	for i := range 300 {
		c.FaultsFired[fmt.Sprintf("kind-%03d", i)] = 0
		c.Add(reports.RunSummary{Scenario: "failover", Backend: fmt.Sprintf("backend-%03d", i), Counters: map[string]int64{fmt.Sprintf("point-%03d", i): 0}})
	}
	c.Finish(time.Hour, time.Hour)
	return c
}

func written(t *testing.T, c *reports.Campaign) string {
	t.Helper()
	var out strings.Builder
	if err := WriteCampaign(&out, c, someEnvironment); err != nil {
		t.Fatal(err)
	}
	checkPolicy(t, out.String())
	return out.String()
}

// section returns the part of a page under a heading.
func section(t *testing.T, page, id string) string {
	t.Helper()
	_, after, found := strings.Cut(page, `<h2 id="`+id+`">`)
	if !found {
		t.Fatalf("no section %s", id)
	}
	part, _, _ := strings.Cut(after, "</section>")
	return part
}

func TestForeignTextStaysText(t *testing.T) {
	page := written(t, failingCampaign())
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img") {
		t.Error("a message became part of the page")
	}
	if !strings.Contains(html.UnescapeString(section(t, page, "findings")), hostile) {
		t.Error("the message is not shown as it is")
	}
}

func TestPageSaysWhatTheTextSays(t *testing.T) {
	c := failingCampaign()
	page := written(t, c)
	for _, want := range []string{
		reports.Verdict(c), strings.SplitN(reports.Headline(c), " ", 2)[1], "Exit code 1", `href="F-0001/index.html"`,
		"RocksDB 7.8.3", "it has threads of its own", "0123456789abcdef", "2026-05-04", "torn-write",
		"7 of 8 runs", "windows.fired",
	} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("%q is not said", want)
		}
	}
	for _, f := range c.Findings {
		if !strings.Contains(page, "<code>"+f.Replay+"</code>") {
			t.Errorf("no replay line for %s", f.Fingerprint)
		}
	}
}

func TestEveryCheckIsListedWithItsPromise(t *testing.T) {
	part := html.UnescapeString(section(t, written(t, failingCampaign()), "guarantees"))
	for i, c := range checks.All() {
		if !strings.Contains(part, c.Name+`<span class="promise">`+c.Guarantee) {
			t.Errorf("%s is not listed", c.Name)
		}
		want := "kept"
		if i == 0 {
			want = "broken"
		}
		if !regexp.MustCompile(`>` + want + `</td><th scope="row">` + c.Name + `<`).MatchString(part) {
			t.Errorf("%s is not called %s", c.Name, want)
		}
	}
}

func TestGuaranteesKnowSilenceFromSuccess(t *testing.T) {
	c := reports.NewCampaign(reports.CampaignConfig{Checks: []string{"sink", "progress"}})
	c.Add(reports.RunSummary{Verdicts: []checks.Verdict{
		{Check: "progress", Outcome: checks.Unknown}, {Check: "process-died", Outcome: checks.Fail},
	}})
	want := map[string]status{"sink": statusNeverJudged, "progress": statusUndecided, "process-died": statusBroken, "no-regress": statusNotAsked}
	list := guarantees(c)
	for _, g := range list {
		if s, named := want[g.Check]; named && g.Status != s {
			t.Errorf("%s: %v, want %v", g.Check, g.Status, s)
		}
		delete(want, g.Check)
	}
	if len(want) > 0 || list[0].Check != "process-died" {
		t.Errorf("not listed: %v; first: %s", want, list[0].Check)
	}
}

func TestHeatMapTellsNeverFromFew(t *testing.T) {
	m := newHeatMap(failingCampaign())
	if got := m.Rows[len(m.Rows)-1].Fault; got != reports.AnyCrash {
		t.Errorf("the last row is %s", got)
	}
	for _, row := range m.Rows {
		for p, cell := range row.Cells {
			if (cell.Level == 0) != (cell.Fired == 0) {
				t.Errorf("%s in %v: %+v", row.Fault, history.Phase(p), cell)
			}
		}
	}
	for n, want := range map[int64]int{0: 0, 1: 1, 9: 1, 10: 2, 9999: 4, 10000: 5, 1 << 60: 5} {
		if got := level(n); got != want {
			t.Errorf("level(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestBoundsAreSaidWhereTheyBite(t *testing.T) {
	page := written(t, huge())
	for id, want := range map[string]string{
		"findings": "9,800 more", "faults": "244 more", "backends": "242 more", "not-reached": "more: run.json",
	} {
		if !strings.Contains(section(t, page, id), want) {
			t.Errorf("%s does not say %q", id, want)
		}
	}
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

func TestSmallestCampaignsHavePages(t *testing.T) {
	empty := reports.NewCampaign(reports.CampaignConfig{})
	empty.Finish(0, 0)
	if page := written(t, empty); !strings.Contains(page, "nothing was run") {
		t.Error("nothing was run, and that is not said")
	}
	stopped := campaignOf(3, nil)
	stopped.Interrupted = true
	stopped.Finish(time.Second, time.Second)
	if page := written(t, stopped); !strings.Contains(page, "INTERRUPTED") {
		t.Error("an interruption is not said")
	}
}

func TestCampaignPageTellsOfLostCanaries(t *testing.T) {
	c := campaignOf(3, nil)
	for _, x := range []struct {
		canary reports.Canary
		want   string
	}{
		{reports.Canary{}, ">not run</span>."},
		{reports.Canary{Lost: 2}, ">lost</span>. Nothing is known of 2 runs: the process died or hung."},
		{reports.Canary{Idle: 1}, ">nothing to catch</span>. In 1 run beside, nothing that was lost was restored from."},
		{reports.Canary{Runs: 2, Caught: 2, Lost: 1}, ">caught</span>: 2 of 2 runs. Nothing is known of 1 run: the process died or hung."},
	} {
		c.Canary = x.canary
		var out strings.Builder
		if err := WriteCampaign(&out, c, someEnvironment); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), x.want) {
			t.Errorf("%+v: the page lacks %q", x.canary, x.want)
		}
	}
}
