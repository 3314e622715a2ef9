package disk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/spf13/afero"
	"pgregory.net/rapid"

	"flinch/faults"
)

// player makes random operations on a few paths, the same for the same draws.
type player struct {
	d     *Disk
	files []afero.File
	trace []string
}

func (p *player) hook(op faults.Op) faults.Outcome {
	p.trace = append(p.trace, fmt.Sprint(op))
	return faults.Outcome{}
}

// move is one random operation.
type move struct {
	kind, a, b, n int
	fill          byte
}

func moves(t *rapid.T, most int) []move {
	paths := rapid.IntRange(0, len(somePaths)-1)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
		return move{
			kind: rapid.IntRange(0, 12).Draw(t, "kind"),
			a:    paths.Draw(t, "a"), b: paths.Draw(t, "b"),
			n:    rapid.SampledFrom([]int{0, 1, 100, 512, 4096, 9000}).Draw(t, "n"),
			fill: rapid.SampledFrom([]byte("xyz\x00")).Draw(t, "fill"),
		}
	}), 0, most).Draw(t, "moves")
}

var somePaths = [...]string{"/a", "/b", "/d", "/d/a", "/d/b", "/e", "/e/a", "/d/e", "/d/e/a"}

// begin makes some directories and files, and makes them durable: else most
// random operations would find nothing.
func (p *player) begin() *player {
	for _, dir := range []string{"/d", "/e", "/d/e"} {
		check(p.d.Mkdir(dir, 0o755))
	}
	for _, file := range []string{"/a", "/d/a", "/d/e/a"} {
		f := must(p.d.Create(file))
		must(f.WriteString(strings.Repeat("o", 5000)))
		p.files = append(p.files, f)
	}
	check(p.d.Link("/a", "/b"))
	p.d.WriteBack(1 << 62)
	return p
}

func (p *player) play(m move) {
	a, b := somePaths[m.a], somePaths[m.b]
	var err error
	switch m.kind {
	case 0:
		err = p.d.Mkdir(a, 0o755)
	case 1:
		err = p.d.Remove(a)
	case 2:
		err = p.d.Rename(a, b)
	case 3:
		err = p.d.Link(a, b)
	case 4:
		err = p.d.SyncDir(a)
	case 5:
		err = p.d.SyncDir("/")
	case 6:
		var f afero.File
		flag := 2 | creating
		if m.n%3 == 1 {
			flag |= truncating
		}
		if f, err = p.d.OpenFile(a, flag, 0o644); err == nil {
			p.files = append(p.files, f)
		}
	case 7:
		var list []string
		f, openErr := p.d.Open(a)
		if err = openErr; err == nil {
			list, err = f.Readdirnames(-1)
			err = cmp.Or(err, f.Close())
		}
		p.trace = append(p.trace, strings.Join(list, " "))
	default:
		err = p.playFile(m)
	}
	p.trace = append(p.trace, fmt.Sprint(err))
}

func (p *player) playFile(m move) error {
	if len(p.files) == 0 {
		return nil
	}
	i := m.a % len(p.files)
	f := p.files[i]
	switch m.kind {
	case 8:
		_, err := f.WriteString(strings.Repeat(string(m.fill), m.n))
		return err
	case 9:
		_, err := f.WriteAt([]byte(strings.Repeat(string(m.fill), m.n)), int64(700*m.b))
		return err
	case 10:
		return f.Truncate(int64(m.n))
	case 11:
		return f.Sync()
	}
	buf := make([]byte, 300)
	n, err := f.ReadAt(buf, int64(m.n)/2)
	p.trace = append(p.trace, string(buf[:n]))
	p.files = slices.Delete(p.files, i, i+1)
	return cmp.Or(err, f.Close())
}

// draws is a Chooser over rapid.
type draws struct{ t *rapid.T }

func (d draws) Uint64N(label string, n uint64) uint64 {
	return rapid.Uint64Range(0, n-1).Draw(d.t, label)
}

