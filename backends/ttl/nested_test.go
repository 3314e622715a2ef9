package ttl_test

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/ttl"
)

// onEachReading runs a test with each configuration that says what reading does.
func onEachReading(t *testing.T, test func(t *testing.T, f *five, c ttl.Config)) {
	t.Helper()
	for _, c := range []ttl.Config{
		{},
		{Update: ttl.OnReadAndWrite},
		{Visibility: ttl.ReturnExpiredIfNotCleanedUp},
		{Update: ttl.OnReadAndWrite, Visibility: ttl.ReturnExpiredIfNotCleanedUp},
	} {
		onEach(t, func(t *testing.T, b backends.Backend) { test(t, stamped(t, b, c), c) })
	}
}

// ages puts "b" into the map, then "a" and "c", and waits until "b" has expired.
func (f *five) ages() {
	f.t.Helper()
	f.must(f.users.Put("b", box(2)))
	f.wait(5)
	f.must(f.users.Put("a", box(1)))
	f.must(f.users.Put("c", box(3)))
	f.wait(lifetime + 2)
}

// Reading is no change of a map: it may be done while the map is gone through.
func TestMapsAreReadWhileTheyAreGoneThrough(t *testing.T) {
	onEachReading(t, func(t *testing.T, f *five, c ttl.Config) {
		f.ages()
		want := []string{"a", "a", "c", "c", "a", "c"}
		shows := c.Visibility == ttl.ReturnExpiredIfNotCleanedUp
		if shows {
			want = []string{"a", "a", "b", "c", "b", "a", "b", "c", "c", "a", "c"}
		}
		var got []string
		f.must(f.users.Range(func(user string, _ any) bool {
			got = append(got, user)
			for _, other := range []string{"a", "b", "c"} {
				_, err := f.users.Get(other)
				f.must(err)
				there, err := f.users.Contains(other)
				f.must(err)
				if expired := other == "b"; there != (!expired || shows && user != "c") {
					t.Errorf("%+v: at %q, %q is there: %v", c, user, other, there)
				}
			}
			f.must(f.users.Range(func(inner string, _ any) bool {
				got = append(got, inner)
				return true
			}))
			return true
		}))
		if !slices.Equal(got, want) {
			t.Errorf("%+v: went through %q, want %q", c, got, want)
		}
		stamp := int64(5)
		if c.Update == ttl.OnReadAndWrite {
			stamp = lifetime + 2
		}
		f.wantStamps("map", stamp, stamp)
	})
}

// A way through a map that was left early or closed is over: reading drops and
// stamps again.
func TestReadingDropsAndStampsAgainAfterAWayThroughTheMap(t *testing.T) {
	onEachReading(t, func(t *testing.T, f *five, c ttl.Config) {
		f.ages()
		f.must(f.users.Range(func(string, any) bool { return false }))
		i, err := f.users.Iterator()
		f.must(err)
		i.Close()
		i.Close()
		_, err = f.users.Get("b")
		f.must(err)
		_, err = f.users.Get("c")
		f.must(err)
		want := []int64{5, 5}
		if c.Update == ttl.OnReadAndWrite {
			want = []int64{lifetime + 2, lifetime + 2}
		}
		f.wantStamps("map", want...)
	})
}

// An expired entry that is shown once more may be removed or replaced by whoever
// sees it: then it is nothing to drop any more.
func TestShownExpiredEntriesAreRemovedAndReplaced(t *testing.T) {
	for _, remove := range []bool{true, false} {
		onEach(t, func(t *testing.T, b backends.Backend) {
			f := stamped(t, b, ttl.Config{Visibility: ttl.ReturnExpiredIfNotCleanedUp})
			for _, user := range []string{"a", "b", "c"} {
				f.must(f.users.Put(user, box(1)))
			}
			f.wait(lifetime)
			var got []string
			i, err := f.users.Iterator()
			f.must(err)
			for i.Next() {
				got = append(got, fmt.Sprint(i.Key(), show(i.Value())))
				switch {
				case remove:
					f.must(i.Remove())
				case i.Key() == "b":
					f.must(i.SetValue(box(2)))
				}
			}
			f.must(i.Err())
			if want := []string{"a1", "b1", "c1"}; !slices.Equal(got, want) {
				t.Errorf("remove %v: went through %q, want %q", remove, got, want)
			}
			if remove {
				f.wantStamps("map")
			} else {
				f.wantStamps("map", lifetime)
			}
		})
	}
}
