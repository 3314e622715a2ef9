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
// reducing and aggregating state hold; and of operator state, whose package says
// what becomes of the keys of a broadcast map. Keys, namespaces and user keys of
// keyed state are addresses, which never change.
//
// A state evolves in each subtask when that subtask registers it first. Where two
// subtasks' parts of it come together, both must be of one codec, or restoring them
// is refused: so all subtasks are to register a state before the first checkpoint
// from which a job is rescaled, as a job does that registers its states when it
// opens. CheckRestored says what to do if one has not.
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
	case meta.Kind != stored.Kind || meta.Kind == TimerKind:
		return nil, stored.Check(meta)
	}
	return EvolveCodec(d.Name, stored.Codec, d.Value)
}

// EvolveCodec says how what the codec called stored wrote of a state is taken over
// by another codec: by that codec itself if read is nil, else by reading every value
// with read and writing it with that codec. It is an error if that cannot be.
func EvolveCodec(state string, stored CodecID, codec Codec) (read Codec, err error) {
	if stored == codec.ID() {
		return nil, nil
	}
	outcome := Incompatible
	if e, ok := codec.(Evolver); ok {
		outcome, read = e.Evolve(stored)
	}
	switch {
	case outcome == AsIs:
		return nil, nil
	case outcome == AfterMigration && read != nil:
		return read, nil
	case outcome == AfterMigration:
		return nil, fmt.Errorf("state %q is to be migrated from codec %s to %s, which brings no codec that reads it", state, stored, codec.ID())
	}
	return nil, fmt.Errorf("state %q was written by codec %s, which %s cannot take over; a codec that can implements Evolver", state, stored, codec.ID())
}

// CheckRestored tells whether what one handle has of a state, described as m, may be
// joined with what another has, described as o: same kind, same codec. The error
// says how a job gets a checkpoint of one codec.
func (m StateMeta) CheckRestored(o StateMeta) error {
	if m.Kind == o.Kind && m.Codec != o.Codec {
		return MixedCodecs(m.Name, m.Codec, o.Codec)
	}
	return m.Check(o)
}

// MixedCodecs is the error of restoring parts of one state that were written by two
// codecs: one subtask had registered it with a newer codec, another one not yet.
func MixedCodecs(state string, one, other CodecID) error {
	return fmt.Errorf("state %q was written by codec %s in one subtask and by %s in another, and cannot be joined: "+
		"restore at the old parallelism, register the state in every subtask, take a checkpoint and rescale from that", state, one, other)
}
