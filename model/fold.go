package model

// Record is the work of one record in one keyed operator: operations under a
// key, given as an index into Schema.Keys.
type Record struct {
	Key int
	Ops []Op
}

// Fold returns the state that the records leave if each is applied once, in the
// given order.
func Fold(s *Schema, records []Record) *Frozen {
	k := NewKeyed(s)
	var answer []int64
	for _, r := range records {
		for _, op := range r.Ops {
			answer = k.Apply(r.Key, op, answer[:0])
		}
	}
	return k.Freeze()
}
