package faults

import (
	"errors"
	"testing"
	"time"

	"flinch/model/history"
)

// TestRequestsMeetTheirFate: requests that count fail before or after their effect,
// late, slowly or throttled; operations of disks never do.
func TestRequestsMeetTheirFate(t *testing.T) {
	for _, test := range []struct {
		fate              Fate
		fails, fired      bool // on entry
		after, throttled  bool
		late, takesLonger time.Duration
	}{
		{fate: FateBefore, fails: true, fired: true},
		{fate: FateAfter, after: true},
		{fate: FateLate, fails: true, fired: true, late: time.Second},
		{fate: FateSlow, fired: true, takesLonger: time.Second},
		{fate: FateThrottled, fails: true, fired: true, throttled: true},
	} {
		c := newFake(false)
		FailedRequest{Verb: "PUT", Fate: test.fate, Nth: 2, Count: 1, Delay: second}.Arm(c)
		site := Site{Disk: history.Storage, Process: history.TaskManager(0)}
		put := Op{Kind: OpCreate, Path: "/key", Verb: "PUT"}
		c.do(site, put)
		c.do(site, Op{Kind: OpCreate, Path: "/file"})
		c.do(site, Op{Kind: OpRead, Path: "/key", Verb: "GET"})
		if len(c.log) != 0 {
			t.Errorf("%s: fired too early: %v", test.fate, c.log)
		}
		out := c.ask(site, put)
		if (out.Err != nil) != test.fails || (len(c.log) == 1) != test.fired || out.Late != test.late || out.Delay != test.takesLonger {
			t.Errorf("%s: on entry %+v, log %v", test.fate, out, c.log)
		}
		if test.throttled != errors.Is(out.Err, ErrThrottled) || test.fails != errors.Is(out.Err, ErrInjected) {
			t.Errorf("%s: error %v", test.fate, out.Err)
		}
		put.Done = true
		if done := c.ask(site, put); test.after != (done.Err != nil) {
			t.Errorf("%s: at the end %+v", test.fate, done)
		}
		if again := c.do(site, Op{Kind: OpCreate, Path: "/key", Verb: "PUT"}); again != (Outcome{}) {
			t.Errorf("%s: the next one: %+v", test.fate, again)
		}
	}
}
