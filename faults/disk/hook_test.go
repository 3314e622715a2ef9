package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/faults"
)

// asked records the hook's questions, and answers the one that is set.
type asked struct {
	log    []string
	on     func(faults.Op) bool
	answer func() faults.Outcome
}

func (a *asked) hook(op faults.Op) faults.Outcome {
	line := op.Kind.String() + " " + op.Path
	if op.To != "" {
		line += " " + op.To
	}
	if op.Bytes > 0 {
		line += fmt.Sprintf(" %d@%d", op.Bytes, op.Offset)
	}
	if op.Done {
		line += " done"
	}
	if op.Atomic {
		line += " atomic"
	}
	a.log = append(a.log, line)
	if a.on != nil && a.on(op) {
		return a.answer()
	}
	return faults.Outcome{}
}

func (a *asked) failOn(kind faults.OpKind, done bool, partial int) {
	a.on = func(op faults.Op) bool { return op.Kind == kind && op.Done == done }
	a.answer = func() faults.Outcome { return faults.Outcome{Err: faults.ErrInjected, Partial: partial} }
}

func TestEachOperationAsksTwice(t *testing.T) {
	a := &asked{}
	d := New(a.hook, Options{})
	check(d.MkdirAll("/x/y", 0))
	f := must(d.Create("x/y/../f"))
	must(f.WriteString("hello"))
	must(f.ReadAt(make([]byte, 2), 1))
	check(f.Truncate(3))
	check(f.Sync())
	must(f.Stat())
	check(f.Close())
	must(d.Create("/x/f"))
	check(d.Link("/x/f", "/x/g"))
	check(d.Rename("/x/g", "/h"))
	check(d.SyncDir("/x"))
	dir := must(d.Open("/x"))
	must(dir.Readdirnames(-1))
	check(dir.Sync())
	must(d.Atomic().Stat("/h"))
	check(d.RemoveAll("/x"))
	ops := []string{
		"mkdir /x", "mkdir /x/y", "create /x/f", "write /x/f 5@0", "read /x/f 2@1", "truncate /x/f", "sync /x/f",
		"stat /x/f", "open /x/f", "truncate /x/f", "link /x/f /x/g", "rename /x/g /h", "syncdir /x", "open /x",
		"list /x", "syncdir /x", "stat /h", "unlink /x/f", "unlink /x/y", "unlink /x",
	}
	var want []string
	for _, op := range ops {
		mark := ""
		if op == "stat /h" {
			mark = " atomic"
		}
		want = append(want, op+mark, op+" done"+mark)
	}
	if diff := cmp.Diff(want, a.log); diff != "" {
		t.Fatal(diff)
	}
}

// everyKind runs one operation of each kind on a fresh disk with /a and /d.
var everyKind = map[faults.OpKind]func(d *Disk, f fs.File) error{
	faults.OpCreate:   func(d *Disk, _ fs.File) error { _, err := d.Create("/new"); return err },
	faults.OpOpen:     func(d *Disk, _ fs.File) error { _, err := d.Open("/a"); return err },
	faults.OpRead:     func(_ *Disk, f fs.File) error { _, err := f.Read(make([]byte, 1)); return err },
	faults.OpWrite:    func(_ *Disk, f fs.File) error { _, err := f.(*File).WriteAt([]byte("zz"), 0); return err },
	faults.OpTruncate: func(_ *Disk, f fs.File) error { return f.(*File).Truncate(1) },
	faults.OpSync:     func(_ *Disk, f fs.File) error { return f.(*File).Sync() },
	faults.OpSyncDir:  func(d *Disk, _ fs.File) error { return d.SyncDir("/") },
	faults.OpRename:   func(d *Disk, _ fs.File) error { return d.Rename("/a", "/b") },
	faults.OpLink:     func(d *Disk, _ fs.File) error { return d.Link("/a", "/b") },
	faults.OpUnlink:   func(d *Disk, _ fs.File) error { return d.Remove("/a") },
	faults.OpMkdir:    func(d *Disk, _ fs.File) error { return d.Mkdir("/b", 0) },
	faults.OpList:     func(d *Disk, _ fs.File) error { _, err := must(d.Open("/d")).Readdir(-1); return err },
	faults.OpStat:     func(d *Disk, _ fs.File) error { _, err := d.Stat("/a"); return err },
}

// prepared has /a, open, and /d, with something pending.
func prepared(hook Hook) (*Disk, *File) {
	d := New(nil, Options{})
	check(d.Mkdir("/d", 0))
	f := must(d.Create("/a"))
	must(f.WriteString("abc"))
	d = d.View(hook)
	return d, must(d.OpenFile("/a", 2, 0)).(*File)
}

