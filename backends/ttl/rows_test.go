package ttl_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"

	gocmp "github.com/google/go-cmp/cmp"
)

const short = lifetime * time.Millisecond

func (j *job) same(what string, want, got []string) {
	j.t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		j.t.Errorf("%s at %d (-want +got):\n%s", what, j.now, diff)
	}
}

// everything is what read answers where nothing has expired.
func (j *job) everything() []string {
	j.t.Helper()
	in := j.Open(j.t, 0, 1)
	f := j.five(in, in.Keyed, boxCodec())
	f.write()
	return f.read()
}

func TestStateGetsATimeToLiveAtARestore(t *testing.T) {
	onEachJob(t, func(j *job, o backends.SnapshotOptions) {
		in := j.Open(j.t, 0, 1)
		j.five(in, in.Keyed, boxCodec()).write()
		back := j.restored(in, o)
		j.now = 100 // it had no stamp: it lives from here on
		f := j.five(back, j.living(back, short), boxCodec())
		if got := f.stamps("list"); !slices.Equal(got, []int64{100, 100, 100, 100, 100, 100}) {
			j.t.Errorf("stamps %v", got)
		}
		j.now = 109
		j.same("taken over", j.everything(), f.read())
		again := j.restored(back, o)
		f = j.five(again, j.living(again, short), boxCodec())
		j.same("restored again", j.everything(), f.read())
		j.now = 110
		j.same("expired", nil, f.read())
	})
}

func TestStateLosesItsTimeToLiveAtARestore(t *testing.T) {
	onEachJob(t, func(j *job, o backends.SnapshotOptions) {
		in := j.Open(j.t, 0, 1)
		j.five(in, j.living(in, short), boxCodec()).write()
		back := j.restored(in, o)
		j.now = 1000 // what has expired meanwhile counts like the rest
		if _, err := back.List(backendtest.Boxes("list", backends.ListKind)); err == nil || !strings.Contains(err.Error(), "ttl(box)/1") {
			j.t.Errorf("registered without more ado: %v", err)
		}
		f := j.five(back, ttl.Without(back.Keyed), boxCodec())
		j.same("taken over", j.everything(), f.read())
		// From now on it is like state that never had one.
		plain := j.restored(back, o)
		f = j.five(plain, plain.Keyed, boxCodec())
		j.same("restored again", j.everything(), f.read())
		empty := j.Open(j.t, 0, 1)
		j.five(empty, empty.Keyed, boxCodec()).write()
		j.same("entries", empty.Dump(), plain.Dump())
	})
}

func TestLifetimesMayChangeAtARestore(t *testing.T) {
	onEachJob(t, func(j *job, o backends.SnapshotOptions) {
		in := j.Open(j.t, 0, 1)
		j.five(in, j.living(in, short), boxCodec()).write()
		longer, shorter := j.restored(in, o), j.restored(in, o)
		j.now = 99
		j.same("longer", j.everything(), j.five(longer, j.living(longer, 10*short), boxCodec()).read())
		j.now = 100
		j.same("longer", nil, j.five(longer, j.living(longer, 10*short), boxCodec()).read())
		j.now = 4
		j.same("shorter", j.everything(), j.five(shorter, j.living(shorter, short/2), boxCodec()).read())
		j.now = 5
		j.same("shorter", nil, j.five(shorter, j.living(shorter, short/2), boxCodec()).read())
	})
}

// The clock is not part of a snapshot: time goes on while the job is down.
func TestTimeGoesOnWhileTheJobIsDown(t *testing.T) {
	onEachJob(t, func(j *job, o backends.SnapshotOptions) {
		in := j.Open(j.t, 0, 1)
		j.now = 3
		j.five(in, j.living(in, short), boxCodec()).write()
		j.now = 4
		early, late := j.restored(in, o), j.restored(in, o)
		j.now = 12
		j.same("just in time", j.everything(), j.five(early, j.living(early, short), boxCodec()).read())
		j.now = 13
		j.same("too late", nil, j.five(late, j.living(late, short), boxCodec()).read())
	})
}

// newer is box/2: it writes what FixedBoxCodec does, and takes over box/1.
type newer struct{ backends.Codec }

func newerCodec() backends.Codec {
	t := backendtest.FixedBoxCodec()
	t.ID = backends.CodecID{Name: "box", Version: 2}
	return &newer{t.Codec()}
}

func (*newer) FixedBytes() int { return 8 }

func (c *newer) Duplicate() backends.Codec { return &newer{c.Codec.Duplicate()} }

func (*newer) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	if stored == boxCodec().ID() {
		return backends.AfterMigration, boxCodec()
	}
	return backends.Incompatible, nil
}

// The codec of stamped values is made of another, and is as compatible as that.
func TestStampedStateEvolvesAsItsValuesDo(t *testing.T) {
	onEachJob(t, func(j *job, o backends.SnapshotOptions) {
		in := j.Open(j.t, 0, 1)
		j.now = 3
		j.five(in, j.living(in, short), boxCodec()).write()
		back := j.restored(in, o)
		j.now = 12
		d := backendtest.FixedBoxes("value", backends.ValueKind)
		if _, err := j.living(back, short).Value(d); err == nil || !strings.Contains(err.Error(), "ttl(fixed-box)/1") {
			j.t.Errorf("a codec that takes over nothing: %v", err)
		}
		f := j.five(back, j.living(back, short), newerCodec())
		if got := f.stamps("value"); !slices.Equal(got, []int64{3, 3, 3}) {
			j.t.Errorf("stamps %v", got)
		}
		j.same("migrated", j.everything(), f.read())
		again := j.restored(back, o)
		if _, err := j.living(again, short).Value(backendtest.Boxes("value", backends.ValueKind)); err == nil || !strings.Contains(err.Error(), "ttl(box)/2") {
			j.t.Errorf("the older version: %v", err)
		}
		// Both at once: another version, and no stamp any more.
		third := j.restored(in, o)
		f = j.five(third, ttl.Without(third.Keyed), newerCodec())
		j.same("without stamps", j.everything(), f.read())
		j.now = 13
		j.same("expired", nil, j.five(again, j.living(again, short), newerCodec()).read())
	})
}
