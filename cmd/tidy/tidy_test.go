package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestRulesGolden runs the trees in testdata, each an archive of files, against
// the layout of this repository. "exempt=NAME" frees a file from a rule first.
func TestRulesGolden(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, name string) {
		datadriven.RunTest(t, name, func(t *testing.T, d *datadriven.TestData) string {
			root := t.TempDir()
			for _, f := range txtar.Parse([]byte(d.Input + "\n")).Files {
				name := filepath.Join(root, f.Name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			l := flinch
			for _, arg := range d.CmdArgs {
				l.exempt = append(l.exempt, exemption{files: arg.Vals[0], rules: []string{arg.Key}})
			}
			found, err := check(root, l)
			if err != nil {
				return "error: " + strings.ReplaceAll(err.Error(), root+"/", "")
			}
			var text strings.Builder
			for _, f := range found {
				text.WriteString(f.String() + "\n")
			}
			return text.String()
		})
	})
}

// A layout that names what is not there hides a slip.
func TestLayoutAgreesWithItself(t *testing.T) {
	for dir, modules := range flinch.modules {
		if _, known := flinch.layer(dir); !known && !strings.HasSuffix(dir, "/...") {
			t.Errorf("modules for %s, which has no layer", dir)
		}
		if len(modules) == 0 {
			t.Errorf("no modules for %s", dir)
		}
	}
	for _, e := range flinch.exempt {
		if _, err := filepath.Match(e.files, "x"); err != nil || e.reason == "" || len(e.rules) == 0 {
			t.Errorf("exemption %v: %v", e, err)
		}
	}
	for dir := range flinch.layers {
		top, _, _ := strings.Cut(dir, "/")
		if dir != "." && !strings.Contains(" "+strings.Join(flinch.top, " ")+" ", " "+top+" ") {
			t.Errorf("%s lies below no wanted folder", dir)
		}
	}
}
