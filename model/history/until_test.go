package history

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsCutEndsWhenTheCutIs: a step that nothing of the history tells of has
// the time of the one before it.
func TestWhatIsCutEndsWhenTheCutIs(t *testing.T) {
	r := &Run{
		Attempts: []Attempt{{Number: 1, Begin: 2, BeginAt: 2 * time.Second, End: 9, EndAt: 9 * time.Second}},
		Crashes:  []Crash{{Step: 5, At: 5 * time.Second}, {Step: 9, At: 9 * time.Second}},
		Events:   []Event{{Step: 3, At: 3 * time.Second}},
		Messages: []Message{
			{Sent: 3, SentAt: 3 * time.Second, Arrived: 8, EndAt: 8 * time.Second},
			{Sent: 3, SentAt: 3 * time.Second},
			{Sent: 3, SentAt: 3 * time.Second, Arrived: 4, EndAt: 4 * time.Second},
		},
		Spans: []Span{{Begin: 2, BeginAt: 2 * time.Second, End: 8, EndAt: 8 * time.Second}, {Begin: 2, BeginAt: 2 * time.Second}},
		Lives: []Life{{Begin: 1, BeginAt: time.Second}},
	}
	cut := r.Until(6)
	const at = 5 * time.Second
	want := &Run{
		Attempts: []Attempt{{Number: 1, Begin: 2, BeginAt: 2 * time.Second, End: 6, EndAt: at}},
		Crashes:  r.Crashes[:1],
		Events:   r.Events,
		Messages: []Message{
			{Sent: 3, SentAt: 3 * time.Second, Lost: 6, EndAt: at},
			{Sent: 3, SentAt: 3 * time.Second, Lost: 6, EndAt: at},
			r.Messages[2],
		},
		Spans: []Span{
			{Begin: 2, BeginAt: 2 * time.Second, End: 6, EndAt: at, Killed: true},
			{Begin: 2, BeginAt: 2 * time.Second, End: 6, EndAt: at, Killed: true},
		},
		Lives:    []Life{{Begin: 1, BeginAt: time.Second, End: 6, EndAt: at}},
		Counters: map[string]int64{},
	}
	if d := cmp.Diff(want, cut); d != "" {
		t.Errorf("until step 6 (- want, + got):\n%s", d)
	}
}
