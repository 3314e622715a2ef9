package backends

import "strings"

// byUserKey is the codec of a map state's values. Its name tells how the user keys
// are encoded, too, so that a map is not restored with keys of another type.
type byUserKey struct {
	Codec
	keys string // name of the KeyCodec
}

var (
	_ Evolver    = (*byUserKey)(nil)
	_ FixedSizer = (*byUserKey)(nil)
)

// suffix is what the name of the values' codec ends with.
func (c *byUserKey) suffix() string { return " by " + c.keys }

func (c *byUserKey) ID() CodecID {
	id := c.Codec.ID()
	id.Name += c.suffix()
	return id
}

// FixedBytes is that of the values' codec.
func (c *byUserKey) FixedBytes() int {
	if f, ok := c.Codec.(FixedSizer); ok {
		return f.FixedBytes()
	}
	return 0
}

func (c *byUserKey) Duplicate() Codec { return &byUserKey{Codec: c.Codec.Duplicate(), keys: c.keys} }

// Evolve is that of the values' codec, where the keys are the same.
func (c *byUserKey) Evolve(stored CodecID) (Compatibility, Codec) {
	name, same := strings.CutSuffix(stored.Name, c.suffix())
	e, ok := c.Codec.(Evolver)
	if !same || !ok {
		return Incompatible, nil
	}
	stored.Name = name
	return e.Evolve(stored)
}
