package backends

import (
	"errors"
	"fmt"
)

// StateMeta is what snapshots keep of a Descriptor, and what a state may never
// change while it lives.
type StateMeta struct {
	Name  string
	Kind  StateKind
	Codec CodecID
}

// Meta checks that d is complete and returns what is lasting of it.
func (d Descriptor) Meta() (StateMeta, error) {
	switch {
	case d.Name == "":
		return StateMeta{}, errors.New("a state descriptor has no name")
	case d.Kind > MapKind:
		return StateMeta{}, fmt.Errorf("state %q has the unknown %s", d.Name, d.Kind)
	case d.Value == nil:
		return StateMeta{}, fmt.Errorf("state %q has no codec", d.Name)
	}
	return StateMeta{Name: d.Name, Kind: d.Kind, Codec: d.Value.ID()}, nil
}

// MetaAs is Meta for a descriptor that is used as state of the given kind.
func (d Descriptor) MetaAs(kind StateKind) (StateMeta, error) {
	meta, err := d.Meta()
	if err == nil && d.Kind != kind {
		err = fmt.Errorf("state %q is described as %s state, not %s state", d.Name, d.Kind, kind)
	}
	return meta, err
}

// Check tells whether a state that is known as m may be used as o: same kind,
// same codec.
func (m StateMeta) Check(o StateMeta) error {
	switch {
	case m.Kind != o.Kind:
		return fmt.Errorf("state %q is %s state, not %s state", m.Name, m.Kind, o.Kind)
	case m.Codec != o.Codec:
		return fmt.Errorf("state %q is written by codec %s, not %s", m.Name, m.Codec, o.Codec)
	}
	return nil
}

// String is the kind in a word.
func (k StateKind) String() string {
	switch k {
	case ValueKind:
		return "value"
	case ListKind:
		return "list"
	case MapKind:
		return "map"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// String prints the codec as "int64/1".
func (c CodecID) String() string { return fmt.Sprintf("%s/%d", c.Name, c.Version) }
