package mutants

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flinch/checks"
)

// TestEveryPatchAppliesAndSaysWhatItIs keeps the patches in step with the code.
func TestEveryPatchAppliesAndSaysWhatItIs(t *testing.T) {
	needGit(t)
	known := map[string]bool{}
	for _, c := range checks.All() {
		known[c.Name] = true
	}
	patches := ours(t)
	tree := t.TempDir()
	if err := copyTree(t.Context(), "../..", tree); err != nil {
		t.Fatal(err)
	}
	for _, p := range patches {
		if err := command(t.Context(), tree, withoutRepository(tree), "git", "apply", "--check", p.path); err != nil {
			t.Errorf("%s: bring it into step with the code: %v", p.id, err)
		}
		if p.title == "" || p.source == "" || p.component == "" {
			t.Errorf("%s: the header lacks title, source or component: %+v", p.id, p)
		}
		if !p.neutral && p.trace == "" {
			t.Errorf("%s: the header lacks the trace", p.id)
		}
		for check := range strings.SplitSeq(p.expected, ", ") {
			if !p.neutral && p.tests == "" && !known[check] {
				t.Errorf("%s: the header expects %q, which is no check", p.id, check)
			}
		}
		if !strings.HasPrefix(filepath.Base(p.path), strings.ToLower(p.id)) {
			t.Errorf("%s: the file is called %s", p.id, filepath.Base(p.path))
		}
	}
}

// TestPatchThatDoesNotApplyIsAnError: git apply passes over files that it takes
// to be outside of a repository.
func TestPatchThatDoesNotApplyIsAnError(t *testing.T) {
	needGit(t)
	patches := ours(t)
	repository := t.TempDir()
	if err := command(t.Context(), repository, nil, "git", "init", "-q"); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(repository, "tree")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := apply(t.Context(), empty, patches[0].path); err == nil {
		t.Error("a patch applies to an empty tree")
	}
}

func TestHeadersAreReadWithCommentSignsAndOtherNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x7-name.patch")
	text := "# Title: a title: with a colon\n// source bug: ABC-1\nNeutral: yes\nkill trace: one\nBackend: b1, b2\nscenarios: s\n\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-id: no\n+id: no\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := readPatch(path)
	want := patch{path: path, id: "x7-name", title: "a title: with a colon", source: "ABC-1", trace: "one", neutral: true, backends: "b1, b2", scenarios: "s"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestFoldersAreRefusedThatHoldNoPatchOrOneIDTwice(t *testing.T) {
	dir := t.TempDir()
	refuse := func(what string, only ...string) {
		t.Helper()
		if _, err := readDir(dir, only); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("id: A1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refuse("an empty folder")
	write("a.patch")
	if p, err := readDir(dir, nil); err != nil || len(p) != 1 {
		t.Errorf("one patch: %v, %v", p, err)
	}
	refuse("an unknown id", "A2")
	write("b.patch")
	refuse("one id twice")
}

func TestReportCountsEachPatchOnce(t *testing.T) {
	b := &bench{o: Options{Seeds: 5}, scenarios: []string{"one", "two"}}
	r := b.report([]Mutant{
		{ID: "a", Killed: true},
		{ID: "b"},
		{ID: "c", Neutral: true},
		{ID: "d", Neutral: true, Killed: true},
		{ID: "e", Error: "does not apply"},
	})
	if r.Killed != 1 || r.Survived != 1 || r.NeutralReported != 1 || r.Unusable != 1 || r.SeedsMax != 10 {
		t.Errorf("%+v", r)
	}
	if r.Err() == nil {
		t.Error("a patch that cannot be judged is no error")
	}
}

// ours returns the patches of this project.
func ours(t *testing.T) []patch {
	t.Helper()
	patches, err := readDir("testdata", nil)
	if err != nil {
		t.Fatal(err)
	}
	return patches
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git, which applies the patches, is not installed: ", err)
	}
	if err := exec.CommandContext(context.Background(), "git", "version").Run(); err != nil {
		t.Skip("git does not run: ", err)
	}
}
