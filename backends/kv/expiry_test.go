package kv_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"
	"flinch/backends/ttl"

	gocmp "github.com/google/go-cmp/cmp"
)

// living is an instance whose states live for 100 ms of a clock.
func living(t *testing.T, in *backendtest.Instance, clock *int64, clean bool) (numbered, backends.Keyed) {
	t.Helper()
	k, err := ttl.With(in.Keyed, ttl.Config{Lifetime: 100 * time.Millisecond, Now: func() int64 { return *clock }, CleanFullSnapshots: clean})
	must(t, err)
	states, err := numberStates(&backendtest.Instance{Keyed: k, Params: in.Params}, numbersOf(3))
	must(t, err)
	return states, k
}

// fillOver writes values at time 0, and some of them, or more of them, at time 50.
func fillOver(t *testing.T, w *backendtest.World, clock *int64, clean bool) *backendtest.Instance {
	t.Helper()
	in := w.Open(t, 0, 1)
	states, _ := living(t, in, clock, clean)
	*clock = 0
	for k := range int64(20) {
		in.Use(k)
		must(t, errors.Join(states.value.Update(k), states.list.AddAll([]any{k, k + 1}), states.reducing.Add(k)))
		must(t, errors.Join(states.entries.Put("a", k), states.entries.Put("b", k)))
	}
	*clock = 50
	for k := range int64(10) {
		in.Use(2 * k)
		must(t, errors.Join(states.value.Update(k), states.list.Add(k), states.reducing.Add(k), states.entries.Put("b", k)))
		_, err := in.Queue("queue").Register(k, "w")
		must(t, err)
	}
	return in
}

// unexpired are the entries that have not expired at a time, as a snapshot has them.
func unexpired(t *testing.T, in *backendtest.Instance, now int64) (lines []string) {
	t.Helper()
	last, index := backends.Entry{}, 0
	must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
		if e.Key != last.Key || e.State != last.State || e.Namespace != last.Namespace || e.UserKey != last.UserKey {
			last, index = e, 0
		}
		if e.State != "queue" {
			stamp, _, err := ttl.Split(e.Value)
			if err != nil || backends.Expired(stamp, 100, now) {
				return err
			}
		}
		lines = append(lines, fmt.Sprintf("%s %q %q %q %d %q", e.State, e.Key, e.Namespace, e.UserKey, index, e.Value))
		index++
		return nil
	}))
	return lines
}

func TestFullSnapshotsLeaveOutWhatHadExpired(t *testing.T) {
	for _, o := range []backends.SnapshotOptions{{Full: true}, canonical} {
		for now, count := range map[int64]int{99: 130 + 10, 100: 40 + 10, 149: 40 + 10, 150: 10} {
			var clock int64
			w := world(&rig{native: true})
			in := fillOver(t, w, &clock, true)
			clock = now
			all, want := in.Dump(), unexpired(t, in, now)
			p, err := in.Snapshot(1, o)
			must(t, err)
			clock = 1000 // while it is written, all expires
			in2 := w.Open(t, 0, 1, w.Write(t, p))
			if diff := gocmp.Diff(want, unexpired(t, in2, 0)); diff != "" {
				t.Errorf("%+v at %d (-want +got):\n%s", o, now, diff)
			}
			if len(want) != count {
				t.Errorf("%+v at %d: %d entries are left, want %d", o, now, len(want), count)
			}
			if diff := gocmp.Diff(all, in.Dump()); diff != "" {
				t.Errorf("%+v at %d: the state itself changed:\n%s", o, now, diff)
			}
		}
	}
}

func TestExpiredValuesAreWrittenWhereNobodyAsksForLess(t *testing.T) {
	var clock int64
	w := world(&rig{native: true})
	for _, clean := range []bool{false, true} {
		in := fillOver(t, w, &clock, clean)
		clock = 1000
		for _, o := range []backends.SnapshotOptions{{}, {Full: true}, canonical} {
			if clean && o != (backends.SnapshotOptions{}) {
				continue
			}
			p, err := in.Snapshot(1, o)
			must(t, err)
			if diff := gocmp.Diff(in.Dump(), w.Open(t, 0, 1, w.Write(t, p)).Dump()); diff != "" {
				t.Errorf("clean %v, %+v (-want +got):\n%s", clean, o, diff)
			}
		}
	}
}