func TestRealFolderGivesTheSameTraceAndTheSameCrashes(t *testing.T) {
	root := afero.NewOsFs()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := afero.TempDir(root, "", "flinch-disk")
		check(err)
		defer func() { check(root.RemoveAll(dir)) }()
		mem, real := &player{}, &player{}
		mem.d = New(mem.hook, Options{})
		real.d = must(On(afero.NewBasePathFs(root, dir), real.hook, Options{}))
		seed := lcg(rapid.Uint64().Draw(t, "seed"))
		src := &lcgRecorder{seed, seed}
		if rapid.Bool().Draw(t, "begun") {
			mem.begin()
			real.begin()
		}
		for _, part := range [][]move{moves(t, 20), moves(t, 10)} {
			for _, m := range part {
				mem.play(m)
				real.play(m)
			}
			if diff := gocmp.Diff(mem.trace, real.trace); diff != "" {
				t.Fatalf("traces (-memory +real):\n%s", diff)
			}
			sameFolder(t, real.d, dir)
			check(mem.d.PowerLoss(PosixWeak, src))
			check(real.d.PowerLoss(PosixWeak, src.again()))
			if a, b := tree(mem.d), tree(real.d); a != b {
				t.Fatalf("after power loss:\nmemory %s\nreal   %s", a, b)
			}
			sameFolder(t, real.d, dir)
			mem.files, real.files = nil, nil
		}
	})
}

// lcgRecorder gives the same draws twice.
type lcgRecorder struct{ seed, start lcg }

func (r *lcgRecorder) Uint64N(label string, n uint64) uint64 { return r.seed.Uint64N(label, n) }

func (r *lcgRecorder) again() *lcgRecorder {
	c := &lcgRecorder{seed: r.start, start: r.start}
	r.start = r.seed
	return c
}

// sameFolder compares what the disk believes with what lies in the folder.
func sameFolder(t *rapid.T, d *Disk, dir string) {
	loaded := must(On(afero.NewBasePathFs(afero.NewOsFs(), dir), nil, Options{}))
	var believed, found []string
	for e := range d.Files() {
		believed = append(believed, fmt.Sprintf("%s %d %x", e.Path, e.Size, e.Sum()))
	}
	for e := range loaded.Files() {
		found = append(found, fmt.Sprintf("%s %d %x", e.Path, e.Size, e.Sum()))
	}
	if diff := gocmp.Diff(believed, found); diff != "" {
		t.Fatalf("the folder (-believed +found):\n%s", diff)
	}
}

func TestOnRefusesAFolderWithoutHardLinks(t *testing.T) {
	if _, err := On(afero.NewMemMapFs(), nil, Options{}); err == nil {
		t.Fatal("a memory map has no hard links")
	}
}

func TestLinksMadeOnARealFolderAreHardLinks(t *testing.T) {
	dir := t.TempDir()
	d := must(On(afero.NewBasePathFs(afero.NewOsFs(), dir), nil, Options{}))
	putSynced(d, "/a", "one")
	check(d.Link("/a", "/b"))
	check(d.SyncDir("/"))
	check(afero.WriteFile(afero.NewOsFs(), dir+"/a", []byte("two"), 0o644))
	b := must(afero.ReadFile(afero.NewOsFs(), dir+"/b"))
	if string(b) != "two" {
		t.Fatalf("the other name reads %q", b)
	}
	f := must(d.OpenFile("/b", 2, 0))
	must(f.WriteString("changed"))
	check(d.PowerLoss(PosixWeak, LoseAll{})) // the file is rewritten
	check(afero.WriteFile(afero.NewOsFs(), dir+"/a", []byte("three"), 0o644))
	if b = must(afero.ReadFile(afero.NewOsFs(), dir+"/b")); string(b) != "three" {
		t.Fatalf("after power loss the other name reads %q", b)
	}
	if _, err := d.Open("/none"); !errors.Is(err, afero.ErrFileNotFound) {
		t.Fatal(err)
	}
}
