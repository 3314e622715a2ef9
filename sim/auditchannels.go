package sim

import (
	"cmp"
	"context"
	"slices"

	"flinch/backends"
	"flinch/checks"
	"flinch/sim/checkpoint"
)

// auditChannels reads the records in flight of a checkpoint back, and puts them
// beside those that the harness counted.
func (w *world) auditChannels(m checkpoint.Metadata, streams backends.CheckpointStreams) []checks.ChannelAudit {
	var all []checks.ChannelAudit
	at := func(from, to int, output bool) *checks.ChannelAudit {
		for i := range all {
			if c := &all[i]; c.From == from && c.To == to && c.Output == output {
				return c
			}
		}
		all = append(all, checks.ChannelAudit{From: from, To: to, Output: output})
		return &all[len(all)-1]
	}
	if row := w.row(int64(m.ID)); row != nil {
		for _, f := range row.InFlight {
			c := at(f.From, f.To, f.Output)
			c.Want = append(c.Want, f.Records...)
		}
	}
	read := func(operator string, place func(own, peer int) *checks.ChannelAudit) {
		for own, s := range operatorOf(m, operator).Subtasks {
			err := w.readChannels(context.Background(), streams, s.Channels, func(_ checkpoint.ChannelHandle, peer, record int) {
				c := place(own, peer)
				c.Got = append(c.Got, int32(record))
			})
			if err != nil {
				at(recovered, own, false).Error = err.Error()
			}
		}
	}
	read(w.operators[0], func(own, peer int) *checks.ChannelAudit { return at(peer, own, false) })
	read(sourceName, func(own, peer int) *checks.ChannelAudit { return at(own, peer, true) })
	slices.SortFunc(all, func(a, b checks.ChannelAudit) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From))
	})
	return all
}
