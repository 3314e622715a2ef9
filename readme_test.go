package flinch_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// example is a command of the README, in a block, and what stands below it there.
type example struct {
	command string
	shown   []string
}

var (
	inline  = regexp.MustCompile("`([^`\n]+)`")
	block   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	finding = regexp.MustCompile(`F-[0-9a-f]{4}`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// TestEveryCommandOfTheReadme carries out the README: what stands in its blocks is
// run, in order, in a copy of the tree; so is what it names in passing, if that
// takes seconds; if not, it must exist.
func TestEveryCommandOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := examplesOf(string(text))
	if len(examples) < 4 {
		t.Fatalf("%d commands in blocks, want some: is their form another one now?", len(examples))
	}
	t.Run("named", func(t *testing.T) {
		flinch := filepath.Join(t.TempDir(), "flinch")
		if out, code := shell(t, ".", "go build "+strings.Join(builtWith(), " ")+" -o "+flinch+" ./cmd/flinch"); code != 0 {
			t.Fatal(out)
		}
		for _, command := range namedIn(block.ReplaceAllString(string(text), "")) {
			exists(t, flinch, command)
		}
	})
	t.Run("shown", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes minutes: it builds and runs all that is shown")
		}
		if flags := builtWith(); len(flags) > 0 {
			t.Skipf("what is shown needs RocksDB, and this is a build %v", flags)
		}
		tree := copyOfTree(t)
		for _, e := range examples {
			e.run(t, tree)
		}
	})
}

// examplesOf returns the commands in blocks. A block of output goes on with what
// the command before it prints.
func examplesOf(text string) []example {
	var list []example
	for _, b := range block.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(b[2]) {
			line = strings.TrimRight(line, "\n")
			if command, is := strings.CutPrefix(line, "$ "); is {
				list = append(list, example{command: command})
			} else if len(list) > 0 && (strings.HasPrefix(b[2], "$ ") || b[1] == "output") {
				last := &list[len(list)-1]
				last.shown = append(last.shown, line)
			}
		}
	}
	return list
}

// namedIn returns the commands that stand in running text.
func namedIn(text string) []string {
	var list []string
	for _, code := range inline.FindAllStringSubmatch(text, -1) {
		words := strings.Fields(code[1])
		for len(words) > 0 && strings.Contains(words[0], "=") {
			words = words[1:]
		}
		if len(words) > 0 && slices.Contains([]string{"make", "go", "flinch", ".ci/run", ".ci/setup"}, words[0]) {
			list = append(list, code[1])
		}
	}
	return list
}

// exists tells whether a command that is named is there. Those of flinch that only
// look are run; of others, the target of make, the test, the command with its flags
// must be known.
func exists(t *testing.T, flinch, command string) {
	t.Helper()
	plain := regexp.MustCompile(`^(\w+=\S*\s+)*`).ReplaceAllString(command, "")
	program, rest, _ := strings.Cut(plain, " ")
	verb, rest, _ := strings.Cut(rest, " ")
	dry := plain
	switch {
	case plain == "make", plain == "go run", plain == "go test": // programs, not commands
		return
	case program == "make":
		dry = "make --no-print-directory -n " + verb
	case program == "flinch" && (verb == "list" || verb == "replay" && rest != ""):
		dry = strings.Join([]string{flinch, verb, rest}, " ")
	case program == "flinch":
		dry = strings.Join([]string{flinch, verb, rest, "--help"}, " ")
	case strings.HasPrefix(program, ".ci/"):
		dry = "test -x " + program + " && bash -n " + program
	case verb == "run" && strings.HasPrefix(rest, "./cmd/flinch "):
		dry = strings.Replace(rest, "./cmd/flinch", flinch, 1) + " --help"
	case verb == "test":
		testsExist(t, command, rest)
		return
	case verb == "build":
		dry = "go build -n " + rest
	case verb == "mod":
		dry = "cd $(mktemp -d) && go mod init example && " + plain
	}
	if out, code := shell(t, ".", dry); code != 0 {
		t.Errorf("`%s` of the README: %s: exit code %d: %s", command, dry, code, out)
	}
}

