package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"flinch/backends"
)

// The table of states is what a full snapshot's stream begins with, and what an
// incremental one keeps beside its files:
//
//	magic, number of key groups of the operator, bytes of a key, number of states,
//	and for each, in the order of their names: its name, kind, codec name, codec
//	version, bytes of an element of list state. 0 bytes: they vary.
//
// Numbers are unsigned and of variable length, strings stand behind their length.
const magic = "FLKV1"

// appendTable adds the table of states, which are in the order of their names.
func appendTable(dst []byte, p *backends.KeyedParams, states []*state) []byte {
	dst = append(dst, magic...)
	dst = binary.AppendUvarint(dst, uint64(p.MaxParallelism))
	dst = binary.AppendUvarint(dst, uint64(p.KeyBytes))
	dst = binary.AppendUvarint(dst, uint64(len(states)))
	for _, s := range states {
		dst = appendString(dst, s.meta.Name)
		dst = append(dst, byte(s.meta.Kind))
		dst = appendString(dst, s.meta.Codec.Name)
		dst = binary.AppendUvarint(dst, uint64(s.meta.Codec.Version))
		dst = binary.AppendUvarint(dst, uint64(s.elementBytes))
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// tableEntry is a state as a table has it: its lists may be laid out in another way
// than the state's.
type tableEntry struct {
	*state
	stored shape
}

// readTable returns the states of a table by their ids in it, and makes those
// that the instance does not know yet.
func (in *instance) readTable(c *backends.Cursor) ([]tableEntry, error) {
	if string(c.Raw(len(magic))) != magic {
		return nil, errors.Join(errors.New("not a table of states"), c.Err())
	}
	if groups := c.Uvarint(); c.Err() == nil && groups != uint64(in.params.MaxParallelism) {
		return nil, fmt.Errorf("snapshot of an operator with %d key groups, not %d", groups, in.params.MaxParallelism)
	}
	if n := c.Uvarint(); c.Err() == nil && n != uint64(in.params.KeyBytes) {
		return nil, fmt.Errorf("snapshot of an operator with keys of %d bytes, not %d", n, in.params.KeyBytes)
	}
	states := make([]tableEntry, 0, 8)
	for id := range c.Count() {
		meta := backends.StateMeta{Name: c.String(), Kind: backends.StateKind(c.Byte())}
		meta.Codec = backends.CodecID{Name: c.String(), Version: int(c.Uvarint())}
		elementBytes := c.Uvarint()
		switch {
		case c.Err() != nil: // what was read is nothing
		case meta.Name == "":
			c.Fail("state %d has no name", id)
		case !meta.Kind.Known():
			c.Fail("state %q is of the unknown %s", meta.Name, meta.Kind)
		case id > 0 && meta.Name <= states[id-1].stored.meta.Name:
			c.Fail("state %q is not in the order of names", meta.Name)
		case elementBytes > math.MaxInt32:
			c.Fail("state %q has elements of %d bytes", meta.Name, elementBytes)
		}
		if err := c.Err(); err != nil {
			return nil, err
		}
		stored := shape{meta: meta, keys: in.keys, elementBytes: int(elementBytes)}
		s, err := in.described(&stored)
		if err != nil {
			return nil, err
		}
		states = append(states, tableEntry{state: s, stored: stored})
	}
	return states, c.Err()
}

// Stores have a family "default" that is nobody's, as in RocksDB. A state of that
// name, or of that name with quotes behind it, has one quote more in its family's.
const (
	defaultFamily = "default"
	familyQuote   = "'"
)

// familyName is the name of a state's family: its own but for "default".
func familyName(state string) string {
	if strings.TrimRight(state, familyQuote) == defaultFamily {
		return state + familyQuote
	}
	return state
}
