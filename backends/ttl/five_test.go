package ttl_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"
)

// job is a world whose instances are restored from one another, and its clock.
type job struct {
	*backendtest.World
	t   *testing.T
	now int64
}

// onEachJob runs a test on each backend with each kind of snapshot.
func onEachJob(t *testing.T, test func(j *job, o backends.SnapshotOptions)) {
	t.Helper()
	for _, o := range []backends.SnapshotOptions{{}, {Full: true}, {Canonical: true}} {
		onEach(t, func(t *testing.T, b backends.Backend) {
			test(&job{World: backendtest.NewWorld(b), t: t}, o)
		})
	}
}

func (j *job) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatalf("%v", err)
	}
}

// living is the instance with a lifetime for the states that are registered.
func (j *job) living(in *backendtest.Instance, lifetime time.Duration) backends.Keyed {
	j.t.Helper()
	k, err := ttl.With(in.Keyed, ttl.Config{Lifetime: lifetime, Now: func() int64 { return j.now }})
	j.must(err)
	return k
}

// restored is an instance with what another holds.
func (j *job) restored(in *backendtest.Instance, o backends.SnapshotOptions) *backendtest.Instance {
	j.t.Helper()
	p, err := in.Snapshot(1, o)
	j.must(err)
	h, err := p.Write(context.Background())
	j.must(err)
	return j.Open(j.t, 0, 1, h)
}

// five are states of all kinds that have values.
type five struct {
	*job
	in    *backendtest.Instance
	wait  func(until int64) // where the clock is not the job's
	value backends.RawValue
	list  backends.RawList
	users backends.RawMap
	sum   backends.RawMerging
	mean  backends.RawMerging
}

func boxCodec() backends.Codec { return backendtest.BoxCodec().Codec() }

// five registers the states of in through k.
func (j *job) five(in *backendtest.Instance, k backends.Keyed, codec backends.Codec) *five {
	j.t.Helper()
	f := &five{job: j, in: in}
	of := func(d backends.Descriptor) backends.Descriptor {
		d.Value = codec.Duplicate()
		return d
	}
	var err [5]error
	f.value, err[0] = k.Value(of(backendtest.Boxes("value", backends.ValueKind)))
	f.list, err[1] = k.List(of(backendtest.Boxes("list", backends.ListKind)))
	f.users, err[2] = k.Map(of(backendtest.Boxes("map", backends.MapKind)))
	f.sum, err[3] = k.Reducing(of(backendtest.ReducingBoxes("sum")))
	f.mean, err[4] = k.Aggregating(of(backendtest.AggregatingBoxes("mean")))
	for _, e := range err {
		j.must(e)
	}
	return f
}

const fiveKeys = 3

func (f *five) write() {
	f.t.Helper()
	for k := range int64(fiveKeys) {
		f.in.Use(k)
		f.must(f.value.Update(box(k)))
		f.must(f.list.AddAll([]any{box(k), box(k + 1)}))
		f.must(f.users.Put("a", box(k)))
		f.must(f.users.Put("b", box(-k)))
		f.must(f.sum.Add(box(k)))
		f.must(f.mean.Add(k))
	}
}

// read tells what there is under each key.
func (f *five) read() (lines []string) {
	f.t.Helper()
	for k := range int64(fiveKeys) {
		f.in.Use(k)
		var parts []string
		add := func(what string, v any, err error) {
			f.t.Helper()
			f.must(err)
			if v != nil {
				parts = append(parts, fmt.Sprintf("%s %v", what, show(v)))
			}
		}
		v, err := f.value.Get()
		add("value", v, err)
		elements, err := f.list.Get()
		f.must(err)
		for _, e := range elements {
			add("element", e, nil)
		}
		f.must(f.users.Range(func(user string, v any) bool {
			add(user, v, nil)
			return true
		}))
		v, err = f.sum.Get()
		add("sum", v, err)
		v, err = f.mean.Get()
		add("mean", v, err)
		if parts != nil {
			lines = append(lines, fmt.Sprintf("%d: %v", k, parts))
		}
	}
	return lines
}

func show(v any) string {
	if b, ok := v.(*backendtest.Box); ok {
		return fmt.Sprint(b.N)
	}
	return fmt.Sprint(v)
}

// stamps are those of one state's entries, in their order.
func (f *five) stamps(state string) (all []int64) {
	f.t.Helper()
	w := world{Instance: f.in}
	for _, encoded := range w.raw(f.t, state) {
		stamp, _, err := ttl.Split(encoded)
		f.must(err)
		all = append(all, stamp)
	}
	return all
}
