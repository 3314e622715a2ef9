package kv

import (
	"bytes"
	"slices"
)

// heldTimers are the timers of one key group, on their way from the order of
// times to that of keys.
type heldTimers struct {
	of      *shape // nil: there are none
	group   int
	data    []byte
	entries []heldTimer
}

// heldTimer is where in the data a timer is: its key, its namespace and its time,
// which compare as canonical order wants.
type heldTimer struct{ begin, key, namespace, end int }

func (h *heldTimers) add(s *shape, p parts) {
	h.of, h.group = s, p.group
	e := heldTimer{begin: len(h.data)}
	h.data = append(h.data, p.key...)
	e.key = len(h.data)
	h.data = append(h.data, p.namespace...)
	e.namespace = len(h.data)
	h.data = append(h.data, p.userKey...)
	e.end = len(h.data)
	h.entries = append(h.entries, e)
}

// parts returns a timer as splitTimer does.
func (h *heldTimers) parts(e heldTimer) parts {
	return parts{
		group:     h.group,
		key:       h.data[e.begin:e.key],
		namespace: h.data[e.key:e.namespace],
		userKey:   h.data[e.namespace:e.end],
	}
}

// exportTimers reports the timers that were held, if any, and holds none.
func (x *exporter) exportTimers() error {
	h := &x.timers
	if h.of == nil {
		return nil
	}
	slices.SortFunc(h.entries, func(a, b heldTimer) int {
		return bytes.Compare(h.data[a.begin:a.end], h.data[b.begin:b.end])
	})
	x.entry.Value = nil
	for _, e := range h.entries {
		x.address(h.of, h.parts(e))
		if err := x.yield(x.entry); err != nil {
			return err
		}
	}
	h.of, h.data, h.entries = nil, h.data[:0], h.entries[:0]
	return nil
}
