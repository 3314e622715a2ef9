package barrier

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestProtocol carries the events of each situation out and writes down the actions.
// "new" makes a handler; each line of "events" is "barrier INPUT ID [unaligned |
// until MS]", "cancel INPUT ID", "abort ID", "end INPUT" or "time MS".
func TestProtocol(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var h *Handler
		now := time.Duration(0)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				inputs, mode := 0, ExactlyOnce
				d.ScanArgs(t, "inputs", &inputs)
				if d.HasArg("at-least-once") {
					mode = AtLeastOnce
				}
				h, now = New(mode, inputs), 0
				return ""
			}
			var out strings.Builder
			for line := range strings.Lines(d.Input) {
				line = strings.TrimSpace(line)
				fmt.Fprintf(&out, "%s\n", line)
				for _, a := range event(t, h, &now, strings.Fields(line)) {
					fmt.Fprintf(&out, "  %s\n", a)
				}
			}
			return out.String()
		})
	})
}

func event(t *testing.T, h *Handler, now *time.Duration, words []string) []Action {
	n := make([]int, 2)
	for i, word := range words[1:min(len(words), 3)] {
		if _, err := fmt.Sscan(word, &n[i]); err != nil {
			t.Fatalf("%v: %v", words, err)
		}
	}
	switch words[0] {
	case "barrier":
		b := Barrier{ID: int64(n[1])}
		if len(words) > 3 {
			b.Unaligned = true
		}
		if len(words) > 4 {
			b.Deadline = milliseconds(t, words[4])
		}
		return h.Barrier(n[0], b, *now)
	case "cancel":
		return h.Cancel(n[0], int64(n[1]))
	case "abort":
		return h.Abort(int64(n[0]))
	case "end":
		return h.End(n[0])
	case "time":
		*now = milliseconds(t, words[1])
		return h.Tick(*now)
	}
	t.Fatalf("unknown event %v", words)
	return nil
}

func milliseconds(t *testing.T, text string) time.Duration {
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * time.Millisecond
}

func TestManyAtLeastOnceAreFollowedAndNoMore(t *testing.T) {
	h := New(AtLeastOnce, 2)
	for id := range int64(trackedMax + 1) {
		h.Barrier(0, Barrier{ID: id + 1}, 0)
	}
	if got := h.Barrier(1, Barrier{ID: 2}, 0); len(got) != 1 || got[0].Kind != Snapshot {
		t.Errorf("the second oldest of %d gave %v, want a snapshot", trackedMax+1, got)
	}
	h = New(AtLeastOnce, 2)
	for id := range int64(trackedMax + 1) {
		h.Barrier(0, Barrier{ID: id + 1}, 0)
	}
	for _, a := range h.Barrier(1, Barrier{ID: 1}, 0) {
		if a.Kind == Snapshot {
			t.Errorf("the oldest of %d was still followed", trackedMax+1)
		}
	}
}

func TestTheOldestAbortedIsForgotten(t *testing.T) {
	var r Remembered
	for id := range int64(rememberedMax + 1) {
		r.Add(id + 1)
	}
	if r.Has(1) || !r.Has(2) || !r.Has(rememberedMax+1) {
		t.Errorf("after %d, the first is known: %v, the second: %v", rememberedMax+1, r.Has(1), r.Has(2))
	}
}
