package pages

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestSummaries prints summary.md of the campaigns that other tests show as pages.
func TestSummaries(t *testing.T) {
	datadriven.RunTest(t, "testdata/summary.txt", func(t *testing.T, d *datadriven.TestData) string {
		c := failingCampaign()
		switch d.Cmd {
		case "failing":
		case "huge":
			c = huge()
		default:
			d.Fatalf(t, "unknown command %s", d.Cmd)
		}
		var out strings.Builder
		if err := WriteSummary(&out, c); err != nil {
			d.Fatalf(t, "%v", err)
		}
		if d.HasArg("cuts") {
			return strings.Join(regexp.MustCompile(`(?m)^.* more(?: findings.*)?\n`).FindAllString(out.String(), -1), "")
		}
		return out.String()
	})
}