func TestAnErrorOnEntryHasNoEffectAndOneAfterwardsHasAll(t *testing.T) {
	for kind := range faults.OpKindCount {
		effect := func(done bool) (before, plain, after uint64, err error) {
			d, f := prepared(nil)
			before = d.Image().Digest()
			check(everyKind[kind](d, f))
			plain = d.Image().Digest()
			a := &asked{}
			d, f = prepared(a.hook)
			a.failOn(kind, done, 0)
			err = everyKind[kind](d, f)
			return before, plain, d.Image().Digest(), err
		}
		before, _, failed, err := effect(false)
		if !errors.Is(err, faults.ErrInjected) {
			t.Errorf("%v: error on entry: %v", kind, err)
		}
		// A failed sync is the exception: it loses what was dirty.
		if kind != faults.OpSync && failed != before {
			t.Errorf("%v: an error on entry had an effect", kind)
		}
		_, plain, after, err := effect(true)
		if !errors.Is(err, faults.ErrInjected) {
			t.Errorf("%v: error after effect: %v", kind, err)
		}
		if after != plain {
			t.Errorf("%v: an error after the effect took it back", kind)
		}
		if kind.Mutates() != (plain != before) {
			t.Errorf("%v: changes the disk: %v", kind, plain != before)
		}
	}
}

func TestTornWriteKeepsItsBeginning(t *testing.T) {
	a := &asked{}
	d := New(a.hook, Options{})
	f := must(d.Create("/a"))
	a.failOn(faults.OpWrite, false, 3)
	n, err := f.WriteString("hello")
	if n != 3 || !errors.Is(err, faults.ErrInjected) {
		t.Fatal(n, err)
	}
	a.on = nil
	must(f.WriteString("p"))
	if b := must(d.ReadRaw("/a")); string(b) != "help" {
		t.Fatalf("%q", b)
	}
}

func TestShortReadIsThatOfTheHook(t *testing.T) {
	a := &asked{}
	d := New(a.hook, Options{})
	put(d, "/a", "hello")
	a.on = func(op faults.Op) bool { return op.Kind == faults.OpRead && !op.Done }
	a.answer = func() faults.Outcome { return faults.Outcome{Partial: 2} }
	f, buf := must(d.Open("/a")), make([]byte, 9)
	if n, err := f.Read(buf); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if all := must(io.ReadAll(f)); string(all) != "llo" {
		t.Fatalf("%q", all)
	}
}

func TestPanicOfTheHookLeavesWholeOperations(t *testing.T) {
	for kind := range faults.OpKindCount {
		for _, done := range []bool{false, true} {
			plain, pf := prepared(nil)
			if done {
				check(everyKind[kind](plain, pf))
			}
			d, f := prepared(nil)
			d.p.hook = func(op faults.Op) faults.Outcome {
				if op.Kind == kind && op.Done == done {
					panic("dead")
				}
				return faults.Outcome{}
			}
			func() {
				defer func() { _ = recover() }()
				_ = everyKind[kind](d, f)
				t.Errorf("%v: the hook was not asked, done=%v", kind, done)
			}()
			if d.Image().Digest() != plain.Image().Digest() {
				t.Errorf("%v: half an operation, done=%v", kind, done)
			}
			d.Detach()
			v := d.View(nil)
			put(v, "/after", "works")
		}
	}
}

func TestDetachedProcessCanDoNothingMore(t *testing.T) {
	for kind := range faults.OpKindCount {
		a := &asked{}
		d, f := prepared(a.hook)
		before := d.Image().Digest()
		dir := must(d.Open("/d"))
		d.Detach()
		a.log = nil
		var err error
		if kind == faults.OpList {
			_, err = dir.Readdir(-1)
		} else {
			err = everyKind[kind](d, f)
		}
		if !errors.Is(err, ErrDetached) {
			t.Errorf("%v: %v", kind, err)
		}
		if len(a.log) > 0 || d.Image().Digest() != before {
			t.Errorf("%v of a dead process: asked %q", kind, a.log)
		}
		if err := f.Close(); !errors.Is(err, ErrDetached) {
			t.Errorf("close: %v", err)
		}
	}
}

func TestProcessThatDiesInTheHookHasNoEffect(t *testing.T) {
	for kind := range faults.OpKindCount {
		d, f := prepared(nil)
		before := d.Image().Digest()
		d.p.hook = func(op faults.Op) faults.Outcome {
			if op.Kind == kind {
				d.Detach()
			}
			return faults.Outcome{}
		}
		if err := everyKind[kind](d, f); !errors.Is(err, ErrDetached) {
			t.Errorf("%v: %v", kind, err)
		}
		if d.Image().Digest() != before {
			t.Errorf("%v: a process that died on entry had an effect", kind)
		}
	}
}

