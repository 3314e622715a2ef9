package kv

import "flinch/backends"

// expiry is what a snapshot leaves out of a state with a time to live: what had
// expired in the synchronous phase.
type expiry struct {
	cleanUp *backends.CleanUp
	now     int64
	value   []byte // scratch: what is left of a list
}

// expiryOf is nil if nothing is to be left out.
func expiryOf(c *backends.CleanUp) *expiry {
	if c == nil || !c.FullSnapshots {
		return nil
	}
	return &expiry{cleanUp: c, now: c.Now()}
}

// letExpire asks the engine to leave out what has expired, if the job lets it and it
// can. Views of a state from before it was rewritten have values that only look
// stamped: with one open, all is kept.
func (s *state) letExpire() {
	c, can := s.family.(Cleaner)
	if !can || s.cleanUp == nil || !s.cleanUp.Compactions || s.rewritten && len(s.in.pendings) > 0 {
		return
	}
	c.CleanUp(Expiring{Kind: s.meta.Kind, ElementBytes: s.elementBytes, CleanUp: s.cleanUp})
}

// alive returns nil for a value that has expired, else the value.
func (e *expiry) alive(encoded []byte) ([]byte, error) {
	if e.cleanUp.ExpiredAt(encoded, e.now) {
		return nil, nil
	}
	return encoded, nil
}

// left is what a snapshot has of a stored value; nothing if it leaves the entry
// out. It is lent until the next call.
func (s *frozenState) left(value []byte) ([]byte, error) {
	e := s.expiry
	if e == nil {
		return value, nil
	}
	var err error
	e.value, err = s.rewrite(e.value[:0], value, &s.shape, e.alive)
	return e.value, err
}
