package disk

import (
	"io/fs"
	"testing"

	"github.com/spf13/afero"
	"pgregory.net/rapid"
)

// played is a disk after random operations, some of them durable.
func played(t *rapid.T, most int) *Disk {
	p := &player{}
	p.d = New(nil, Options{})
	if rapid.Bool().Draw(t, "begun") {
		p.begin()
	}
	for _, m := range moves(t, most) {
		p.play(m)
	}
	return p.d
}

func TestStrictCrashChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 40)
		i := d.Image()
		c := i.Crash(Strict, nil)
		if a, b := tree(d), tree(c); a != b {
			t.Fatalf("before %s\nafter %s", a, b)
		}
		if i.Digest() != c.Image().Digest() {
			t.Fatal("digests differ")
		}
	})
}

func TestKeepAllIsTheCurrentTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 40)
		for p := PosixWeak; p < Strict; p++ {
			c := d.Image().Crash(p, KeepAll{})
			if a, b := tree(d), tree(c); a != b {
				t.Fatalf("%v: before %s\nafter %s", p, a, b)
			}
			if n := len(c.Image().Pending()); n > 0 {
				t.Fatalf("%v: %d operations pending after a crash", p, n)
			}
		}
	})
}

func TestWhatIsSyncedSurvivesEveryProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 40)
		for e := range d.Files() {
			f := must(d.Open(e.Path))
			check(f.Sync())
			check(f.Close())
		}
		// Every folder that there is: moves make some at any depth.
		check(afero.Walk(d, "/", func(name string, info fs.FileInfo, err error) error {
			if err == nil && info.IsDir() {
				err = d.SyncDir(name)
			}
			return err
		}))
		want := tree(d)
		for p := PosixWeak; p <= Strict; p++ {
			if got := tree(d.Image().Crash(p, draws{t})); got != want {
				t.Fatalf("%v: synced %s\nfound %s", p, want, got)
			}
		}
	})
}

// every tree of a profile, nil if there are too many.
func every(i Image, p Profile, most int) map[string]bool {
	trees := map[string]bool{}
	for e := new(Enumerator); e.Next(); most-- {
		if most == 0 {
			return nil
		}
		trees[tree(i.Crash(p, e))] = true
	}
	return trees
}

func TestStrongerProfilesLeaveFewerTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 12)
		i := d.Image()
		weak := every(i, PosixWeak, 300)
		if weak == nil {
			return
		}
		for _, p := range []Profile{Ext4Ordered, Prefix} {
			for e := new(Enumerator); e.Next(); {
				if got := tree(i.Crash(p, e)); !weak[got] {
					t.Fatalf("%v leaves %s, posix-weak does not", p, got)
				}
			}
		}
	})
}

func TestSampledCrashesAreAmongTheEnumerated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 12)
		p := Profile(rapid.IntRange(0, int(Prefix)).Draw(t, "profile"))
		trees, n := map[string]bool{}, 0
		for e := new(Enumerator); e.Next(); n++ {
			if n == 400 {
				return
			}
			trees[tree(d.Image().Crash(p, e))] = true
		}
		for range 20 {
			if got := tree(d.Image().Crash(p, draws{t})); !trees[got] {
				t.Fatalf("%v: %s was not enumerated", p, got)
			}
		}
	})
}

func TestCrashWithTellsTheSameAsTheChoosers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 30)
		i := d.Image()
		same := func(what string, a, b *Disk) {
			if x, y := tree(a), tree(b); x != y {
				t.Fatalf("%s: told %s\nchosen %s", what, x, y)
			}
		}
		same("keep all", i.CrashWith(func(PendingOp) Variant { return Variant{} }), i.Crash(PosixWeak, KeepAll{}))
		same("lose all", i.CrashWith(func(PendingOp) Variant { return Variant{Fate: Lost} }), i.Crash(PosixWeak, LoseAll{}))
		weak := every(i, PosixWeak, 300)
		if weak == nil {
			return
		}
		for k := range i.Pending() {
			if got := tree(i.CrashWith(LoseOnly(k))); !weak[got] {
				t.Fatalf("losing %d alone leaves %s", k, got)
			}
			if got := tree(i.CrashWith(i.KeepOnly(k))); !weak[got] {
				t.Fatalf("keeping %d alone leaves %s", k, got)
			}
		}
	})
}

func TestCrashesLeaveTheImageAndItsDiskAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 30)
		i := d.Image()
		want, digest := tree(i.Crash(Strict, nil)), i.Digest()
		c := i.Crash(PosixWeak, draws{t})
		p := &player{d: c}
		for _, m := range moves(t, 20) {
			p.play(m)
		}
		q := &player{d: d}
		for _, m := range moves(t, 20) {
			q.play(m)
		}
		if got := tree(i.Crash(Strict, nil)); got != want || i.Digest() != digest {
			t.Fatalf("the image was %s\nand is %s", want, got)
		}
	})
}
