package kv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"flinch/backends"
)

// keyLayout is how the composite keys of one operator are put together: so that
// they can be read from the front, and sort by group, key, namespace, user key.
type keyLayout struct {
	groupBytes int
	keyBytes   int // of each encoded key; 0: they vary and end with two zero bytes
}

// oneByteGroups is how many key groups fit into one byte, as in Flink.
const oneByteGroups = 128

func newKeyLayout(p *backends.KeyedParams) keyLayout {
	l := keyLayout{groupBytes: 2, keyBytes: p.KeyBytes}
	if p.MaxParallelism <= oneByteGroups {
		l.groupBytes = 1
	}
	return l
}

// Zeros of a text are escaped, so that two zero bytes are its end and it sorts as
// it did: the end sorts before an escaped zero, and that before all other bytes.
const (
	textEnd  = "\x00\x00"
	textZero = "\x00\xff"
)

// The first byte of a namespace tells the void one, which sorts first, from texts.
const (
	voidNamespace = 0
	textNamespace = 1
)

// appendGroup adds what all keys of a group begin with. Groups one beyond the
// last fit, too: they are where a scan ends.
func (l keyLayout) appendGroup(dst []byte, group int) []byte {
	if l.groupBytes == 1 {
		return append(dst, byte(group))
	}
	return binary.BigEndian.AppendUint16(dst, uint16(group))
}

// appendNamespace adds a namespace that is not empty.
func appendNamespace(dst []byte, ns string) []byte {
	if ns == backends.VoidNamespace {
		return append(dst, voidNamespace)
	}
	dst = append(dst, textNamespace)
	for {
		i := strings.IndexByte(ns, 0)
		if i < 0 {
			return append(append(dst, ns...), textEnd...)
		}
		dst = append(append(dst, ns[:i]...), textZero...)
		ns = ns[i+1:]
	}
}

// checkKey tells why an encoded key cannot be part of a composite one, if so.
func (l keyLayout) checkKey(encoded string) error {
	switch {
	case encoded == "":
		return errors.New("its encoded form is empty")
	case l.keyBytes == 0:
		if n := textBytes(encoded); n != len(encoded) {
			return errors.New("its encoded form does not end with its first two zero bytes, or has a zero that no 0xff follows")
		}
	case len(encoded) != l.keyBytes:
		return fmt.Errorf("its encoded form has %d bytes, where the operator's keys have %d", len(encoded), l.keyBytes)
	}
	return nil
}

// textBytes is the length of the text that s begins with, its end included; -1 if
// s begins with none.
func textBytes[T string | []byte](s T) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != 0 {
			continue
		}
		switch s[i+1] {
		case 0:
			return i + 2
		case 0xff:
			i++
		default:
			return -1
		}
	}
	return -1
}

// keyBytesIn is the length of the encoded key that s begins with; -1 if s begins
// with none.
func keyBytesIn[T string | []byte](l keyLayout, s T) int {
	switch {
	case l.keyBytes == 0:
		return textBytes(s)
	case len(s) < l.keyBytes:
		return -1
	}
	return l.keyBytes
}

// parts is a composite key taken apart. The slices are lent from it.
type parts struct {
	group     int
	key       []byte
	namespace []byte // as it is in the composite key
	userKey   []byte // of a timer its time
}

// group reads the key group that a composite key begins with.
func (l keyLayout) group(composite []byte) (int, error) {
	switch {
	case len(composite) < l.groupBytes:
		return 0, fmt.Errorf("composite key %q has no key group", composite)
	case l.groupBytes == 1:
		return int(composite[0]), nil
	}
	return int(binary.BigEndian.Uint16(composite)), nil
}

// split takes a composite key apart.
func (l keyLayout) split(composite []byte) (parts, error) {
	group, err := l.group(composite)
	if err != nil {
		return parts{}, err
	}
	rest := composite[l.groupBytes:]
	n := keyBytesIn(l, rest)
	if n < 0 {
		return parts{}, fmt.Errorf("composite key %q has no whole key", composite)
	}
	p := parts{group: group, key: rest[:n]}
	rest = rest[n:]
	if n = namespaceBytes(rest); n < 0 {
		return parts{}, fmt.Errorf("composite key %q has no namespace", composite)
	}
	p.namespace, p.userKey = rest[:n], rest[n:]
	return p, nil
}

// namespaceBytes is the length of the namespace that s begins with, or -1.
func namespaceBytes(s []byte) int {
	switch {
	case len(s) == 0:
		return -1
	case s[0] == voidNamespace:
		return 1
	case s[0] != textNamespace:
		return -1
	}
	text := s[1:]
	n := textBytes(text)
	// Neither the empty namespace nor the void one is written as a text.
	if n <= len(textEnd) || bytes.Equal(text[:n], []byte(textZero+textEnd)) {
		return -1
	}
	return 1 + n
}

// namespaceOf turns the namespace of a composite key back.
func namespaceOf[T string | []byte](encoded T) string {
	if encoded[0] == voidNamespace {
		return backends.VoidNamespace
	}
	text := encoded[1 : len(encoded)-len(textEnd)]
	return strings.ReplaceAll(string(text), textZero, "\x00")
}

// appendEndOf adds the first key that is after all that begin with prefix, which
// ends with a key or a namespace and so never with 0xff in all its bytes.
func appendEndOf(dst, prefix []byte) []byte {
	dst = append(dst, prefix...)
	i := len(dst) - 1
	for dst[i] == 0xff {
		i--
	}
	dst[i]++
	return dst[:i+1]
}
