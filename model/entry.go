package model

import (
	"cmp"
	"strings"
)

// Entry is one entry of keyed state in canonical form. UserKey and Value are
// words of eight bytes each, big-endian. A value or a user key of a map makes
// one entry, so does each element of a list (Index from 0).
type Entry struct {
	State     string
	Group     int
	Key       string
	Namespace string
	UserKey   string
	Index     int
	Value     string
	Stamp     int64 // milliseconds, for state with a time to live; else 0
}

// Compare orders entries by group, state, key, namespace, user key and index:
// the canonical order in which backends list theirs.
func Compare(a, b Entry) int {
	return cmp.Or(
		cmp.Compare(a.Group, b.Group),
		strings.Compare(a.State, b.State),
		strings.Compare(a.Key, b.Key),
		strings.Compare(a.Namespace, b.Namespace),
		strings.Compare(a.UserKey, b.UserKey),
		cmp.Compare(a.Index, b.Index),
	)
}

// AppendWords appends words in their canonical form.
func AppendWords(dst []byte, words []int64) []byte {
	for _, w := range words {
		dst = append(dst, byte(w>>56), byte(w>>48), byte(w>>40), byte(w>>32), byte(w>>24), byte(w>>16), byte(w>>8), byte(w))
	}
	return dst
}
