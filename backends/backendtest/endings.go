package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"flinch/backends"
)

// endingClauses are about snapshots that come to nothing.
var endingClauses = []clause{
	{"FailedSnapshotsLeaveNothing", failedSnapshots},
	{"EachOperationOfASnapshotMayFail", eachFails},
	{"SnapshotIsWrittenOnce", writtenOnce},
}

// attempt is a snapshot that is to fail.
type attempt struct {
	w  *World
	in *Instance
	p  backends.Pending
}

// ending is a way in which a snapshot fails; run returns the error of that.
type ending struct {
	name   string
	run    func(a attempt) error
	words  string // of the error
	closes bool   // the instance, too
	kills  bool   // the task: it cannot delete a file any more
}

// during fails because of what is done when the snapshot is at an operation.
func during(op string, do func(a attempt) error) func(a attempt) error {
	return func(a attempt) error {
		a.w.Streams.At(op, func() error { return do(a) })
		_, err := a.p.Write(background)
		return err
	}
}

func endings() []ending {
	discard := func(a attempt) error { return a.p.Discard() }
	closing := func(a attempt) error { return a.in.Close() }
	failing := func(attempt) error { return errTest }
	return []ending{
		{name: "discarded", run: discardedTwice, words: "discarded"},
		{name: "discarded while creating", run: during("create", discard), words: "discarded"},
		{name: "discarded while writing", run: during("write", discard), words: "discarded"},
		{name: "discarded while closing", run: during("close", discard), words: "discarded"},
		{name: "state closed while creating", run: during("create", closing), words: "closed", closes: true},
		{name: "state closed while writing", run: during("write", closing), words: "closed", closes: true},
		{name: "state closed while closing", run: during("close", closing), words: "closed", closes: true},
		{name: "create fails", run: during("create", failing), words: errTest.Error()},
		{name: "write fails", run: during("write", failing), words: errTest.Error()},
		{name: "close fails", run: during("close", failing), words: errTest.Error()},
		{name: "cancelled", run: cancelled(""), words: context.Canceled.Error()},
		{name: "cancelled while writing", run: cancelled("write"), words: context.Canceled.Error()},
		{name: "cancelled while closing", run: cancelled("close"), words: context.Canceled.Error()},
		{name: "killed while writing", run: killed("write"), words: "killed", kills: true},
		{name: "killed while closing", run: killed("close"), words: "killed", kills: true},
	}
}

func discardedTwice(a attempt) error {
	if err := errors.Join(a.p.Discard(), a.p.Discard()); err != nil {
		return err
	}
	_, err := a.p.Write(background)
	return err
}

// cancelled fails because the context ends at an operation; at none: before.
func cancelled(op string) func(a attempt) error {
	return func(a attempt) error {
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		if op == "" {
			cancel()
		}
		a.w.Streams.At(op, func() error {
			cancel()
			return nil
		})
		_, err := a.p.Write(ctx)
		return err
	}
}

// killed unwinds at an operation, as the simulator does with a dead task.
func killed(op string) func(a attempt) error {
	return func(a attempt) (err error) {
		defer func() { err = fmt.Errorf("%v", recover()) }()
		a.w.Streams.At(op, func() error { panic("killed") })
		_, err = a.p.Write(background)
		return err
	}
}

// However a snapshot ends, nothing of it stays on the storage, no handle comes of
// it, and the state goes on as if it had not been.
func failedSnapshots(t *testing.T, world func() *World) {
	for _, e := range endings() {
		piece(t, e.name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, o backends.SnapshotOptions) { failedSnapshot(t, world(), e, o) })
		})
	}
}

func failedSnapshot(t *testing.T, w *World, e ending, o backends.SnapshotOptions) {
	in := w.Open(t, 0, 1)
	in.fill(20)
	p := in.take(1, o)
	wants(t, "the snapshot", e.run(attempt{w: w, in: in, p: p}), e.words)
	w.Streams.Hook = nil
	if left := w.Streams.Paths(); len(left) > 0 && (o.Full || !e.kills) {
		t.Errorf("files %v are left", left)
	}
	if _, err := p.Write(background); err == nil {
		t.Error("a snapshot that is over was written")
	}
	must(t, p.Discard())
	if e.closes {
		wants(t, "set key", in.SetCurrentKey(backends.Int64Key(1)), "closed")
		return
	}
	must(t, in.NotifyAborted(1))
	in.fill(22)
	want := in.Dump()
	same(t, want, w.Open(t, 0, 1, w.Write(t, in.take(2, o))))
	same(t, want, in)
}

func writtenOnce(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(5)
		p := in.take(1, o)
		h := w.Write(t, p)
		files := w.Streams.Paths()
		if _, err := p.Write(background); err == nil {
			t.Error("written twice")
		}
		must(t, p.Discard())
		must(t, in.NotifyComplete(1))
		must(t, in.NotifyComplete(1))
		must(t, in.NotifyComplete(99))
		must(t, in.Close())
		if now := w.Streams.Paths(); !slices.Equal(files, now) {
			t.Errorf("of the files %v there are %v", files, now)
		}
		w.Open(t, 0, 1, h)
	})
}

// One operation after the other fails, until there are none left.
func eachFails(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(2)
		for id := backends.CheckpointID(1); ; id++ {
			p, left := in.take(id, o), int(id)
			w.Streams.Hook = func(string) error {
				if left--; left == 0 {
					return errTest
				}
				return nil
			}
			h, err := p.Write(background)
			if w.Streams.Hook = nil; left > 0 {
				must(t, err)
				h, _ = w.Streams.Resolve(h)
				same(t, in.Dump(), w.Open(t, 0, 1, h))
				if id < 4 {
					t.Errorf("only %d operations to fail: create, write and close are the least", id-1)
				}
				return
			}
			wants(t, "the snapshot", err, errTest.Error())
			if files := w.Streams.Paths(); len(files) > 0 {
				t.Fatalf("operation %d fails: files %v are left", id, files)
			}
			must(t, in.NotifyAborted(id))
		}
	})
}
