package disk

import (
	"testing"
)

// publish writes a file, without any sync, and renames it.
func publish(d *Disk) {
	put(d, "/tmp", "hello")
	check(d.Rename("/tmp", "/final"))
}

func TestKeepOnlyKeepsWhatIsNeeded(t *testing.T) {
	d := New(nil, Options{})
	publish(d)
	put(d, "/other", "x")
	i := d.Image()
	for k, want := range []string{
		"/tmp=empty", "(nothing)", "/final=empty", "/other=empty", "(nothing)",
	} {
		if got := tree(i.CrashWith(i.KeepOnly(k))); got != want {
			t.Errorf("keeping %v alone: %s, want %s", i.Pending()[k], got, want)
		}
	}
	for k, want := range []string{
		"/other=x", "/final=empty /other=x", "/other=x /tmp=h+e+l*2+o",
		"/final=h+e+l*2+o", "/final=h+e+l*2+o /other=empty",
	} {
		if got := tree(i.CrashWith(LoseOnly(k))); got != want {
			t.Errorf("losing %v alone: %s, want %s", i.Pending()[k], got, want)
		}
	}
}

func TestCrashWithTearsAsTold(t *testing.T) {
	d := New(nil, Options{})
	pages(d, "x")
	f := must(d.OpenFile("/a", 2, 0))
	must(f.WriteAt([]byte("yyyy"), 4094))
	check(d.Mkdir("/d", 0))
	must(f.WriteAt([]byte("zz"), 4098))
	for _, c := range []struct {
		v    Variant
		want string
	}{
		{Variant{}, "/a=x*4094+y*4+z*2 /d/"},
		{Variant{Fate: Lost}, "/a=x*4096 /d/"},
		{Variant{Fate: Torn, Fill: FillShort, At: 4097}, "/a=x*4094+y*3 /d/"},
		{Variant{Fate: Torn, Fill: FillOld, At: 4095}, "/a=x*4094+y+x+0*2 /d/"},
		{Variant{Fate: Torn, Fill: FillZeros, At: 4095, To: 4097}, "/a=x*4094+y+0*2+y /d/"},
		{Variant{Fate: Torn, Steps: 1, Fill: FillZeros}, "/a=x*4094+y*4+0*2 /d/"},
		{Variant{Fate: Torn, Steps: 2}, "/a=x*4094+y*4+z*2 /d/"},
	} {
		got := tree(d.Image().CrashWith(func(p PendingOp) Variant {
			if p.Kind == "data" {
				return c.v
			}
			return Variant{}
		}))
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.v, got, c.want)
		}
	}
}

func TestImagesSeeNothingOfWhatComesLater(t *testing.T) {
	d := New(nil, Options{})
	put(d, "/a", "x")
	f := must(d.OpenFile("/a", 2, 0))
	must(f.WriteString("y"))
	check(d.Link("/a", "/b"))
	check(d.Link("/a", "/c"))
	must(f.WriteString("z"))
	later := []func(d *Disk){
		func(*Disk) { must(f.WriteString("more")) },
		func(*Disk) { check(f.Sync()) },
		func(d *Disk) { check(d.SyncDir("/")) },
		func(d *Disk) { check(d.Link("/a", "/d")) },
		func(d *Disk) { check(d.Remove("/a")) },
		func(d *Disk) { check(d.Remove("/d")) },
	}
	for k, do := range later {
		i := d.Image()
		want, digest, pending := every(i, PosixWeak, 100000), i.Digest(), len(i.Pending())
		do(d)
		if k == 3 { // a fork: each gets a fourth name of its own
			c := i.Crash(Strict, nil)
			check(c.Link("/a", "/e"))
			check(c.Remove("/e"))
		}
		d.Image()
		if got := every(i, PosixWeak, 100000); len(got) != len(want) || len(i.Pending()) != pending {
			t.Errorf("step %d: %d trees and %d pending, before %d and %d", k, len(got), len(i.Pending()), len(want), pending)
		} else {
			for tree := range want {
				if !got[tree] {
					t.Errorf("step %d: lost the tree %s", k, tree)
				}
			}
		}
		c := Image{inos: i.inos, log: uncached(i.log), split: i.split, current: i.current, durable: i.durable}
		if c.Digest() != digest {
			t.Errorf("step %d: the digest changed", k)
		}
	}
}

// uncached copies operations without their cached hashes.
func uncached(log []*op) []*op {
	var list []*op
	for _, o := range log {
		c := *o
		c.hashed = false
		list = append(list, &c)
	}
	return list
}
