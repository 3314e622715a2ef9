package mutants

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMutantOfTheHarnessIsKilledByAFailingTest on a package that is as small as
// can be, whose test compares what a patch changes.
func TestMutantOfTheHarnessIsKilledByAFailingTest(t *testing.T) {
	if testing.Short() {
		t.Skip("builds five tiny test binaries")
	}
	temp := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(temp, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, tree := range []string{"clean", "patched"} {
		write(tree+"/go.mod", "module m\n")
		write(tree+"/m_test.go", "package m\n\nimport \"testing\"\n\nfunc TestSense(t *testing.T) {\n\tif sense != 1 {\n\t\tt.Fail()\n\t}\n}\n")
	}
	write("clean/m.go", "package m\n\nvar sense = 1\n")
	b := &bench{tree: filepath.Join(temp, "clean"), passed: map[string]bool{}}
	for text, want := range map[string]Mutant{
		"var sense = 1": {Built: true},
		"var sense = 2": {Built: true, Killed: true, Check: "TestSense"},
		"var sense = x": {},
	} {
		write("patched/m.go", "package m\n\n"+text+"\n")
		var m Mutant
		err := b.notice(t.Context(), filepath.Join(temp, "patched"), patch{tests: "."}, &m)
		m.CPUSeconds = 0
		if m != want || (err == nil) != want.Built {
			t.Errorf("%s: got %+v, %v", text, m, err)
		}
	}
	write("clean/m.go", "package m\n\nvar sense = 2\n")
	b.passed = map[string]bool{}
	if err := b.notice(t.Context(), filepath.Join(temp, "patched"), patch{tests: "."}, &Mutant{}); err == nil {
		t.Error("a clean tree that fails its tests is no error")
	}
}
