package checks

import (
	"math"
	"slices"
	"testing"

	"flinch/model"
)

// A reader looks for the timer of a row in the steps, where it is "timer 40@1".
func TestTimersAreWrittenAsTheStepsWriteThem(t *testing.T) {
	e := goodEvidence()
	e.Facts.Operators[0].States[2] = model.StateSpec{Name: "timers", Kind: model.Timers, Namespaces: 2}
	a := &e.Audits[1]
	timer := model.Entry{State: "timers", Group: e.group("a"), Key: "a", Namespace: model.Namespace(1)}
	for _, x := range []struct {
		time  int64
		value string
		want  string
	}{
		{115984, "", `- group 1  timers@1["a"]  timer 115984 | missing`},
		{-3, "", `- group 1  timers@1["a"]  timer -3 | missing`},
		{0, "x", `- group 1  timers@1["a"]  timer 0, with a value: "x" | missing`},
	} {
		timer.UserKey, timer.Value = string(model.AppendWords(nil, []int64{x.time ^ math.MinInt64})), x.value
		k := KeyedAudit{Expected: []model.Entry{timer}, Dumps: slices.Clone(a.Keyed[0].Dumps)}
		for i := range k.Dumps {
			k.Dumps[i].Entries = nil
		}
		c := newComparison(e, a, &k)
		c.expected = k.Expected
		if got := c.difference().rows; !slices.Equal(got, []string{x.want}) {
			t.Errorf("rows %q, want %q", got, x.want)
		}
	}
}

func TestRowsOfStateWithATimeToLiveNameIt(t *testing.T) {
	e := goodEvidence()
	a := &e.Audits[1]
	a.Now = 1400
	e.Facts.Operators[0].States[1].TTL = &model.TTL{Lifetime: 328}
	a.drop(`last["a"]`)
	c := newComparison(e, a, &a.Keyed[0])
	c.expected = a.Keyed[0].Expected
	want := []string{`- group 1  last["a"]  0 | missing   lifetime 328 ms, read at 1400`}
	if got := c.difference().rows; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}
