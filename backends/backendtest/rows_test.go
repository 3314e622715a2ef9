package backendtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// The ids of all rows are in testdata, in the order of the contract.
func TestEveryRowOfTheContractIsInTheTableOnce(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "rows.txt"))
	must(t, err)
	want := strings.Fields(string(data))
	var got []string
	for _, r := range rows() {
		got = append(got, r.id)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-contract +table):\n%s", diff)
	}
}

func TestEveryRowHasTestsOrAReason(t *testing.T) {
	for _, r := range rows() {
		if (len(r.tests) > 0) == (r.none != "") || r.says == "" {
			t.Errorf("row %s: %+v", r.id, r)
		}
	}
}

// Whoever reads the package's documentation does not see the table.
func TestPackageCommentListsTheRowsWithoutCounterpart(t *testing.T) {
	source := string(must2[[]byte](t)(os.ReadFile("backendtest.go")))
	comment, _, _ := strings.Cut(source, "\npackage ")
	comment = strings.Join(strings.Fields(strings.ReplaceAll(comment, "\n//", " ")), " ")
	listed := regexp.MustCompile(` - [A-Z]\d+, `).FindAllString(comment, -1)
	for _, r := range rows() {
		if r.none == "" {
			continue
		}
		if want := " - " + r.id + ", " + r.says + ": " + r.none; !strings.Contains(comment, want) {
			t.Errorf("the package comment lacks %q", want)
		}
		listed = slices.DeleteFunc(listed, func(l string) bool { return l == " - "+r.id+", " })
	}
	if len(listed) > 0 {
		t.Errorf("the package comment lists rows that have tests:%s", listed)
	}
}

func TestEveryTestThatARowNamesExists(t *testing.T) {
	elsewhere := make(map[string][]string) // by folder
	named := make(map[string]bool)
	for _, r := range rows() {
		for _, test := range r.tests {
			named[test] = true
			folder, name, other := strings.Cut(test, ".")
			switch {
			case !other:
				if !slices.ContainsFunc(contract(), func(c clause) bool { return c.promise == test }) {
					t.Errorf("row %s names %s, which is no clause", r.id, test)
				}
				continue
			case elsewhere[folder] == nil:
				elsewhere[folder] = testsIn(t, folder)
			}
			if !slices.Contains(elsewhere[folder], name) {
				t.Errorf("row %s names %s, which is no test", r.id, test)
			}
		}
	}
	if len(named) < 80 {
		t.Errorf("only %d tests are named", len(named))
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testsIn returns the tests of a folder of this repository.
func testsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files := must2[[]string](t)(filepath.Glob(filepath.Join("..", "..", folder, "*_test.go")))
	for _, file := range files {
		data := must2[[]byte](t)(os.ReadFile(file))
		for _, m := range testFunction.FindAllSubmatch(data, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}

// What says the same under two names is one clause too many.
func TestClausesHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range contract() {
		if seen[c.promise] {
			t.Errorf("two clauses are called %s", c.promise)
		}
		seen[c.promise] = true
	}
}
