package backends

import (
	"encoding/binary"
	"math"
)

// CleanUp lets a backend drop, in the background, values of a state that have
// expired and that nobody reads any more. Heeding it is optional, in whole and in
// parts; what was dropped stays dropped. Package ttl fills it in.
//
// A value (of value state, an element of a list, a map's value, what reducing and
// aggregating state hold) bears a stamp, in milliseconds: encoded, its first 8
// bytes, big-endian.
type CleanUp struct {
	Stamp    func(v any) int64 // of a live value
	Lifetime int64             // milliseconds
	Now      func() int64      // the clock, in milliseconds; not for threads of an engine
	// FullSnapshots asks that full snapshots leave out what had expired in their
	// synchronous phase. The state itself is left as it is.
	FullSnapshots bool
	// PerAccess is how many entries each access to the state looks at beside its
	// own, one after the other over the whole state: what has expired goes.
	PerAccess int
	// Compactions asks an engine that rewrites its files in the background to leave
	// out what has expired. It may not see values that were only appended.
	Compactions bool
}

// StampBytes is the length of a stamp in front of an encoded value.
const StampBytes = 8

// ExpiredAt tells whether an encoded value has expired at a time. Bytes that are
// too short for a stamp have not.
func (c *CleanUp) ExpiredAt(encoded []byte, now int64) bool {
	return len(encoded) >= StampBytes && Expired(int64(binary.BigEndian.Uint64(encoded)), c.Lifetime, now)
}

// Expired tells whether a value with that stamp has expired: at stamp + lifetime,
// that moment included. All are in milliseconds. A lifetime that ends beyond the
// end of time ends there.
func Expired(stamp, lifetime, now int64) bool {
	if stamp > 0 {
		lifetime = min(lifetime, math.MaxInt64-stamp)
	}
	return stamp+lifetime <= now
}
