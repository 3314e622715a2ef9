package pages

import (
	"fmt"
	"io"
	"strings"

	"flinch/reports"
)

// Bounds of summary.md, which is read in passing.
const (
	summaryFindingsMax = 20
	summaryPointsMax   = 40
)

// WriteSummary writes a finished campaign as Markdown, as for a pull request:
// verdict, coverage, findings with the commands that replay them, the canary, and
// what was not reached.
func WriteSummary(w io.Writer, c *reports.Campaign) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## flinch: %s\n\n%s\n\n%s.\n", reports.Verdict(c), markdown(meaning(c)), markdown(coverage(c)))
	summarizeFindings(&b, c)
	if text := c.Canary.String(); text != "" {
		fmt.Fprintf(&b, "\nCanary: %s.\n", markdown(text))
	} else {
		b.WriteString("\nCanary: not run.\n")
	}
	summarizeUnreached(&b, c)
	_, err := io.WriteString(w, b.String())
	return err
}

// summarizeFindings adds the table of findings.
func summarizeFindings(b *strings.Builder, c *reports.Campaign) {
	if len(c.Findings) == 0 {
		return
	}
	b.WriteString("\n| finding | broken | scenario | backend | runs | what happened | replay |\n|---|---|---|---|--:|---|---|\n")
	findings, more := capped(c.Findings, summaryFindingsMax)
	for _, f := range findings {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", markdown(f.Fingerprint), markdown(f.Check), markdown(f.Scenario),
			markdown(f.Backend), reports.Grouped(f.Times), markdown(f.Message), markdownCode(f.Replay))
	}
	if more > 0 {
		fmt.Fprintf(b, "\n%s: run.json has them all.\n", reports.Counted(more, "more finding", "more findings"))
	}
}

// summarizeUnreached adds the floors that were missed and the points that were
// never reached.
func summarizeUnreached(b *strings.Builder, c *reports.Campaign) {
	if missed := reports.Missed(c); len(missed) > 0 {
		b.WriteString("\nBelow the floor:\n\n")
		missed, more := capped(missed, summaryPointsMax)
		for _, f := range missed {
			fmt.Fprintf(b, "- %s\n", markdown(f.String()))
		}
		if more > 0 {
			fmt.Fprintf(b, "- %s more\n", reports.Grouped(more))
		}
	}
	_, points := reports.Points(c)
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s never reached</summary>\n\n", reports.Counted(int64(len(points)), "point", "points"))
	points, more := capped(points, summaryPointsMax)
	for _, p := range points {
		fmt.Fprintf(b, "- %s\n", markdownCode(p))
	}
	if more > 0 {
		fmt.Fprintf(b, "- %s more\n", reports.Grouped(more))
	}
	b.WriteString("\n</details>\n")
}

// markdownEscapes keep foreign text from being taken for Markdown or HTML.
var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`,
	"[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "@", "&#64;", "!", `\!`,
)

// markdown returns a text as Markdown that shows it as it is, on one line.
func markdown(text string) string { return markdownEscapes.Replace(reports.OneLine(text)) }

// markdownCode returns a text as code on one line, which a cell of a table may hold.
func markdownCode(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	pad := ""
	if len(fence) > 1 {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(text, "|", `\|`) + pad + fence
}
