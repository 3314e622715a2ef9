package backends

import "fmt"

// Compatibility is what becomes of stored state when a job registers it with a
// codec of another name or version: Flink's TypeSerializerSchemaCompatibility.
type Compatibility uint8

// The outcomes. Flink's fourth, a reconfigured serializer, has no counterpart:
// codecs are made with their configuration.
const (
	Incompatible   Compatibility = iota
	AsIs                         // the codec reads the stored bytes as they are
	AfterMigration               // another codec reads them, and the new one writes them again
)

// Evolver is implemented by codecs that can take over what others wrote, an older
// version of theirs above all. Optional: a codec without it is compatible, as is,
// with its own ID alone.
//
// Evolution is for values: of value state, of elements, of map values, of what
// reducing and aggregating state hold. Keys, namespaces and user keys are
// addresses, which never change.
type Evolver interface {
	// Evolve says what becomes of bytes that the codec called stored wrote. With
	// AfterMigration it returns a codec that decodes them into values that the
	// new codec encodes; else nil.
	Evolve(stored CodecID) (Compatibility, Codec)
}

// Evolve says how a state that a snapshot describes is taken over by a job that
// describes it as d: by d's own codec if read is nil, else by reading every value
// with read and writing it with d's. It is an error if that cannot be.
func (d Descriptor) Evolve(stored StateMeta) (read Codec, err error) {
	meta, err := d.Meta()
	switch {
	case err != nil:
		return nil, err
	case meta.Kind != stored.Kind || meta.Codec == stored.Codec:
		return nil, stored.Check(meta)
	}
	outcome := Incompatible
	if e, ok := d.Value.(Evolver); ok {
		outcome, read = e.Evolve(stored.Codec)
	}
	switch {
	case outcome == AsIs:
		return nil, nil
	case outcome == AfterMigration && read != nil:
		return read, nil
	case outcome == AfterMigration:
		return nil, fmt.Errorf("state %q is to be migrated from codec %s to %s, which brings no codec that reads it", d.Name, stored.Codec, meta.Codec)
	}
	return nil, fmt.Errorf("state %q was written by codec %s, which %s cannot take over; a codec that can implements Evolver", d.Name, stored.Codec, meta.Codec)
}
