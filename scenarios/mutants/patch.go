package mutants

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// patch is a patch file.
type patch struct {
	path  string
	id    string // "": the file's name stands for it
	title string
	// source is where the bug really happened.
	source    string
	component string
	expected  string // the checks that may find it, with commas between
	trace     string // a shortest way to meet it
	neutral   bool
	// backends are the ones that it is hunted on, and scenarios those that it is
	// hunted with; with commas between; "": the default backend, all scenarios.
	backends, scenarios string
	// tests is, for a mutant of the harness, the package whose tests must fail.
	tests string
}

// fields are the header's keys. Each stands at the beginning of a line, before
// the diff; a comment sign before it and another spelling after it are accepted,
// since patches may come from elsewhere.
func (p *patch) field(key string) *string {
	switch key {
	case "id":
		return &p.id
	case "title":
		return &p.title
	case "source", "source bug":
		return &p.source
	case "component":
		return &p.component
	case "expect", "expected", "oracle", "expected oracle", "expected check":
		return &p.expected
	case "trace", "kill trace":
		return &p.trace
	case "tests":
		return &p.tests
	case "backend", "backends":
		return &p.backends
	case "scenario", "scenarios":
		return &p.scenarios
	}
	return nil
}

// readPatch reads the header of a patch file. What is missing is left empty,
// except the id. A patch is neutral if its header says "neutral: yes".
func readPatch(path string) (patch, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return patch{}, fmt.Errorf("read patch: %w", err)
	}
	p := patch{path: path}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "--- ") && !strings.HasPrefix(lines.Text(), "diff ") {
		key, value, found := strings.Cut(strings.TrimLeft(lines.Text(), "#/ \t"), ":")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if key == "neutral" {
			p.neutral = slices.Contains([]string{"yes", "true"}, strings.ToLower(value))
		}
		if f := p.field(key); found && f != nil && *f == "" {
			*f = value
		}
	}
	if p.id == "" {
		p.id = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return p, nil
}

// readDir reads the patches of a folder, in the order of their names; with only,
// those with one of these ids. Two may not have the same id.
func readDir(dir string, only []string) ([]patch, error) {
	var paths []string
	for _, pattern := range []string{"*.patch", "*.diff"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, fmt.Errorf("find patches: %w", err)
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	var patches []patch
	seen := map[string]string{}
	for _, path := range paths {
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		p, err := readPatch(path)
		if err != nil {
			return nil, err
		}
		if other := seen[p.id]; other != "" {
			return nil, fmt.Errorf("patches %s and %s have the same id %s: rename one", other, path, p.id)
		}
		seen[p.id] = path
		if len(only) == 0 || slices.Contains(only, p.id) {
			patches = append(patches, p)
		}
	}
	return patches, wanted(dir, only, seen)
}

// wanted complains of a folder without patches, and of ids that are not there.
func wanted(dir string, only []string, seen map[string]string) error {
	if len(seen) == 0 {
		return fmt.Errorf("folder %s holds no patch: want files *.patch", dir)
	}
	for _, id := range only {
		if seen[id] == "" {
			return fmt.Errorf("folder %s holds no patch with the id %q", dir, id)
		}
	}
	return nil
}

// names takes a list with commas between apart.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
