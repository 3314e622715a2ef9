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
	case d.Kind >= kindCount:
		return StateMeta{}, fmt.Errorf("state %q has the unknown %s", d.Name, d.Kind)
	case d.Kind == TimerKind:
		return TimersMeta(d.Name), nil
	case d.Value == nil:
		return StateMeta{}, fmt.Errorf("state %q has no codec", d.Name)
	case d.Kind == ReducingKind && d.Reduce == nil:
		return StateMeta{}, fmt.Errorf("reducing state %q has no function Reduce", d.Name)
	case d.Kind == AggregatingKind && !d.Aggregate.complete():
		return StateMeta{}, fmt.Errorf("aggregating state %q lacks one of its functions Create, Add, Merge, Result", d.Name)
	}
	return StateMeta{Name: d.Name, Kind: d.Kind, Codec: d.Value.ID()}, nil
}

func (a *Aggregate) complete() bool {
	return a != nil && a.Create != nil && a.Add != nil && a.Merge != nil && a.Result != nil
}

// TimersMeta is the meta data of a queue of timers. Its codec is nobody's: a timer
// has no value.
func TimersMeta(name string) StateMeta {
	return StateMeta{Name: name, Kind: TimerKind, Codec: CodecID{Name: "timer", Version: 1}}
}

// Known tells whether snapshots may hold states of kind k.
func (k StateKind) Known() bool { return k < kindCount }

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
	case ReducingKind:
		return "reducing"
	case AggregatingKind:
		return "aggregating"
	case TimerKind:
		return "timer"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// String prints the codec as "int64/1".
func (c CodecID) String() string { return fmt.Sprintf("%s/%d", c.Name, c.Version) }
