package disk

// The labels of the draws that Crash makes.
const (
	drawEntry   = "entry"   // an operation on names: 0 kept, 1 lost
	drawData    = "data"    // a file's data: how many of its last steps are lost
	drawTorn    = "torn"    // of the first lost step: 0 nothing is there, 1 a part is
	drawFill    = "fill"    // what stands in the lost part
	drawHole    = "hole"    // 0: lost from the cut on, 1: one block at the cut
	drawUnit    = "unit"    // 0: 4 KiB blocks, 1: 512 B sectors
	drawCut     = "cut"     // at which boundary
	drawJournal = "journal" // Ext4Ordered: how many of the last operations on names are lost
	drawPrefix  = "prefix"  // Prefix: how many of the last operations are lost
)

// KeepAll is the Chooser of the crash that loses nothing.
type KeepAll struct{}

// Uint64N returns 0.
func (KeepAll) Uint64N(string, uint64) uint64 { return 0 }

// LoseAll is the Chooser of the crash that loses all that it may.
type LoseAll struct{}

// Uint64N returns the number that loses most.
func (LoseAll) Uint64N(label string, n uint64) uint64 {
	switch label {
	case drawEntry, drawData, drawJournal, drawPrefix:
		return n - 1
	}
	return 0
}

// Enumerator is the Chooser that walks all combinations of choices, depth
// first, the least surprising first:
//
//	for e := new(disk.Enumerator); e.Next(); {
//		crashed := image.Crash(profile, e)
//		...
//	}
//
// Whoever draws must draw the same as long as it is given the same. The zero
// value walks everything.
type Enumerator struct {
	Whole   bool   // no torn data: each operation is there or not
	CutsMax uint64 // at most so many places for a cut, evenly spread; 0: all

	path    []choice
	at      int
	started bool
}

type choice struct{ value, n, of uint64 }

// Next goes on to the next combination, and is false behind the last.
func (e *Enumerator) Next() bool {
	e.at = 0
	if !e.started {
		e.started = true
		return true
	}
	for len(e.path) > 0 {
		last := &e.path[len(e.path)-1]
		if last.value++; last.value < last.n {
			return true
		}
		e.path = e.path[:len(e.path)-1]
	}
	return false
}

// Uint64N returns this combination's choice.
func (e *Enumerator) Uint64N(label string, n uint64) uint64 {
	if e.at == len(e.path) {
		c := choice{n: n, of: n}
		switch {
		case label == drawTorn && e.Whole:
			c.n = 1
		case label == drawCut && e.CutsMax > 0:
			c.n = min(n, e.CutsMax)
		}
		e.path = append(e.path, c)
	}
	c := e.path[e.at]
	e.at++
	if c.n == c.of || c.n == 1 {
		return c.value
	}
	return c.value * (c.of - 1) / (c.n - 1)
}
