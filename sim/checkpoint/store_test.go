package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/backends/storage"
)

var (
	ctx      = context.Background()
	errFault = errors.New("fault")
)

func newMemory(t testing.TB) *storage.Memory {
	t.Helper()
	s, err := storage.NewMemory(storage.MemoryParams{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustOpen(t testing.TB, p Params) *Store {
	t.Helper()
	s, err := Open(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publish writes the metadata of the next checkpoint, all but its completion.
func publish(s *Store, st storage.Storage) (Metadata, string, error) {
	id, err := s.NextID(ctx)
	if err != nil {
		return Metadata{}, "", err
	}
	m := Metadata{ID: id, Attempt: 1, Operators: []Operator{{Name: fmt.Sprintf("operator of %d", id)}}}
	if err := st.Initialize(ctx, id); err != nil {
		return m, "", err
	}
	location, err := st.Publish(ctx, id, Encode(m))
	return m, location, err
}

func mustComplete(t testing.TB, s *Store, st storage.Storage) (backends.CheckpointID, []Completed) {
	t.Helper()
	m, location, err := publish(s, st)
	if err != nil {
		t.Fatal(err)
	}
	released, err := s.Add(ctx, m, location)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID, released
}

func ids(list []Completed) string {
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprint(c.ID))
	}
	return strings.Join(out, " ")
}

func latest(t testing.TB, s *Store) backends.CheckpointID {
	t.Helper()
	c, found, err := s.Latest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return 0
	}
	return c.ID
}

func TestStoreKeepsTheNewestAndHandsBackTheOldest(t *testing.T) {
	st := newMemory(t)
	s := mustOpen(t, Params{Pointer: &MemoryPointer{}, Storage: st, RetainedMax: 2})
	if got := latest(t, s); got != 0 {
		t.Errorf("an empty store's latest is %d", got)
	}
	for i, want := range []string{"", "", "1", "2"} {
		if _, released := mustComplete(t, s, st); ids(released) != want {
			t.Errorf("checkpoint %d releases %q, want %q", i+1, ids(released), want)
		}
	}
	if ids(s.Retained()) != "3 4" || latest(t, s) != 4 {
		t.Errorf("retained %s, latest %d", ids(s.Retained()), latest(t, s))
	}
}

func TestRecoveredStoreHoldsWhatWasAddedAndReusesNoID(t *testing.T) {
	st, pointer := newMemory(t), &MemoryPointer{}
	s := mustOpen(t, Params{Pointer: pointer, Storage: st, RetainedMax: 2})
	for range 3 {
		mustComplete(t, s, st)
	}
	if _, err := s.NextID(ctx); err != nil { // 4, never completed
		t.Fatal(err)
	}
	again := mustOpen(t, Params{Pointer: pointer, Storage: st, RetainedMax: 2})
	if diff := cmp.Diff(s.Retained(), again.Retained()); diff != "" {
		t.Error(diff)
	}
	if id, err := again.NextID(ctx); err != nil || id != 5 {
		t.Errorf("next id %d, %v; want 5", id, err)
	}
}

func TestRecoveryFailsIfAnyRetainedCheckpointIsUnreadable(t *testing.T) {
	for lost := backends.CheckpointID(1); lost <= 2; lost++ {
		st, pointer := newMemory(t), &MemoryPointer{}
		s := mustOpen(t, Params{Pointer: pointer, Storage: st, RetainedMax: 2})
		mustComplete(t, s, st)
		mustComplete(t, s, st)
		if err := st.DiscardCheckpoint(ctx, lost); err != nil {
			t.Fatal(err)
		}
		_, err := Open(ctx, Params{Pointer: pointer, Storage: st, RetainedMax: 2})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("recover checkpoint %d", lost)) {
			t.Errorf("checkpoint %d is lost: error %v", lost, err)
		}
	}
}

func TestRecoveryRefusesMetadataOfAnotherCheckpoint(t *testing.T) {
	st := newMemory(t)
	location, err := st.Publish(ctx, 7, Encode(Metadata{ID: 7}))
	if err != nil {
		t.Fatal(err)
	}
	pointer := &MemoryPointer{record: Record{Version: 1, NextID: 9, Retained: []Entry{{ID: 8, Location: location}}}}
	if _, err := Open(ctx, Params{Pointer: pointer, Storage: st, RetainedMax: 1}); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("error %v", err)
	}
}

func TestAddRefusesIDsThatDoNotRiseOrWereNeverHandedOut(t *testing.T) {
	st := newMemory(t)
	s := mustOpen(t, Params{Pointer: &MemoryPointer{}, Storage: st, RetainedMax: 3})
	id, _ := mustComplete(t, s, st)
	for _, bad := range []backends.CheckpointID{id, id - 1, id + 1} {
		if _, err := s.Add(ctx, Metadata{ID: bad}, "anywhere"); err == nil {
			t.Errorf("checkpoint %d is added after %d", bad, id)
		}
	}
	if _, err := Open(ctx, Params{Pointer: &MemoryPointer{}, Storage: st}); err == nil {
		t.Error("a store that retains nothing can be opened")
	}
}

// line is the network between a pointer and the service.
type line struct {
	*Service
	losesRequest bool // of the next write
	losesAnswer  bool // of the next write
	repeats      bool // the next write arrives twice, the second answer counts
	readsFail    int
	late         func() error // a lost request, to be delivered after all
}

