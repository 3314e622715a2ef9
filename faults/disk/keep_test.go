package disk

import (
	"testing"
	"time"

	"flinch/faults"
)

func TestNothingIsKeptOfWhatNobodyCanReach(t *testing.T) {
	d := New(nil, Options{})
	for _, durably := range []bool{false, true} {
		check(d.MkdirAll("/d/e", 0))
		put(d, "/d/e/a", "x")
		check(d.Link("/d/e/a", "/d/b"))
		put(d, "/c", "y")
		check(d.Rename("/c", "/d/b"))
		held := must(d.Open("/d/b"))
		if durably {
			d.WriteBack(time.Hour)
		}
		check(d.RemoveAll("/d"))
		d.WriteBack(time.Hour)
		if n := d.s.inos.Len(); n != 2 {
			t.Errorf("%d inodes, want the root and the open file", n)
		}
		view := d.View(nil)
		lost := must(view.Create("/lost"))
		check(view.Remove("/lost"))
		must(lost.WriteString("z"))
		d.WriteBack(time.Hour)
		view.Detach()
		check(held.Close())
		if n, pending := d.s.inos.Len(), len(d.s.log); n != 1 || pending > 0 {
			t.Errorf("%d inodes, %d operations, want the root alone", n, pending)
		}
	}
}

func TestEmptiedFileForgetsItsFailedSync(t *testing.T) {
	a := &asked{}
	d := New(a.hook, Options{})
	f := must(d.Create("/a"))
	must(f.WriteString("x"))
	a.failOn(faults.OpSync, false, 0)
	if f.Sync() == nil {
		t.Fatal("the sync did not fail")
	}
	a.on = nil
	check(f.Truncate(0))
	must(f.WriteAt([]byte("x"), 0))
	d.WriteBack(time.Hour)
	n := New(nil, Options{})
	put(n, "/a", "x")
	n.WriteBack(time.Hour)
	if d.Image().Digest() != n.Image().Digest() {
		t.Fatal("equal disks, other digests")
	}
}
