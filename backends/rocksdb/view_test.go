//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"testing"
)

func TestViewHoldsWhatTheStoreHeld(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		put(t, s, "\x01", "a", "old")
		v, err := s.View()
		must(t, err)
		put(t, s, "\x01", "a", "new")
		put(t, s, "\x01", "b", "new")
		must(t, open(t, s, "later").Put([]byte("\x01c"), []byte("new")))
		must(t, s.flushAll())
		var got string
		for _, name := range []string{"values", "later", "none"} {
			must(t, v.Scan(name, []byte("\x01"), []byte("\x02"), func(key, value []byte) bool {
				got += string(key) + "=" + string(value) + " "
				return true
			}))
		}
		if got != "\x01a=old " {
			t.Errorf("the view has %q", got)
		}
	})
}

func TestScanEndsWhenItsViewIsReleased(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		fill(t, s, 1, 100)
		v, err := s.View()
		must(t, err)
		seen := 0
		err = v.Scan("values", nil, nil, func(_, _ []byte) bool {
			seen++
			must(t, v.Scan("lists", nil, nil, func(_, _ []byte) bool { return false }))
			v.Release()
			v.Release()
			return true
		})
		if !errors.Is(err, errReleased) || seen != 1 {
			t.Errorf("%d entries seen, then error %v", seen, err)
		}
		if err := v.Scan("values", nil, nil, nil); !errors.Is(err, errReleased) {
			t.Errorf("scan of a released view: %v", err)
		}
	})
}

// TestCloseReleasesWhatIsOpen: the library aborts the process if a database is
// closed before its iterators and snapshots.
func TestCloseReleasesWhatIsOpen(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		fill(t, s, 1, 600)
		p := w.begin(s, 1)
		v, err := s.View()
		must(t, err)
		other, err := s.View()
		must(t, err)
		err = v.Scan("values", nil, nil, func(_, _ []byte) bool {
			_ = other.Scan("lists", nil, nil, func(_, _ []byte) bool {
				fill(t, s, 2, 100)
				must(t, s.Close())
				return true
			})
			return true
		})
		if !errors.Is(err, errReleased) {
			t.Errorf("scan over a store that was closed: %v", err)
		}
		if _, err := p.Write(background); !errors.Is(err, errClosed) {
			t.Errorf("write of a store that was closed: %v", err)
		}
		if _, err := s.View(); !errors.Is(err, errClosed) {
			t.Errorf("view of a store that was closed: %v", err)
		}
		must(t, s.Close())
	})
}

func TestScanClosesItsIteratorWhenTheTaskIsKilled(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 100)
	v, err := s.View()
	must(t, err)
	die := func(scan func(yield func(_, _ []byte) bool) error) {
		defer func() { _ = recover() }()
		_ = scan(func(_, _ []byte) bool { panic(killed{}) })
	}
	die(func(yield func(_, _ []byte) bool) error { return v.Scan("values", nil, nil, yield) })
	die(func(yield func(_, _ []byte) bool) error { return open(t, s, "values").Scan(nil, nil, yield) })
	must(t, s.Close())
}

// TestViewLendsMemoryOfItsOwn: what the engine lends is gone with the iterator,
// which may be closed while a scan's visitor still reads.
func TestViewLendsMemoryOfItsOwn(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x01", "a", "x")
	put(t, s, "\x01", "b", "y")
	v, err := s.View()
	must(t, err)
	var keys, values []*byte
	must(t, v.Scan("values", nil, nil, func(key, value []byte) bool {
		keys, values = append(keys, &key[0]), append(values, &value[0])
		return true
	}))
	if keys[0] != keys[1] || values[0] != values[1] {
		t.Error("two entries were lent from two places: not from the scan's own memory")
	}
}
