package ttl_test

import (
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/ttl"
)

// stamped registers states with a time to live.
func stamped(t *testing.T, b backends.Backend, c ttl.Config) *five {
	t.Helper()
	w := newWorld(t, b, c)
	f := (&job{t: t}).five(w.Instance, w.Keyed, boxCodec())
	w.Use(1)
	// The clock is the world's: this moves it.
	f.wait = func(until int64) { w.now = until }
	return f
}

func (f *five) wantStamps(state string, want ...int64) {
	f.t.Helper()
	if got := f.stamps(state); !slices.Equal(want, got) {
		f.t.Errorf("%s has the stamps %v, want %v", state, got, want)
	}
}

func TestEachElementAndUserKeyHasAStampOfItsOwn(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		f := stamped(t, b, ttl.Config{})
		for now := range int64(3) {
			f.wait(now)
			f.must(f.list.AddAll([]any{box(now), box(now)}))
			f.must(f.users.Put(string('a'+rune(now)), box(now)))
			f.must(f.value.Update(box(now)))
			f.must(f.sum.Add(box(now)))
			f.must(f.mean.Add(now))
		}
		f.wait(5)
		f.must(f.users.Put("b", box(9)))
		_, err := f.list.Get() // reading sets none
		f.must(err)
		f.wantStamps("list", 0, 0, 1, 1, 2, 2)
		f.wantStamps("map", 0, 5, 2)
		f.wantStamps("value", 2)
		f.wantStamps("sum", 2)
		f.wantStamps("mean", 2)
		f.wait(7)
		f.must(f.list.Update([]any{box(1), box(2)}))
		f.wantStamps("list", 7, 7)
	})
}

func TestReadingSetsTheStampIfToldTo(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		f := stamped(t, b, ttl.Config{Update: ttl.OnReadAndWrite})
		f.must(f.list.Add(box(1)))
		f.must(f.users.Put("a", box(1)))
		f.wait(4)
		f.must(f.list.AddAll([]any{box(2), box(3)}))
		f.must(f.users.Put("b", box(2)))
		f.must(f.users.Put("c", box(3)))
		f.wait(9)
		_, err := f.list.Get()
		f.must(err)
		_, err = f.users.Get("b")
		f.must(err)
		_, err = f.users.IsEmpty()
		f.must(err)
		f.wantStamps("list", 9, 9, 9)
		f.wantStamps("map", 0, 9, 4)
		f.wait(10) // "a" has expired
		f.must(f.users.Range(func(string, any) bool { return true }))
		f.wantStamps("map", 10, 10)
	})
}

func TestReadingClearsWhatHasExpired(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		f := stamped(t, b, ttl.Config{})
		f.must(f.value.Update(box(1)))
		f.must(f.list.AddAll([]any{box(1), box(2)}))
		f.must(f.users.Put("a", box(1)))
		f.must(f.users.Put("b", box(1)))
		f.must(f.sum.Add(box(1)))
		f.wait(lifetime)
		if empty, err := f.users.IsEmpty(); empty || err != nil {
			t.Errorf("IsEmpty has looked at stamps: %v, %v", empty, err)
		}
		if there, err := f.users.Contains("a"); there || err != nil {
			t.Errorf("an expired user key is there: %v, %v", there, err)
		}
		f.wantStamps("map", 0) // "b" is still to be looked at
		for range 2 {
			if got := f.read(); got != nil {
				t.Errorf("read %q", got)
			}
		}
		if lines := f.in.Dump(); lines != nil {
			t.Errorf("there is %q", lines)
		}
		if empty, err := f.users.IsEmpty(); !empty || err != nil {
			t.Errorf("the map is not empty: %v, %v", empty, err)
		}
	})
}

// What has expired is absent to whoever adds: a fold begins anew.
func TestAddingToWhatHasExpiredBeginsAnew(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		f := stamped(t, b, ttl.Config{})
		first := func() string {
			f.must(f.sum.Add(box(5)))
			f.must(f.mean.Add(int64(5)))
			sum, err := f.sum.Get()
			f.must(err)
			mean, err := f.mean.Get()
			f.must(err)
			return show(sum) + ", " + show(mean)
		}
		want := first()
		f.wait(lifetime - 1)
		if got := first(); got == want {
			t.Errorf("a live value was not folded: %s", got)
		}
		f.wait(2*lifetime - 1) // the fold was stamped anew
		if got := first(); got != want {
			t.Errorf("after the end of its life: %s, want %s", got, want)
		}
		f.wantStamps("sum", 2*lifetime-1)
		f.wantStamps("mean", 2*lifetime-1)
	})
}