func (l *line) Read(ctx context.Context, epoch uint64) ([]byte, uint64, error) {
	if l.readsFail > 0 {
		l.readsFail--
		return nil, 0, errFault
	}
	return l.Service.Read(ctx, epoch)
}

func (l *line) CompareAndSwap(ctx context.Context, epoch, version uint64, value []byte) error {
	deliver := func() error { return l.Service.CompareAndSwap(ctx, epoch, version, value) }
	switch {
	case l.losesRequest:
		l.losesRequest, l.late = false, deliver
		return errFault
	case l.losesAnswer:
		l.losesAnswer = false
		return errors.Join(deliver(), errFault)
	case l.repeats:
		l.repeats = false
		if err := deliver(); err != nil {
			return err
		}
	}
	return deliver()
}

func coordinated(t testing.TB) (*line, *Store, *storage.Memory) {
	t.Helper()
	l, st := &line{Service: &Service{}}, newMemory(t)
	pointer := NewCoordinationPointer(l, l.Elect())
	s := mustOpen(t, Params{Pointer: pointer, Storage: st, RetainedMax: 1})
	mustComplete(t, s, st)
	return l, s, st
}

func TestLostAnswerThatIsFoundInPlaceIsACompletion(t *testing.T) {
	l, s, st := coordinated(t)
	for _, arm := range []*bool{&l.losesAnswer, &l.repeats} {
		m, location, err := publish(s, st)
		if err != nil {
			t.Fatal(err)
		}
		*arm = true
		released, err := s.Add(ctx, m, location)
		if err != nil || len(released) != 1 || released[0].ID != m.ID-1 {
			t.Errorf("checkpoint %d: released %s, error %v", m.ID, ids(released), err)
		}
	}
}

func TestUnknownOutcomeDeletesNothingAndIsSettledLater(t *testing.T) {
	for _, happened := range []bool{false, true} {
		l, s, st := coordinated(t)
		m, location, err := publish(s, st)
		if err != nil {
			t.Fatal(err)
		}
		l.losesRequest, l.losesAnswer, l.readsFail = !happened, happened, 1
		released, err := s.Add(ctx, m, location)
		if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, errFault) || released != nil {
			t.Fatalf("happened %v: released %s, error %v", happened, ids(released), err)
		}
		if ids(s.Retained()) != "1" || ids(s.Unsettled()) != "2" {
			t.Errorf("happened %v: retained %s, unsettled %s", happened, ids(s.Retained()), ids(s.Unsettled()))
		}
		want, wantReleased := backends.CheckpointID(1), "2 1"
		if happened {
			want, wantReleased = 2, "1 2"
		}
		if got := latest(t, s); got != want {
			t.Errorf("happened %v: latest %d", happened, got)
		}
		if _, released := mustComplete(t, s, st); ids(released) != wantReleased {
			t.Errorf("happened %v: the next checkpoint releases %s, want %s", happened, ids(released), wantReleased)
		}
	}
}

func TestRequestThatArrivesLateIsRefusedOrAdopted(t *testing.T) {
	l, s, st := coordinated(t)
	m, location, err := publish(s, st)
	if err != nil {
		t.Fatal(err)
	}
	l.losesRequest = true
	if _, err := s.Add(ctx, m, location); !errors.Is(err, ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	if got := latest(t, s); got != 1 {
		t.Errorf("latest %d", got)
	}
	if err := l.late(); !errors.Is(err, ErrSuperseded) {
		t.Errorf("the late request after the store settled on checkpoint 1: %v", err)
	}

	m, location, err = publish(s, st)
	if err != nil {
		t.Fatal(err)
	}
	l.losesRequest, l.readsFail = true, 1
	if _, err := s.Add(ctx, m, location); !errors.Is(err, ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	if err := l.late(); err != nil {
		t.Fatal(err)
	}
	if got := latest(t, s); got != m.ID {
		t.Errorf("latest %d, want %d, which came late", got, m.ID)
	}
}

func TestStaleLeaderIsRefused(t *testing.T) {
	l, old, st := coordinated(t)
	m, location, err := publish(old, st)
	if err != nil {
		t.Fatal(err)
	}
	leader := mustOpen(t, Params{Pointer: NewCoordinationPointer(l, l.Elect()), Storage: st, RetainedMax: 1})
	if _, err := old.Add(ctx, m, location); !errors.Is(err, ErrSuperseded) || !errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("the stale leader adds: %v", err)
	}
	if _, err := old.NextID(ctx); !errors.Is(err, ErrSuperseded) {
		t.Errorf("the stale leader reserves an id: %v", err)
	}
	if _, _, err := old.Latest(ctx); !errors.Is(err, ErrSuperseded) {
		t.Errorf("the stale leader restores: %v", err)
	}
	if id, _ := mustComplete(t, leader, st); id != 3 {
		t.Errorf("the leader's next id is %d, want 3", id)
	}
}

func TestIDsOfLostAnswersAreNotUsedTwice(t *testing.T) {
	l, s, _ := coordinated(t)
	seen := map[backends.CheckpointID]bool{}
	for i := range 12 {
		l.losesAnswer, l.losesRequest = i%3 == 1, i%3 == 2
		l.readsFail = i % 2
		id, err := s.NextID(ctx)
		if err != nil {
			continue
		}
		if seen[id] {
			t.Errorf("id %d is handed out twice", id)
		}
		seen[id] = true
	}
	if len(seen) < 4 {
		t.Errorf("only %d ids were handed out", len(seen))
	}
}