// testsExist looks for tests and benchmarks that a go test command runs.
func testsExist(t *testing.T, command, rest string) {
	t.Helper()
	words := strings.Fields(rest)
	pattern, dir := "", ""
	for i, w := range words {
		switch {
		case w == "-run" || w == "-bench":
			pattern = strings.Trim(words[i+1], "'")
		case strings.HasPrefix(w, "./"):
			dir = strings.TrimSuffix(w, "...")
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || pattern == "" || len(files) == 0 {
		t.Errorf("`%s` of the README: %d files in %q, and the pattern is %q: want a package and a pattern", command, len(files), dir, pattern)
		return
	}
	name := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark)\w*)\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range name.FindAllSubmatch(text, -1) {
			if regexp.MustCompile(pattern).Match(found[1]) {
				return
			}
		}
	}
	t.Errorf("`%s` of the README: no test or benchmark of %s is called so", command, dir)
}

// run carries the command out, and holds what it prints against what is shown: the
// exit code, and how the shown lines begin. Numbers and cases change with the code.
func (e example) run(t *testing.T, tree string) {
	command := inTree(tree, e.command)
	out, code := shell(t, tree, command)
	fails := len(e.shown) > 0 && slices.ContainsFunc(e.shown, func(line string) bool { return strings.HasPrefix(line, "FAIL") }) &&
		!strings.HasPrefix(e.command, "make ")
	if (code != 0) != fails {
		t.Fatalf("%s: exit code %d, fails in the README: %v\n%s", command, code, fails, out)
	}
	actual := strings.Split(out, "\n")
	for _, line := range e.shown {
		want, tells := begins(line)
		if !tells {
			continue
		}
		at := slices.IndexFunc(actual, func(line string) bool {
			got, _ := begins(line)
			return got == want
		})
		if at < 0 {
			t.Fatalf("%s: no line begins with %q as this one of the README: %s\n%s", command, want, line, out)
		}
		actual = actual[at+1:]
	}
}

// begins is the first word of a line, without numbers. Lines of steps and gaps say
// nothing: they are of one case.
func begins(line string) (word string, tells bool) {
	fields := strings.Fields(line)
	if len(fields) == 0 || strings.HasPrefix(fields[0], "...") || digits.ReplaceAllString(fields[0], "") == "" {
		return "", false
	}
	return digits.ReplaceAllString(fields[0], "#"), true
}

// inTree puts the finding that was made here in place of the one of the README.
func inTree(tree, command string) string {
	words := strings.Fields(command)
	for i, w := range words {
		at := finding.FindStringIndex(w)
		if at == nil {
			continue
		}
		made, _ := filepath.Glob(filepath.Join(tree, w[:at[0]], "F-*"))
		if len(made) > 0 {
			words[i] = w[:at[0]] + filepath.Base(made[0]) + w[at[1]:]
		}
	}
	return strings.Join(words, " ")
}

// copyOfTree copies what git knows or would add.
func copyOfTree(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(".git"); err != nil {
		t.Skipf("this is no checkout of git: %v", err)
	}
	tree := t.TempDir()
	out, code := shell(t, ".", "git ls-files -z --cached --others --exclude-standard")
	if code != 0 {
		t.Fatal(out)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and still in git's index
		}
		info, statErr := os.Stat(name)
		to := filepath.Join(tree, name)
		if err := errors.Join(err, statErr, os.MkdirAll(filepath.Dir(to), 0o755)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// builtWith is what go build needs to leave out what this test was built without.
func builtWith() (flags []string) {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		switch {
		case s.Key == "-tags":
			flags = append(flags, "-tags="+s.Value)
		case s.Key == "CGO_ENABLED" && s.Value == "0":
			flags = append(flags, "-tags=norocksdb")
		}
	}
	return flags
}

// commandTimeMax is how long a command may take: the demonstration, on a machine
// that does other things as well.
const commandTimeMax = 8 * time.Minute

// shell runs a command as the README's reader does.
func shell(t *testing.T, dir, command string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeMax)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", command)
	var text bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &text, &text
	// What the command has started goes with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	if dir != "." {
		// With trimmed paths, copies of the tree share what was compiled.
		cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath"))
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s: %v, %v\n%s", command, err, ctx.Err(), text.String())
	}
	return text.String(), cmd.ProcessState.ExitCode()
}
