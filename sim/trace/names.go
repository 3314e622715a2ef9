package trace

import "fmt"

// Point says what a record is about. Those below PointFree belong to sim/sched;
// the simulator declares its own from PointFree up.
type Point uint16

// PointFree is the first point that is not sim/sched's.
const PointFree Point = 16

// Names is a table of points' names, indexed by point. A package that records
// writes one beside its points: trace.Names{PointBarrier: "barrier"}.
type Names []string

// Name returns the point's name, or its number if the table lacks it.
func (n Names) Name(p Point) string {
	if int(p) < len(n) && n[p] != "" {
		return n[p]
	}
	return fmt.Sprintf("point-%d", uint16(p))
}

// Merge returns a table with the names of all tables. It panics if two of them
// name the same point: they would be told apart nowhere.
func Merge(tables ...Names) Names {
	var all Names
	for _, table := range tables {
		for p, name := range table {
			if p >= len(all) {
				all = append(all, make(Names, p+1-len(all))...)
			}
			if name != "" && all[p] != "" {
				panic(fmt.Sprintf("trace: point %d is both %s and %s", p, all[p], name))
			}
			if name != "" {
				all[p] = name
			}
		}
	}
	return all
}

// Line returns r in one line of text, as transcripts show it.
func (n Names) Line(r Record) string {
	return fmt.Sprintf("%-12v actor=%d %s a=%d b=%d", r.At, r.Actor, n.Name(r.Point), r.A, r.B)
}
