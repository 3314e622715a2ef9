package kv

import (
	"encoding/binary"
	"fmt"

	"flinch/backends"
)

// timeBytes is what a time takes in a composite key: the flipped sign bit makes
// the order of bytes the order of times, as backends.TimeKey says.
const timeBytes = 8

// appendTimer adds the composite key of a timer of the key that prefix holds
// behind its group.
func (l keyLayout) appendTimer(dst, prefix []byte, time int64, ns string) []byte {
	dst = append(dst, prefix[:l.groupBytes]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(time)^1<<63)
	dst = append(dst, prefix[l.groupBytes:]...)
	return appendNamespace(dst, ns)
}

// splitTimer takes the composite key of a timer apart.
func (l keyLayout) splitTimer(composite []byte) (parts, error) {
	group, err := l.group(composite)
	if err != nil {
		return parts{}, err
	}
	rest := composite[l.groupBytes:]
	if len(rest) < timeBytes {
		return parts{}, fmt.Errorf("composite key %q has no time", composite)
	}
	p := parts{group: group, userKey: rest[:timeBytes]}
	rest = rest[timeBytes:]
	n := keyBytesIn(l, rest)
	if n < 0 {
		return parts{}, fmt.Errorf("composite key %q has no whole key", composite)
	}
	p.key, p.namespace = rest[:n], rest[n:]
	if namespaceBytes(p.namespace) != len(p.namespace) {
		return parts{}, fmt.Errorf("composite key %q does not end with a namespace", composite)
	}
	return p, nil
}

// timerOf is the timer whose composite key, which was split before, is the group
// with this behind it. The timer's strings are parts of it.
func (l keyLayout) timerOf(group int, behind string) (backends.Timer, error) {
	time, err := backends.TimeOfKey(behind[:timeBytes])
	rest := behind[timeBytes:]
	n := keyBytesIn(l, rest)
	return backends.Timer{Time: time, Key: rest[:n], Group: group, Namespace: namespaceOf(rest[n:])}, err
}
