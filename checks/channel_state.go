package checks

import (
	"context"
	"fmt"
	"slices"
)

// An unaligned checkpoint holds, beside state, the records that its barriers have
// overtaken: for each channel those that had left the source and that the chain had
// not processed, and those that had not left the source, each once, in their order,
// and no other. What is compared is what was in flight by the harness' own count of
// each channel with what is read back from the streams. Of records that had been
// restored and not processed when the checkpoint was taken, the order is judged by
// what they do to state. An aligned checkpoint holds none at all.
var _ = register(Check{
	Order:     45,
	Name:      "channel-state",
	Guarantee: "An unaligned checkpoint holds the records in flight, each once and in order, and no other.",
	Judge:     judgeChannelState,
})

func judgeChannelState(_ context.Context, e *Evidence) Verdict {
	var f findings
	for i := range e.Audits {
		a := &e.Audits[i]
		f.judged++ // that there is no other channel than those that are listed
		for j := range a.Channels {
			judgeChannel(&f, e, a, &a.Channels[j])
		}
	}
	return f.verdict()
}

func judgeChannel(f *findings, e *Evidence, a *Audit, c *ChannelAudit) {
	f.judged += int64(max(len(c.Want), len(c.Got)))
	want, got := c.Want, c.Got
	if c.From < 0 {
		want, got = slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	}
	side, from := "input", fmt.Sprintf("source %d", c.From)
	if c.Output {
		side = "output"
	}
	if c.From < 0 {
		from = "an earlier restore"
	}
	where := fmt.Sprintf("%sthe %s from %s to chain %d", auditText(e, a), side, from, c.To)
	switch {
	case c.Error != "":
		f.add(finding{step: a.Step, checkpoint: a.Checkpoint, message: fmt.Sprintf("%schannel state could not be read: %s.", auditText(e, a), c.Error)})
	case !slices.Equal(want, got):
		f.add(finding{
			step: a.Step, checkpoint: a.Checkpoint, message: where + " does not hold what was in flight.",
			details: []string{fmt.Sprintf("~ records in order  %v | %v", want, got)},
		})
	}
}
