package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"flinch/backends"
	"flinch/sim/rng"

	"github.com/spf13/afero"
)

// countDefault is how many seeds of each scenario Check runs, firstDefault the
// first of them, and shortPart the part of them that is left of a short run.
const (
	countDefault = 10
	firstDefault = 1
	shortPart    = 5
)

// casesDir is where regression cases lie, from the package's folder.
const casesDir = "testdata/cases"

// CheckOptions says what Check runs. The zero value runs a few seeds of every
// scenario.
type CheckOptions struct {
	Scenarios []string // names; none: all
	Count     int      // seeds of each scenario; 0: 10
	Short     bool     // a fifth of the seeds: pass testing.Short()
	Seed      rng.Seed // the first seed; 0: 1
	// Reference is a backend to compare with in the cases that name it (the
	// differential scenario's do); nil: they are carried out on the backend alone.
	Reference backends.Backend
	// Package is how the test is named to go test, for the line that replays a
	// failure; "": the package that the test binary was made from.
	Package string
	// Files is where cases are read and written; nil: the real file system, from
	// the working folder on.
	Files afero.Fs
	// LookupEnv reads the environment; nil: os.LookupEnv.
	LookupEnv func(name string) (value string, found bool)
}

// settings are options and environment put together.
type settings struct {
	scenarios []Scenario
	count     int
	first     rng.Seed
	only      string // FLINCH_CASE
	canary    bool   // FLINCH_CANARY
	out       string // FLINCH_OUT
	pkg       string
	files     afero.Fs
	reference backends.Backend
}

func newSettings(o CheckOptions) (settings, error) {
	if o.LookupEnv == nil {
		o.LookupEnv = os.LookupEnv
	}
	if o.Files == nil {
		o.Files = afero.NewOsFs()
	}
	s := settings{count: o.Count, first: o.Seed, pkg: o.Package, files: o.Files, reference: o.Reference}
	if o.Count < 0 {
		return s, fmt.Errorf("option Count: %d: want a number of seeds, as 100", o.Count)
	}
	if s.count == 0 {
		s.count = countDefault
	}
	if s.first == 0 {
		s.first = firstDefault
	}
	if o.Short {
		s.count = (s.count + shortPart - 1) / shortPart
	}
	s.only, _ = o.LookupEnv("FLINCH_CASE")
	s.out, _ = o.LookupEnv("FLINCH_OUT")
	_, s.canary = o.LookupEnv("FLINCH_CANARY")
	if text, found := o.LookupEnv("FLINCH_COUNT"); found {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return s, fmt.Errorf("FLINCH_COUNT %q: want a number of seeds, as 100", text)
		}
		s.count = n
	}
	if text, found := o.LookupEnv("FLINCH_SEED"); found {
		seed, err := rng.ParseSeed(text)
		if err != nil {
			return s, fmt.Errorf("FLINCH_SEED: %w", err)
		}
		s.first = seed
	}
	return s, s.choose(o.Scenarios)
}

// choose looks the scenarios up.
func (s *settings) choose(names []string) error {
	s.scenarios = All()
	if len(names) == 0 {
		return nil
	}
	s.scenarios = nil
	for _, name := range names {
		found, err := ByName(name)
		if err != nil {
			return err
		}
		s.scenarios = append(s.scenarios, found)
	}
	return nil
}

// find returns the case that FLINCH_CASE names.
func (s *settings) find(ref string) (Case, error) {
	name, text, found := strings.Cut(ref, "@")
	if !found {
		return s.readCase(ref)
	}
	scenario, err := ByName(name)
	if err != nil {
		return Case{}, err
	}
	seed, err := rng.ParseSeed(text)
	if err != nil {
		return Case{}, err
	}
	return scenario.At(seed), nil
}

// kept lists the files of the regression cases.
func (s *settings) kept() ([]string, error) {
	infos, err := afero.ReadDir(s.files, casesDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list regression cases: %w", err)
	}
	var names []string
	for _, info := range infos {
		if path.Ext(info.Name()) == ".json" {
			names = append(names, path.Join(casesDir, info.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (s *settings) readCase(name string) (Case, error) {
	data, err := afero.ReadFile(s.files, name)
	if err != nil {
		return Case{}, err
	}
	c, err := ParseCase(data)
	if err != nil {
		return Case{}, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := ByName(c.Scenario); err != nil {
		return Case{}, fmt.Errorf("%s: case: %w", name, err)
	}
	return c, nil
}

// keep writes a case into a folder and returns its path.
func (s *settings) keep(dir string, c Case) (string, error) {
	data, err := c.JSON()
	if err != nil {
		return "", err
	}
	if err := s.files.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	name := path.Join(dir, fmt.Sprintf("%s-%s.json", c.Scenario, c.Seed))
	return name, afero.WriteReader(s.files, name, bytes.NewReader(data))
}

// seedOf is the distance of the i-th seed from the first.
func seedOf(i int) rng.Seed { return rng.Seed(uint64(i)) }
