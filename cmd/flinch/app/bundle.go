package app

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"flinch/reports"
	"flinch/reports/pages"
	"flinch/scenarios"
	"flinch/scenarios/explore"
)

// defaultOut is where cases of findings go unless told otherwise. It is made only
// when there is one.
const defaultOut = "out"

// The files of --out.
const (
	runFile     = "run.json"
	junitFile   = "junit.xml"
	summaryFile = "summary.md"
	pageFile    = "index.html" // of the campaign, and in each bundle
	caseFile    = "case.json"
	reportFile  = "report.txt"
	pictureFile = "timeline.svg"
)

// publish writes the results of a campaign: bundles first, since they decide how
// findings are replayed.
func (a *app) publish(f *runFlags, k *keeper) error {
	var texts bytes.Buffer
	b := bundles{app: a, out: cmp.Or(f.out, defaultOut)}
	for _, g := range k.groups.All() {
		b.add(g)
		for range g.Times {
			k.report.AddFinding(g.Finding)
		}
		if err := reports.WriteFailure(&texts, g.Finding); err != nil {
			return err
		}
		texts.WriteByte('\n')
	}
	if f.out != "" || len(k.report.Findings) > 0 && !b.lost {
		if err := a.writeOut(b.out, k.report); err != nil {
			return fmt.Errorf("write results to the folder %s: %w", b.out, err)
		}
	}
	if f.format == formatJSON {
		return reports.WriteJSON(a.out, k.report)
	}
	if _, err := texts.WriteTo(a.out); err != nil {
		return err
	}
	return reports.WriteText(a.out, k.report)
}

// writeOut writes the files of a whole campaign.
func (a *app) writeOut(dir string, c *reports.Campaign) error {
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{runFile, func(w io.Writer) error { return reports.WriteJSON(w, c) }},
		{junitFile, func(w io.Writer) error { return reports.WriteJUnit(w, c) }},
		{summaryFile, func(w io.Writer) error { return pages.WriteSummary(w, c) }},
		{pageFile, func(w io.Writer) error { return pages.WriteCampaign(w, c, environment()) }},
	} {
		if err := writeFile(filepath.Join(dir, file.name), file.write); err != nil {
			return err
		}
	}
	c.Report = filepath.Join(dir, pageFile)
	return nil
}

// bundles keeps the cases of findings, each in a folder of its own.
type bundles struct {
	*app
	out   string
	taken map[string]int // folders by fingerprint
	lost  bool           // it was said that they cannot be written
}

// add says how a group's finding is replayed, and writes its case and its text.
// If that cannot be done, the finding is replayed from its seed.
func (b *bundles) add(g *explore.Group) {
	g.Finding.Replay = replaySeed(g.Target, g.Seed)
	c, ok := b.caseOf(g)
	if !ok {
		return
	}
	dir := b.folder(g.Finding.Fingerprint)
	if err := b.write(dir, c, g); err != nil && !b.lost {
		b.lost = true
		fmt.Fprintf(b.log, "flinch: cases of findings are not kept: %v: name a folder that can be written to with --out; replay lines show the run before it was made small\n", err)
	}
}

// folder returns the folder of a finding. Findings with one fingerprint, of
// several scenarios or backends, have one each.
func (b *bundles) folder(fingerprint string) string {
	if b.taken == nil {
		b.taken = map[string]int{}
	}
	b.taken[fingerprint]++
	if n := b.taken[fingerprint]; n > 1 {
		fingerprint = fmt.Sprintf("%s-%d", fingerprint, n)
	}
	return filepath.Join(b.out, fingerprint)
}

// write writes a bundle. The finding tells of it if that was done.
func (b *bundles) write(dir string, c scenarios.Case, g *explore.Group) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	c.Kept = b.kept(g)
	text, err := c.JSON()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, caseFile)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return err
	}
	told := g.Finding
	told.Bundle = filepath.Base(dir)
	told.Report, told.Replay = filepath.Join(dir, pageFile), b.replayFile(g.Target, path)
	err = writeFile(filepath.Join(dir, reportFile), func(w io.Writer) error { return reports.WriteFailure(w, told) })
	if err != nil {
		return err
	}
	if err := writeFile(told.Report, func(w io.Writer) error { return pages.WriteFinding(w, told) }); err != nil {
		return err
	}
	err = writeFile(filepath.Join(dir, pictureFile), func(w io.Writer) error { return pages.WriteTimeline(w, told) })
	if err != nil && !errors.Is(err, pages.ErrNoPicture) {
		return err
	}
	g.Finding = told
	return nil
}

// kept is what the run of a group's case left. Traces that differ from run to run
// are not worth keeping.
func (a *app) kept(g *explore.Group) scenarios.Kept {
	k := scenarios.Kept{Backend: g.Backend, Version: a.world.Engine(g.Backend).Version}
	switch {
	case g.Small != nil:
		k.Sum = g.Small.Sum
	case g.Check != explore.Nondeterministic:
		k.Sum = g.Summary.Sum
	}
	return k
}

// caseOf returns the case that shows a group best: its smallest one, or what the
// scenario draws of the seed.
func (a *app) caseOf(g *explore.Group) (scenarios.Case, bool) {
	switch {
	case g.Small != nil:
		return g.Small.Case, true
	case g.Case != nil:
		return *g.Case, true
	}
	c, err := a.world.At(g.Target, g.Seed)
	return c, err == nil
}

// replayFile returns the command that replays a case file.
func (a *app) replayFile(t explore.Target, path string) string {
	words := []string{self(), "replay", path}
	if t.Backend != a.defaultBackend() {
		words = append(words, "--backend", t.Backend)
	}
	if t.FS != explore.Mem {
		words = append(words, "--fs", t.FS)
	}
	return quoted(words)
}

// checkOut makes the folder for results, and tries to write to it before hours
// of work depend on it.
func checkOut(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--out: %w: name a folder that can be written to", err)
	}
	probe, err := os.CreateTemp(dir, ".flinch-")
	if err != nil {
		return fmt.Errorf("--out: %w: name a folder that can be written to", err)
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

func writeFile(path string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
