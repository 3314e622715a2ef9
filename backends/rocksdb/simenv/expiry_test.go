//go:build cgo && !norocksdb

package simenv

import (
	"encoding/binary"
	"math"
	"strconv"
	"testing"

	"github.com/linxGnu/grocksdb"
)

// stamped is an encoded value with the time of its last access in front.
func stamped(at int64, value string) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(at))) + value
}

// framed is an element behind its length.
func framed(element string) string {
	return string(binary.AppendUvarint(nil, uint64(len(element)))) + element
}

// A compaction leaves out, of each layout, what has expired to the millisecond; and
// touches nothing that it cannot take apart.
func TestCompactionsLeaveOutWhatHasExpiredInEachLayout(t *testing.T) {
	const now, lifetime = 1000, 100
	old, young := stamped(now-lifetime, "old"), stamped(now-lifetime+1, "young")
	long := stamped(0, string(make([]byte, 300)))
	for _, c := range []struct {
		what     string
		layout   Layout
		element  int
		lifetime int64
		value    string
		want     string
	}{
		{"a value at its end", Plain, 0, lifetime, old, ""},
		{"a value just before", Plain, 0, lifetime, young, young},
		{"a value that is a stamp alone", Plain, 0, lifetime, old[:8], ""},
		{"a value shorter than a stamp", Plain, 0, lifetime, old[:7], old[:7]},
		{"a stamp from before time", Plain, 0, lifetime, stamped(math.MinInt64+lifetime, ""), ""},
		{"a lifetime beyond time", Plain, 0, math.MaxInt64, old, old},
		{"a value of a map", Flagged, 0, lifetime, "\x00" + old, ""},
		{"a younger one", Flagged, 0, lifetime, "\x00" + young, "\x00" + young},
		{"no value of a map", Flagged, 0, lifetime, "", ""},
		{"all of a list", Joined, 0, lifetime, framed(old) + "," + framed(old), ""},
		{"none of it", Joined, 0, lifetime, framed(young) + "," + framed(young), framed(young) + "," + framed(young)},
		{"the first", Joined, 0, lifetime, framed(long) + "," + framed(young), framed(young)},
		{"the middle", Joined, 0, lifetime, framed(young) + "," + framed(long) + "," + framed(young), framed(young) + "," + framed(young)},
		{"the last", Joined, 0, lifetime, framed(young) + "," + framed(old), framed(young)},
		{"elements of one length", Joined, 8, lifetime, old[:8] + "," + young[:8] + "," + old[:8], young[:8]},
		{"a list cut short", Joined, 0, lifetime, framed(old) + "," + framed(old)[:5], framed(old) + "," + framed(old)[:5]},
		{"a list that ends with a comma", Joined, 8, lifetime, old[:8] + ",", old[:8] + ","},
		{"a list without commas", Joined, 8, lifetime, old[:8] + old[:8], old[:8] + old[:8]},
		{"a length that never ends", Joined, 0, lifetime, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" + old, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" + old},
		{"an element of no bytes", Joined, 0, lifetime, "\x00," + framed(old), "\x00," + framed(old)},
	} {
		e := Expiring{Layout: c.layout, ElementBytes: c.element, Lifetime: c.lifetime, Now: now}
		got, dropped := compacted(t, c.value, e)
		if got != c.want || (dropped > 0) != (c.want != c.value) {
			t.Errorf("%s: %q is left of %q, want %q; %d values were dropped", c.what, got, c.value, c.want, dropped)
		}
	}
}

// compacted is what a compaction leaves of a value in one family, and counts. In
// another family, of which nothing is said, all is left.
func compacted(t *testing.T, value string, of Expiring) (left string, dropped int64) {
	t.Helper()
	w := newWorld(t, setup{})
	e := NewExpiry()
	defer e.Release()
	w.opts.Destroy()
	filtered, err := e.Options(w.base)
	w.must(err)
	defer filtered.Destroy()
	w.opts, err = w.env.Options(filtered)
	w.must(err)
	w.must(w.open("other"))
	e.Set(w.cfs[0].ID(), of)
	for cf := range w.cfs {
		for i := range 3 { // the value is between others
			w.must(w.put(cf, strconv.Itoa(i), []string{stamped(math.MaxInt64-2000, ""), value, stamped(math.MaxInt64-2000, "")}[i]))
		}
	}
	w.must(w.flush())
	w.env.Drain()
	for _, cf := range w.cfs {
		w.env.While(func() { w.db.CompactRangeCF(cf, grocksdb.Range{}) })
	}
	left, err = w.get(0, "1")
	w.must(err)
	if other, err := w.get(1, "1"); other != value || err != nil {
		t.Errorf("%q is left of %q in another family, %v", other, value, err)
	}
	dropped = e.Dropped()
	w.mustClose()
	return left, dropped
}

func TestSlotsOfExpiriesServeAgainAndForget(t *testing.T) {
	first := NewExpiry()
	second := NewExpiry()
	if first.slot == second.slot {
		t.Fatalf("two expiries have slot %d", first.slot)
	}
	first.Set(0, Expiring{Lifetime: 1, Now: 1000})
	first.Release()
	third := NewExpiry()
	if third.slot != first.slot {
		t.Errorf("slot %d is not used again, but %d", first.slot, third.slot)
	}
	third.Release()
	second.Release()
	if got, dropped := compacted(t, stamped(0, "old"), Expiring{Lifetime: 5000, Now: 1000}); got == "" || dropped != 0 {
		t.Errorf("%d values were dropped by what an earlier expiry was told", dropped)
	}
}
