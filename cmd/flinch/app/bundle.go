package app

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"flinch/reports"
	"flinch/scenarios"
	"flinch/scenarios/explore"
)

// The files of --out.
const (
	runFile    = "run.json"
	junitFile  = "junit.xml"
	caseFile   = "case.json"
	reportFile = "report.txt"
)

// publish writes the results of a campaign: bundles first, since they decide how
// findings are replayed.
func (a *app) publish(f *runFlags, k *keeper) error {
	var texts bytes.Buffer
	for _, g := range k.groups.All() {
		if err := a.bundle(f.out, g); err != nil {
			return err
		}
		for range g.Times {
			k.report.AddFinding(g.Finding)
		}
		if err := reports.WriteFailure(&texts, g.Finding); err != nil {
			return err
		}
		texts.WriteByte('\n')
	}
	if f.out != "" {
		if err := writeOut(f.out, k.report); err != nil {
			return err
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
func writeOut(dir string, c *reports.Campaign) error {
	err := writeFile(filepath.Join(dir, runFile), func(w io.Writer) error { return reports.WriteJSON(w, c) })
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, junitFile), func(w io.Writer) error { return reports.WriteJUnit(w, c) })
}

// bundle says how a group's finding is replayed and, if there is a folder to
// write to, writes its case and its text there.
func (a *app) bundle(out string, g *explore.Group) error {
	g.Finding.Replay = replaySeed(g.Target, g.Seed)
	c, ok := a.caseOf(g)
	if out == "" || !ok {
		return nil
	}
	dir := filepath.Join(out, g.Finding.Fingerprint)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	text, err := c.JSON()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, caseFile)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	g.Finding.Report = filepath.Join(dir, reportFile)
	g.Finding.Replay = a.replayFile(g.Target, path)
	return writeFile(g.Finding.Report, func(w io.Writer) error { return reports.WriteFailure(w, g.Finding) })
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
	s, err := a.world.Scenario(g.Scenario)
	if err != nil {
		return scenarios.Case{}, false
	}
	return s.At(g.Seed), true
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
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}
