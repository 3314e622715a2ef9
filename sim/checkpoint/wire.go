package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"flinch/backends/storage"
)

// encoder appends values: integers as zig-zag varints, sums fixed in 8 bytes,
// strings with their length. Lists and byte slices carry length + 1, and 0 for
// nil, so that what comes back is deeply equal.
type encoder struct {
	out     []byte
	version uint32
}

func (e *encoder) int(v int64)    { e.out = binary.AppendVarint(e.out, v) }
func (e *encoder) uint(v uint64)  { e.out = binary.AppendUvarint(e.out, v) }
func (e *encoder) fixed(v uint64) { e.out = binary.LittleEndian.AppendUint64(e.out, v) }
func (e *encoder) byte(v byte)    { e.out = append(e.out, v) }

func (e *encoder) bool(v bool) {
	var b byte
	if v {
		b = 1
	}
	e.byte(b)
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.out = append(e.out, s...)
}

func (e *encoder) bytes(p []byte) {
	if p == nil {
		e.uint(0)
		return
	}
	e.uint(uint64(len(p)) + 1)
	e.out = append(e.out, p...)
}

func encodeList[T any](e *encoder, list []T, encode func(*encoder, T)) {
	if list == nil {
		e.uint(0)
		return
	}
	e.uint(uint64(len(list)) + 1)
	for _, v := range list {
		encode(e, v)
	}
}

// decoder reads what encoder wrote. The first error sticks, and everything read
// after it is zero.
type decoder struct {
	data []byte
	text string // the same bytes: strings are cut from it
	at   int
	err  error

	version uint32
}

func newDecoder(data []byte) *decoder { return &decoder{data: data, text: string(data)} }

func (d *decoder) fail(problem error) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d of %d: %w: %w", d.at, len(d.data), problem, storage.ErrCorrupt)
	}
}

var errCut = errors.New("the bytes end too early")

func (d *decoder) int() int64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Varint(d.data[d.at:])
	if n <= 0 {
		d.fail(errors.New("no integer"))
		return 0
	}
	d.at += n
	return v
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.data[d.at:])
	if n <= 0 {
		d.fail(errors.New("no length"))
		return 0
	}
	d.at += n
	return v
}

// take passes over n bytes and tells where they begin.
func (d *decoder) take(n uint64) (from int, ok bool) {
	if d.err != nil {
		return 0, false
	}
	if n > uint64(len(d.data)-d.at) {
		d.fail(errCut)
		return 0, false
	}
	from = d.at
	d.at += int(n)
	return from, true
}

func (d *decoder) fixed() uint64 {
	from, ok := d.take(8)
	if !ok {
		return 0
	}
	return binary.LittleEndian.Uint64(d.data[from:])
}

// upTo reads a byte that may not be above limit.
func (d *decoder) upTo(limit byte) byte {
	from, ok := d.take(1)
	if !ok {
		return 0
	}
	if v := d.data[from]; v <= limit {
		return v
	}
	d.at = from
	d.fail(fmt.Errorf("value %d, at most %d is known", d.data[from], limit))
	return 0
}

func (d *decoder) string() string {
	from, ok := d.take(d.uint())
	if !ok {
		return ""
	}
	return d.text[from:d.at]
}

func (d *decoder) bytes() []byte {
	n := d.uint()
	if n == 0 {
		return nil
	}
	from, ok := d.take(n - 1)
	if !ok {
		return nil
	}
	return append(make([]byte, 0, n-1), d.data[from:d.at]...)
}

// listCapMax bounds what is allocated for a list on the word of its length
// alone; longer ones grow as their elements are read.
const listCapMax = 1024

func decodeList[T any](d *decoder, decode func(*decoder) T) []T {
	n := d.uint()
	if n == 0 {
		return nil
	}
	n--
	if n > uint64(len(d.data)-d.at) { // every element takes a byte at least
		d.fail(errCut)
		return nil
	}
	list := make([]T, 0, min(n, listCapMax))
	for range n {
		list = append(list, decode(d))
		if d.err != nil {
			return nil
		}
	}
	return slices.Clip(list)
}

// end returns the first error; bytes that are left over are one.
func (d *decoder) end() error {
	if d.err == nil && d.at != len(d.data) {
		d.fail(errors.New("bytes are left over"))
	}
	return d.err
}