func TestPowerLossInTheHookEndsTheOperation(t *testing.T) {
	for _, kind := range []faults.OpKind{faults.OpRead, faults.OpWrite, faults.OpTruncate, faults.OpSync} {
		d, f := prepared(nil)
		d.p.hook = func(op faults.Op) faults.Outcome {
			if op.Kind == kind && !op.Done {
				check(d.PowerLoss(PosixWeak, KeepAll{}))
			}
			return faults.Outcome{}
		}
		before := d.Image().Crash(PosixWeak, KeepAll{}).Image().Digest()
		if err := everyKind[kind](d, f); !errors.Is(err, ErrPowerLost) {
			t.Errorf("%v: %v", kind, err)
		}
		if d.Image().Digest() != before {
			t.Errorf("%v: had an effect after the power was lost", kind)
		}
	}
}

func TestAppendGoesToTheEndAsItIsAfterTheHook(t *testing.T) {
	d := New(nil, Options{})
	put(d, "/a", "one")
	other := must(d.OpenFile("/a", 1|appending, 0))
	v := d.View(func(op faults.Op) faults.Outcome {
		if op.Kind == faults.OpWrite && !op.Done {
			must(other.WriteString("two"))
		}
		return faults.Outcome{}
	})
	f := must(v.OpenFile("/a", 1|appending, 0))
	must(f.WriteString("three"))
	if b := must(d.ReadRaw("/a")); string(b) != "onetwothree" {
		t.Fatalf("%q", b)
	}
}

func TestPowerLossClosesFilesAndKeepsViews(t *testing.T) {
	d, f := prepared(nil)
	check(d.PowerLoss(PosixWeak, KeepAll{}))
	for kind, do := range everyKind {
		if kind == faults.OpRead || kind == faults.OpWrite || kind == faults.OpTruncate || kind == faults.OpSync {
			if err := do(d, f); !errors.Is(err, ErrPowerLost) {
				t.Errorf("%v: %v", kind, err)
			}
		}
	}
	if b := must(d.ReadRaw("/a")); string(b) != "abc" {
		t.Fatalf("%q", b)
	}
	if got := d.Image().Pending(); len(got) > 0 {
		t.Fatal(got)
	}
}

func TestErrorsAreThoseOfTheOperatingSystem(t *testing.T) {
	d := New(nil, Options{})
	check(d.Mkdir("/d", 0))
	put(d, "/d/f", "x")
	open := func(name string, flag int) error { _, err := d.OpenFile(name, flag, 0); return err }
	for _, c := range []struct {
		what string
		err  error
		want error
	}{
		{"open none", open("/none", 0), fs.ErrNotExist},
		{"open below none", open("/none/x", 0), fs.ErrNotExist},
		{"create exclusively", open("/d/f", 2|creating|exclusive), fs.ErrExist},
		{"mkdir twice", d.Mkdir("/d", 0), fs.ErrExist},
		{"mkdir below none", d.Mkdir("/none/x", 0), fs.ErrNotExist},
		{"remove none", d.Remove("/none"), fs.ErrNotExist},
		{"remove a full directory", d.Remove("/d"), fs.ErrExist}, // ENOTEMPTY
		{"link over", d.Link("/d/f", "/d/f"), fs.ErrExist},
		{"link of a directory", d.Link("/d", "/e"), fs.ErrPermission},
		{"rename none", d.Rename("/none", "/x"), fs.ErrNotExist},
		{"rename below none", d.Rename("/d/f", "/none/x"), fs.ErrNotExist},
	} {
		var path *fs.PathError
		if !errors.Is(c.err, c.want) || !errors.As(c.err, &path) {
			t.Errorf("%s: %v, want %v in a PathError", c.what, c.err, c.want)
		}
	}
	for what, err := range map[string]error{
		"into itself": d.Rename("/d", "/d/e"), "file over directory": d.Rename("/d/f", "/d"),
		"file as directory": d.Mkdir("/d/f/x", 0), "write a directory": open("/d", 2),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestListingsAreSortedAndReadInParts(t *testing.T) {
	d := New(nil, Options{})
	for _, name := range strings.Fields("c a d b") {
		put(d, name, name)
	}
	f := must(d.Open("/"))
	first := must(f.Readdirnames(3))
	second := must(f.Readdirnames(3))
	if _, err := f.Readdirnames(3); err != io.EOF {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a", "b", "c"}, {"d"}}, [][]string{first, second}); diff != "" {
		t.Fatal(diff)
	}
}
