//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// An id of a session is two numbers, of 8 and of 12 digits, as the engine reads
// it. It takes the lower 62 bits of the second.
const (
	upperDigits = 8
	lowerMask   = 1<<62 - 1
)

//export flinchSession
func flinchSession(slot C.uint32_t, to unsafe.Pointer) {
	e := slots.at(slot)
	id := session(e.p.Identity, uint64(len(e.sessions)))
	e.sessions = append(e.sessions, id)
	copy(lent(to, C.SIMENV_SESSION), id)
}

//export flinchUnique
func flinchUnique(slot C.uint32_t, to unsafe.Pointer) {
	e := slots.at(slot)
	e.uniques++
	h := hash("unique", e.p.Identity)
	id := fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", h>>32, h>>16&0xffff, h&0xffff, e.uniques>>32&0xffff, e.uniques&0xffffffff)
	copy(lent(to, C.SIMENV_UNIQUE), id)
}

// session is the id of an instance's opening number n. The steps after the sum can
// be undone, so no two openings of an instance have the same; openings of two
// instances differ in a hash of 103 bits.
func session(identity, n uint64) string {
	lower := (hash("lower", identity) + n) & lowerMask
	lower = lower * 0x9e3779b97f4a7c15 & lowerMask
	lower ^= lower >> 31
	lower = lower * 0xbf58476d1ce4e5b9 & lowerMask

	id := make([]byte, C.SIMENV_SESSION)
	spell(id[:upperDigits], hash("upper", identity))
	spell(id[upperDigits:], lower)
	return string(id)
}

// spell fills to with the last digits of v.
func spell(to []byte, v uint64) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = digits[v%36]
		v /= 36
	}
}

func hash(label string, v uint64) uint64 {
	return xxhash.Sum64(binary.LittleEndian.AppendUint64([]byte("simenv "+label), v))
}
