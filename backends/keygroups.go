package backends

import "fmt"

// KeyGroupRange is an inclusive range of key groups. Start > End is empty;
// EmptyRange is how an empty range is written.
type KeyGroupRange struct {
	Start, End int
}

// EmptyRange holds no key group.
var EmptyRange = KeyGroupRange{Start: 0, End: -1}

// Contains tells whether group is in r.
func (r KeyGroupRange) Contains(group int) bool { return r.Start <= group && group <= r.End }

// Len is the number of groups in r.
func (r KeyGroupRange) Len() int { return max(0, r.End-r.Start+1) }

// Intersect returns the groups that are in both ranges.
func (r KeyGroupRange) Intersect(o KeyGroupRange) KeyGroupRange {
	both := KeyGroupRange{Start: max(r.Start, o.Start), End: min(r.End, o.End)}
	if both.Len() == 0 {
		return EmptyRange
	}
	return both
}

// String prints the range as "[0..42]".
func (r KeyGroupRange) String() string { return fmt.Sprintf("[%d..%d]", r.Start, r.End) }
