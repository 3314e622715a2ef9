package disk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"flinch/faults"
)

// TestCrashImagesAreThoseOfTheRules runs scripts and prints every tree that a
// crash may leave. Commands: run (a script, prints what is pending), crash
// profile=... [whole] [cuts=n] (prints all distinct trees), tree (the current one).
func TestCrashImagesAreThoseOfTheRules(t *testing.T) {
	datadriven.Walk(t, "testdata/crashes", func(t *testing.T, path string) {
		s := newScript()
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			switch td.Cmd {
			case "run":
				return s.run(td.Input)
			case "tree":
				return tree(s.d) + "\n"
			case "crash":
				var p Profile
				if arg, ok := td.Arg("profile"); ok {
					check(p.UnmarshalText([]byte(arg.Vals[0])))
				}
				e := &Enumerator{Whole: td.HasArg("whole")}
				if arg, ok := td.Arg("cuts"); ok {
					e.CutsMax = must(strconv.ParseUint(arg.Vals[0], 10, 64))
				}
				return crashes(s.d.Image(), p, e)
			}
			t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			return ""
		})
	})
}

// script runs the lines of a golden file.
type script struct {
	d    *Disk
	now  time.Duration
	fail bool // the next operation gets an error on entry
	open map[string]*File
}

func newScript() *script {
	s := &script{open: map[string]*File{}}
	hook := func(op faults.Op) faults.Outcome {
		if s.fail && !op.Done {
			s.fail = false
			return faults.Outcome{Err: faults.ErrInjected}
		}
		return faults.Outcome{}
	}
	s.d = New(hook, Options{Now: func() time.Duration { return s.now }})
	return s
}

func (s *script) run(input string) string {
	for line := range strings.Lines(input) {
		args := strings.Fields(line)
		if err := s.line(args); err != nil {
			return fmt.Sprintf("%s: %v\n", strings.TrimSpace(line), err)
		}
	}
	var b strings.Builder
	for _, p := range s.d.Image().Pending() {
		fmt.Fprintf(&b, "%d %v", p.Index, p)
		if len(p.Needs) > 0 {
			fmt.Fprintf(&b, " needs %v", p.Needs)
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		return "nothing pending\n"
	}
	return b.String()
}

func (s *script) line(args []string) error {
	arg := func(i int) string { return append(args, "", "", "")[i] }
	switch args[0] {
	case "create", "open":
		flag := 2 // read and write
		if args[0] == "create" {
			flag |= creating | exclusive
		}
		f, err := s.d.OpenFile(arg(1), flag, 0)
		if err == nil {
			s.open[arg(1)] = f.(*File)
		}
		return err
	case "close":
		return s.open[arg(1)].Close()
	case "append", "write":
		f, text := s.open[arg(1)], arg(2)
		off, err := f.Seek(0, io.SeekEnd)
		if args[0] == "write" {
			off, text = int64(must(strconv.Atoi(arg(2)))), arg(3)
		}
		if err != nil {
			return err
		}
		_, err = f.WriteAt([]byte(expand(text)), off)
		return err
	case "truncate":
		return s.open[arg(1)].Truncate(int64(must(strconv.Atoi(arg(2)))))
	case "sync":
		return s.open[arg(1)].Sync()
	case "sync-fails":
		s.fail = true
		if err := s.open[arg(1)].Sync(); !errors.Is(err, faults.ErrInjected) {
			return fmt.Errorf("the sync did not fail: %w", err)
		}
		return nil
	case "syncdir":
		return s.d.SyncDir(arg(1))
	case "rename":
		return s.d.Rename(arg(1), arg(2))
	case "link":
		return s.d.Link(arg(1), arg(2))
	case "unlink", "rmdir":
		return s.d.Remove(arg(1))
	case "mkdir":
		return s.d.Mkdir(arg(1), 0)
	case "tick":
		s.now += must(time.ParseDuration(arg(1)))
		return nil
	case "writeback":
		s.d.WriteBack(must(time.ParseDuration(arg(1))))
		return nil
	case "durable":
		s.d.WriteBack(1 << 62)
		return nil
	case "powerloss":
		return s.d.PowerLoss(PosixWeak, LoseAll{})
	}
	return fmt.Errorf("no such line")
}

// expand turns a*3+b*2 into aaabb.
func expand(text string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(text, "+") {
		word, times, ok := strings.Cut(part, "*")
		n := 1
		if ok {
			n = must(strconv.Atoi(times))
		}
		b.WriteString(strings.Repeat(word, n))
	}
	return b.String()
}

// shrink is the reverse of expand: runs of one byte, 0 for zeros, ? for garbage.
func shrink(b []byte) string {
	var parts []string
	junk := make([]byte, len(b))
	garbage(junk, 0)
	for lo := 0; lo < len(b); {
		class := func(i int) string {
			switch {
			case b[i] == 0:
				return "0"
			case b[i] >= 'a' && b[i] <= 'z':
				return string(b[i : i+1])
			}
			return "?"
		}
		hi := lo + 1
		for hi < len(b) && (class(hi) == class(lo) || class(lo) == "?" && b[hi] == junk[hi]) {
			hi++
		}
		parts = append(parts, fmt.Sprintf("%s*%d", class(lo), hi-lo))
		lo = hi
	}
	if parts == nil {
		return "empty"
	}
	return strings.TrimSuffix(strings.ReplaceAll(strings.Join(parts, "+")+"+", "*1+", "+"), "+")
}

// tree prints a current tree on one line. Names of one file share a mark.
func tree(d *Disk) string {
	var parts []string
	names := map[uint64]string{}
	var walk func(dir string, ino uint64)
	walk = func(dir string, ino uint64) {
		d.s.node(ino).side[current].names.m.Scan(func(name string, child uint64) bool {
			at, n := dir+name, d.s.node(child)
			first, again := names[child]
			names[child] = at
			switch {
			case n.dir:
				parts = append(parts, at+"/")
				walk(at+"/", child)
			case again:
				parts = append(parts, at+"=="+first)
			default:
				b := must(d.ReadRaw(at))
				parts = append(parts, at+"="+shrink(b))
			}
			return true
		})
	}
	walk("/", rootIno)
	if parts == nil {
		return "(nothing)"
	}
	return strings.Join(parts, " ")
}

// crashes prints all trees that an enumeration gives.
func crashes(i Image, p Profile, e *Enumerator) string {
	trees, n := map[string]bool{}, 0
	for e.Next() {
		trees[tree(i.Crash(p, e))] = true
		n++
	}
	list := make([]string, 0, len(trees))
	for t := range trees {
		list = append(list, t)
	}
	slices.Sort(list)
	return fmt.Sprintf("%s\n%d trees, %d crashes\n", strings.Join(list, "\n"), len(list), n)
}
