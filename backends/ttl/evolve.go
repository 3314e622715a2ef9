package ttl

import (
	"strings"

	"flinch/backends"
)

// Without returns k for registering states that had a time to live when they were
// stored, and have none from now on: stamps are dropped, and what has expired
// meanwhile counts like the rest. States that never had one are registered as on
// k itself. With takes over the opposite: state that had no time to live is
// stamped when it is registered.
func Without(k backends.Keyed) backends.Keyed { return &plain{k} }

// plain registers states whose codecs read stamped values, too.
type plain struct{ backends.Keyed }

func (k *plain) Value(d backends.Descriptor) (backends.RawValue, error) {
	return k.Keyed.Value(unstamped(d))
}

func (k *plain) List(d backends.Descriptor) (backends.RawList, error) {
	return k.Keyed.List(unstamped(d))
}

func (k *plain) Map(d backends.Descriptor) (backends.RawMap, error) { return k.Keyed.Map(unstamped(d)) }

func (k *plain) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	return k.Keyed.Reducing(unstamped(d))
}

func (k *plain) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	return k.Keyed.Aggregating(unstamped(d))
}

func unstamped(d backends.Descriptor) backends.Descriptor {
	if d.Value != nil {
		d.Value = &unstampedCodec{d.Value}
	}
	return d
}

// nameOf is what the codec of stamped values is called, for one that is called so.
func nameOf(of string) string { return "ttl(" + of + ")" }

// withoutStamp is the codec that the values of a codec's ID were stamped over.
func withoutStamp(id backends.CodecID) (backends.CodecID, bool) {
	of, ok := strings.CutPrefix(id.Name, "ttl(")
	if !ok || !strings.HasSuffix(of, ")") {
		return id, false
	}
	id.Name = strings.TrimSuffix(of, ")")
	return id, true
}

// evolve is what of says of bytes that a codec called stored wrote, if of is not
// that codec itself.
func evolve(of backends.Codec, stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	if of.ID() == stored {
		return backends.AsIs, nil
	}
	if e, ok := of.(backends.Evolver); ok {
		return e.Evolve(stored)
	}
	return backends.Incompatible, nil
}

// Evolve takes over stamped values of what the value's codec takes over, and
// values without a stamp, which get one.
func (c *codec) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	of, had := withoutStamp(stored)
	outcome, read := evolve(c.of, of)
	switch {
	case outcome == backends.Incompatible:
		return backends.Incompatible, nil
	case read == nil:
		read = c.of.Duplicate()
	}
	switch {
	case !had:
		return backends.AfterMigration, &stamping{Codec: read, now: c.now}
	case outcome == backends.AsIs:
		return backends.AsIs, nil
	}
	return backends.AfterMigration, newCodec(read, c.now)
}

// stamping reads values without a stamp and gives them one.
type stamping struct {
	backends.Codec
	now func() int64
}

func (c *stamping) Decode(src []byte) (any, error) {
	v, err := c.Codec.Decode(src)
	if err != nil {
		return nil, err
	}
	return &stamped{value: v, at: c.now()}, nil
}

// unstampedCodec is a codec that takes over stamped values of its own.
type unstampedCodec struct{ backends.Codec }

// FixedBytes is that of the codec.
func (c *unstampedCodec) FixedBytes() int {
	if f, ok := c.Codec.(backends.FixedSizer); ok {
		return f.FixedBytes()
	}
	return 0
}

// Duplicate keeps the ability to take over.
func (c *unstampedCodec) Duplicate() backends.Codec { return &unstampedCodec{c.Codec.Duplicate()} }

// Evolve drops the stamp.
func (c *unstampedCodec) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	of, had := withoutStamp(stored)
	outcome, read := evolve(c.Codec, of)
	switch {
	case !had || outcome == backends.Incompatible:
		return outcome, read
	case read == nil:
		read = c.Codec.Duplicate()
	}
	return backends.AfterMigration, &dropping{read}
}

// dropping reads stamped values without their stamp.
type dropping struct{ backends.Codec }

func (c *dropping) Decode(src []byte) (any, error) {
	_, value, err := Split(src)
	if err != nil {
		return nil, err
	}
	return c.Codec.Decode(value)
}