func TestSavepointsWithoutExpiredValuesAreEqualOnEveryBackend(t *testing.T) {
	for _, now := range []int64{99, 120, 500} {
		files := make(map[string]string)
		for name, w := range worlds() {
			var clock int64
			in := fillOver(t, w, &clock, true)
			clock = now
			files[name] = string(w.Streams.Files[savepoint(t, w, in).Stream.Path])
		}
		if files["kv"] != files["heap"] || files["kv that merges"] != files["heap"] {
			t.Errorf("at %d: savepoints differ from the heap's", now)
		}
	}
}

// A job that gives a state a time to live, or takes it away, migrates it.
func TestTimeToLiveIsGivenAndTakenAwayAtARestore(t *testing.T) {
	w := world(&rig{merges: true, native: true})
	put := w.Open(t, 0, 1)
	states, err := numberStates(put, numbersOf(1))
	must(t, err)
	states.fill(t, put)
	want, bare := states.read(t, put), put.Dump()
	clock := int64(77)
	in := w.Open(t, 0, 1, w.Write(t, put.Take(1)))
	states, _ = living(t, in, &clock, false)
	if diff := gocmp.Diff(want, states.read(t, in)); diff != "" {
		t.Errorf("with a time to live (-want +got):\n%s", diff)
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(2)))
	states, err = numberStates(&backendtest.Instance{Keyed: ttl.Without(back.Keyed), Params: back.Params}, numbersOf(1))
	must(t, err)
	if diff := gocmp.Diff(want, states.read(t, back)); diff != "" {
		t.Errorf("without again (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(bare, back.Dump()); diff != "" {
		t.Errorf("without again, stored (-want +got):\n%s", diff)
	}
}

// An engine is asked to leave out what has expired where the job lets it, and where
// nothing can be taken for a stamp that is none.
func TestEngineIsAskedToLeaveOutOnlyWhatHasStamps(t *testing.T) {
	r := &rig{}
	w := world(r)
	register := func(in *backendtest.Instance, c ttl.Config) []kv.Expiring {
		r.expiring = nil
		c.Lifetime, c.Now = 100*time.Millisecond, func() int64 { return 0 }
		k, err := ttl.With(in.Keyed, c)
		must(t, err)
		_, err = numberStates(&backendtest.Instance{Keyed: k, Params: in.Params}, numbersOf(1))
		must(t, err)
		_, err = numberStates(&backendtest.Instance{Keyed: k, Params: in.Params}, numbersOf(1))
		must(t, err)
		return r.expiring
	}
	if got := register(w.Open(t, 0, 1), ttl.Config{CleanFullSnapshots: true}); len(got) != 0 {
		t.Errorf("full snapshots alone are to be cleaned: the engine was asked for %v", got)
	}
	put := w.Open(t, 0, 1)
	got := register(put, ttl.Config{CleanCompactions: true})
	want := []kv.Expiring{{Kind: backends.ValueKind}, {Kind: backends.ListKind, ElementBytes: 16}, {Kind: backends.MapKind}, {Kind: backends.ReducingKind}}
	for i := range got {
		if got[i].CleanUp == nil || got[i].CleanUp.Lifetime != 100 {
			t.Errorf("the engine was asked for %+v", got[i].CleanUp)
		}
		got[i].CleanUp = nil
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the engine was asked for (-want +got):\n%s", diff)
	}
	bare := w.Open(t, 0, 1)
	states, err := numberStates(bare, numbersOf(1))
	must(t, err)
	states.fill(t, bare)
	stamped, plain := w.Write(t, put.Take(1)), w.Write(t, bare.Take(2))
	for _, c := range []struct {
		h    backends.KeyedHandle
		open bool
		want int
	}{{stamped, false, 4}, {stamped, true, 4}, {plain, false, 4}, {plain, true, 0}} {
		in := w.Open(t, 0, 1, c.h)
		if c.open {
			in.Take(3)
		}
		if got := register(in, ttl.Config{CleanCompactions: true}); len(got) != c.want {
			t.Errorf("checkpoint %d, a snapshot open %v: the engine was asked for %d states", c.h.Checkpoint, c.open, len(got))
		}
	}
}
