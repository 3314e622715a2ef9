package scenarios

import (
	"flag"
	"fmt"
	"runtime/debug"
	"strings"
)

// failure is what Check reports of one case.
type failure struct {
	check     string
	message   string
	details   []string
	more      int // details beyond those
	undecided bool
	also      []string // what else was broken or undecided, one line each
}

// fail reports a failure, keeps its case, and returns false.
func (r *checkRun) fail(c Case, file string, f failure) bool {
	r.Helper()
	r.attribute(c, "fail "+f.check)
	r.Errorf("%s", r.text(c, f)+r.replay(c, file))
	return false
}

// text says what happened: at most about 40 lines.
func (r *checkRun) text(c Case, f failure) string {
	word := "FAIL"
	if f.undecided {
		word = "UNDECIDED"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s   scenario %s   backend %s   seed %v\n  %s\n", word, f.check, c.Scenario, r.backend.Name(), c.Seed, f.message)
	for _, line := range f.details {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	if f.more > 0 {
		fmt.Fprintf(&b, "    ... %d more\n", f.more)
	}
	for _, line := range f.also {
		fmt.Fprintf(&b, "  also %s\n", line)
	}
	fmt.Fprintf(&b, "  case: %d records, %v\n", len(c.Records), c.Faults)
	return b.String()
}

// replay is the last line: the command that runs this case alone. Where no file
// outlives the test, it names scenario and seed, which this commit turns into the
// case; other commits may need the file.
func (r *checkRun) replay(c Case, file string) string {
	var note string
	if file == "" {
		file = c.Scenario + "@" + c.Seed.String()
		if dir := r.lasting(); dir == "" {
			note = "  the case is drawn again from its seed; FLINCH_OUT=folder or go test -artifacts keeps a file of it\n"
		} else if name, err := r.keep(dir, c); err != nil {
			note = fmt.Sprintf("  case not written: %v\n", err)
		} else {
			file = name
		}
	}
	return fmt.Sprintf("%s  replay: FLINCH_CASE=%s go test -run '%s' %s", note, shellWord(file), pattern(r.Name()), r.packagePath())
}

// lasting is a folder for case files that is there when the test has ended; "":
// there is none.
func (r *checkRun) lasting() string {
	a, ok := r.TB.(interface{ ArtifactDir() string })
	kept := flag.Lookup("test.artifacts")
	switch {
	case r.out != "":
		return r.out
	case ok && kept != nil && kept.Value.String() == "true":
		return a.ArtifactDir()
	}
	return "" // without the flag, artefacts are removed with the test
}

// pattern selects one test, or one subtest.
func pattern(name string) string {
	return "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
}

// packagePath is the package of the running test binary.
func (r *checkRun) packagePath() string {
	if r.pkg != "" {
		return r.pkg
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasSuffix(info.Path, ".test") {
		return strings.TrimSuffix(info.Path, ".test")
	}
	return "."
}

// shellWord quotes a word if a shell would take it apart.
func shellWord(word string) string {
	if strings.ContainsAny(word, " '\"$&|;<>()*?[]{}\\`!#~") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// attribute notes the verdict of a case beside the test's results.
func (r *checkRun) attribute(c Case, verdict string) {
	if a, ok := r.TB.(interface{ Attr(key, value string) }); ok {
		a.Attr("flinch/"+c.Scenario+"/"+c.Seed.String(), verdict)
	}
}
