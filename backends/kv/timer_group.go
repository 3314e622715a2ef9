package kv

import "slices"

// timerGroup caches the first timers of one key group. They are composite keys
// without the group, so that they compare as timers do.
type timerGroup struct {
	group   int
	at      int      // its place among the heads; -1: it has none
	cached  []string // falling, so that the first is taken off the end
	covered string   // of all timers up to this one, those that exist are cached
	whole   bool     // of all timers are
}

// covers tells whether the cache alone says if a timer exists.
func (g *timerGroup) covers(timer []byte) bool { return g.whole || string(timer) <= g.covered }

// find returns the place of a timer in the cache, or the one that it would have.
func (g *timerGroup) find(timer []byte) (at int, found bool) {
	low, high := 0, len(g.cached)
	for low < high {
		middle := int(uint(low+high) / 2)
		if g.cached[middle] > string(timer) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(g.cached) && g.cached[low] == string(timer)
}

// insert adds a timer that the cache covers, at the place that find gave. The
// last one leaves a cache of more than most.
func (g *timerGroup) insert(at int, timer []byte, most int) {
	if len(g.cached) < most {
		g.cached = slices.Insert(g.cached, at, string(timer))
		return
	}
	g.whole = false
	if at > 0 {
		copy(g.cached, g.cached[1:at])
		g.cached[at-1] = string(timer)
	}
	g.covered = g.cached[0]
}

// remove takes a timer out of the cache. What is covered stays.
func (g *timerGroup) remove(at int) { g.cached = slices.Delete(g.cached, at, at+1) }

// head is the group's first timer; if none is cached, none is before it or is it.
func (g *timerGroup) head() string {
	if n := len(g.cached); n > 0 {
		return g.cached[n-1]
	}
	return g.covered
}

// settle makes a cache of timers that were appended rising.
func (g *timerGroup) settle() {
	slices.Reverse(g.cached)
	if !g.whole {
		g.covered = g.cached[0]
	}
}

// timerHeads is a binary heap of the groups that have timers or may have, by
// their heads.
type timerHeads []*timerGroup

// fix brings a group to its place after its cache has changed.
func (h *timerHeads) fix(g *timerGroup) {
	switch live := len(g.cached) > 0 || !g.whole; {
	case live && g.at < 0:
		g.at = len(*h)
		*h = append(*h, g)
		h.up(g)
	case live:
		h.up(g)
		h.down(g)
	case g.at >= 0:
		h.drop(g)
	}
}

func (h *timerHeads) drop(g *timerGroup) {
	all := *h
	last := all[len(all)-1]
	all[len(all)-1] = nil
	*h = all[:len(all)-1]
	if last != g {
		h.set(g.at, last)
		h.up(last)
		h.down(last)
	}
	g.at = -1
}

func (h *timerHeads) set(at int, g *timerGroup) { (*h)[at], g.at = g, at }

func (h *timerHeads) up(g *timerGroup) {
	all, at := *h, g.at
	for at > 0 {
		parent := (at - 1) / 2
		if g.head() >= all[parent].head() {
			break
		}
		h.set(at, all[parent])
		at = parent
	}
	h.set(at, g)
}

func (h *timerHeads) down(g *timerGroup) {
	all, at := *h, g.at
	for {
		child := 2*at + 1
		if child >= len(all) {
			break
		}
		if child+1 < len(all) && all[child+1].head() < all[child].head() {
			child++
		}
		if g.head() <= all[child].head() {
			break
		}
		h.set(at, all[child])
		at = child
	}
	h.set(at, g)
}
