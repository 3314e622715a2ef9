package operator

import (
	"bytes"
	"errors"
	"fmt"

	"flinch/backends"
)

// identity is what a state may never change while it lives, but for the codec of
// restored state, which its first registration may change.
type identity struct {
	name  string
	mode  backends.DistributionMode
	codec backends.CodecID
}

func (m identity) checkMode(mode backends.DistributionMode) error {
	if m.mode != mode {
		return fmt.Errorf("state %q is %s, not %s", m.name, modeNames[m.mode], modeNames[mode])
	}
	return nil
}

func (m identity) checkCodec(codec backends.CodecID) error {
	if m.codec != codec {
		return fmt.Errorf("state %q is written by codec %s, not %s", m.name, m.codec, codec)
	}
	return nil
}

// modeNames are the modes in words. A mode that is not among them is not known.
var modeNames = [...]string{
	backends.Split:     "split list state",
	backends.Union:     "union list state",
	backends.Broadcast: "broadcast state",
}

func knownMode(m backends.DistributionMode) bool { return int(m) < len(modeNames) }

// state is a List or a BroadcastMap. What was restored stays as it was stored
// until the job registers the state.
type state interface {
	about() identity
	// adopt registers the state with a codec. The first time, values that were
	// restored as bytes become live ones; what is refused stays as it was.
	adopt(codec backends.Codec) error
	// capture returns the state as it is now, deeply copied.
	capture() (captured, error)
	// lend returns the state as it is now; its values are the live ones.
	lend() captured
	// restore puts what was stored under one offset into a state that is not
	// registered. The bytes are the state's own.
	restore(c *backends.Cursor) error
}

var (
	_ state = (*List)(nil)
	_ state = (*BroadcastMap)(nil)
)

func newState(id identity) state {
	if id.mode == backends.Broadcast {
		return &BroadcastMap{identity: id}
	}
	return &List{identity: id}
}

var errNil = errors.New("nil cannot be stored")

// captured is a state as it was at one moment.
type captured struct {
	identity
	codec backends.Codec // of this copy alone; nil if the values are raw
	items []any
	raw   [][]byte // instead of items while codec is nil
	keys  []string // of a broadcast map, by value, in byte order
}

// copyItems returns live values deeply copied.
func copyItems(codec backends.Codec, items []any) ([]any, error) {
	copies := make([]any, len(items))
	for i, v := range items {
		var err error
		if copies[i], err = codec.Copy(v); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return copies, nil
}

func (c *captured) len() int {
	if c.codec == nil {
		return len(c.raw)
	}
	return len(c.items)
}

// encode returns the bytes of a value, lent until the next call.
func (c *captured) encode(i int) ([]byte, error) {
	if c.codec == nil {
		return c.raw[i], nil
	}
	return c.codec.Encode(c.items[i])
}

// encoded returns the bytes of every value.
func (c *captured) encoded() ([][]byte, error) {
	out := make([][]byte, c.len())
	for i := range out {
		b, err := c.encode(i)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		out[i] = bytes.Clone(b)
	}
	return out, nil
}
