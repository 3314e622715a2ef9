package backends

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// A canonical savepoint is what any backend writes on request
// (SnapshotOptions.Canonical) and any backend is restored from: the entries that
// Keyed.Entries lists, in its order. So equal state gives equal bytes, whatever
// backend held it.
//
// The stream of one subtask, layout SavepointFormat:
//
//	header:  magic, version, number of key groups of the operator, bytes of a key (0:
//	         they vary), number of states, and for each, in the order of their names,
//	         its name, kind, codec name, codec version; then a checksum. A state's
//	         id is its place in this list.
//	group:   its number, its entries, end, a checksum. The handle has the group's
//	         offset, -1 if it is empty.
//	entry:   the state's id + 1, key, namespace, user key, index, value
//	end:     0
//
// Numbers are unsigned and of variable length; names, keys and values stand behind
// their length. Checksums are CRC-32C, 4 bytes big-endian, of the header and of
// each group from its first byte on.
const (
	// SavepointFormat names the layout in handles. Another layout gets another
	// number, and readers of all older ones stay.
	SavepointFormat  = "savepoint/1"
	savepointMagic   = "FLSP"
	savepointVersion = 1
	savepointEnd     = 0
)

// SavepointHeader says what a savepoint is of.
type SavepointHeader struct {
	MaxParallelism int
	KeyBytes       int         // of every encoded key; 0: lengths vary
	States         []StateMeta // in the order of their names
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// SavepointWriter writes the entries of one subtask.
type SavepointWriter struct {
	w       *ChunkWriter
	groups  KeyGroupRange
	header  *SavepointHeader
	offsets []int64
	group   int // being written; -1: none yet
	state   int // id of the last entry's
	sum     uint32
	scratch []byte
}

// NewSavepointWriter writes the header. The errors of w stick, and are returned by
// Finish at the latest.
func NewSavepointWriter(w *ChunkWriter, groups KeyGroupRange, h SavepointHeader) *SavepointWriter {
	s := &SavepointWriter{w: w, groups: groups, header: &h, offsets: make([]int64, groups.Len()), group: -1}
	for i := range s.offsets {
		s.offsets[i] = -1
	}
	b := s.scratch[:0]
	b = append(b, savepointMagic...)
	b = appendUvarints(b, savepointVersion, uint64(h.MaxParallelism), uint64(h.KeyBytes), uint64(len(h.States)))
	for _, m := range h.States {
		b = appendBlob(b, m.Name)
		b = append(b, byte(m.Kind))
		b = appendBlob(b, m.Codec.Name)
		b = appendUvarints(b, uint64(m.Codec.Version))
	}
	s.put(b)
	w.Uint32(s.sum)
	return s
}

// Entry writes one entry. Entries come in canonical order.
func (s *SavepointWriter) Entry(e Entry) error {
	if e.Group != s.group {
		if err := s.begin(e.Group); err != nil {
			return err
		}
	}
	for s.state < len(s.header.States) && s.header.States[s.state].Name != e.State {
		s.state++
	}
	if s.state == len(s.header.States) {
		return fmt.Errorf("write savepoint: state %q is not in the header, or comes too late in key group %d", e.State, e.Group)
	}
	b := appendUvarints(s.scratch[:0], uint64(s.state)+1)
	b = appendBlob(b, e.Key)
	b = appendBlob(b, e.Namespace)
	b = appendBlob(b, e.UserKey)
	b = appendUvarints(b, uint64(e.Index), uint64(len(e.Value)))
	s.put(append(b, e.Value...))
	return s.w.Err()
}

// begin ends the group that is being written and begins another.
func (s *SavepointWriter) begin(group int) error {
	if group <= s.group || !s.groups.Contains(group) {
		return fmt.Errorf("write savepoint: key group %d after %d, of %s", group, s.group, s.groups)
	}
	s.end()
	s.offsets[group-s.groups.Start] = s.w.Offset()
	s.group, s.state, s.sum = group, 0, 0
	s.put(appendUvarints(s.scratch[:0], uint64(group)))
	return nil
}

func (s *SavepointWriter) end() {
	if s.group < 0 {
		return
	}
	s.put(append(s.scratch[:0], savepointEnd))
	s.w.Uint32(s.sum)
}

// put writes b, which becomes the scratch memory.
func (s *SavepointWriter) put(b []byte) {
	s.sum = crc32.Update(s.sum, castagnoli, b)
	s.w.Raw(b)
	s.scratch = b
}

// Finish ends the last group and returns where each group of the range begins: what
// KeyedHandle.Offsets takes.
func (s *SavepointWriter) Finish() ([]int64, error) {
	s.end()
	return s.offsets, s.w.Err()
}

// Savepoint is the canonical savepoint of one subtask, read into memory.
type Savepoint struct {
	SavepointHeader
	handle KeyedHandle
	data   []byte
}

// OpenSavepoint reads a savepoint, and refuses one in a newer layout, of another
// operator or damaged.
func OpenSavepoint(ctx context.Context, streams CheckpointStreams, h KeyedHandle) (*Savepoint, error) {
	s, err := openSavepoint(ctx, streams, h)
	if err != nil {
		return nil, fmt.Errorf("open savepoint %d in stream %s: %w", h.Checkpoint, h.Stream, err)
	}
	return s, nil
}

func openSavepoint(ctx context.Context, streams CheckpointStreams, h KeyedHandle) (*Savepoint, error) {
	switch {
	case h.Format != SavepointFormat:
		return nil, fmt.Errorf("its layout is %q: this program reads %q", h.Format, SavepointFormat)
	case len(h.Offsets) != h.KeyGroups.Len():
		return nil, fmt.Errorf("its handle has %d offsets for key groups %s", len(h.Offsets), h.KeyGroups)
	}
	data, err := ReadStream(ctx, streams, h.Stream)
	if err != nil {
		return nil, err
	}
	s := &Savepoint{handle: h, data: data}
	c := NewCursor(data)
	s.readHeader(c)
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return s, nil
}

func (s *Savepoint) readHeader(c *Cursor) {
	if string(c.Raw(len(savepointMagic))) != savepointMagic {
		c.Fail("not a savepoint")
		return
	}
	if version := c.Uvarint(); version != savepointVersion {
		c.Fail("version %d: this program reads version %d", version, savepointVersion)
		return
	}
	s.MaxParallelism, s.KeyBytes = int(c.Uvarint()), int(c.Uvarint())
	for id := range c.Count() {
		m := StateMeta{Name: c.String(), Kind: StateKind(c.Byte())}
		m.Codec = CodecID{Name: c.String(), Version: int(c.Uvarint())}
		switch {
		case m.Name == "" || !m.Kind.Known():
			c.Fail("state %d has the name %q and is %s state", id, m.Name, m.Kind)
		case id > 0 && m.Name <= s.States[id-1].Name:
			c.Fail("state %q is not in the order of names", m.Name)
		}
		if c.Err() != nil {
			return
		}
		s.States = append(s.States, m)
	}
	s.checkSum(c, 0)
}

// checkSum compares what stands next with the checksum of what was read since
// begin.
func (s *Savepoint) checkSum(c *Cursor, begin int) {
	end := len(s.data) - c.Left()
	if want := c.Uint32(); c.Err() == nil && crc32.Checksum(s.data[begin:end], castagnoli) != want {
		c.Fail("damaged: bytes %d to %d do not have their checksum", begin, end)
	}
}

// Entries calls yield for each entry of the groups in r, in canonical order; state
// is its place in States. Byte slices are lent for good. A group is verified before
// its first entry is passed on.
func (s *Savepoint) Entries(r KeyGroupRange, yield func(state int, e Entry) error) error {
	r = r.Intersect(s.handle.KeyGroups)
	for group := r.Start; group <= r.End; group++ {
		offset := s.handle.Offsets[group-s.handle.KeyGroups.Start]
		if offset < 0 {
			continue
		}
		if err := s.group(group, offset, yield); err != nil {
			return fmt.Errorf("key group %d of savepoint %d in stream %s: %w", group, s.handle.Checkpoint, s.handle.Stream, err)
		}
	}
	return nil
}

var errEntry = errors.New("an entry is not of its state's kind")

func (s *Savepoint) group(group int, offset int64, yield func(state int, e Entry) error) error {
	// Once to verify, once to pass on.
	err := s.walk(group, offset, func(state int, e Entry) error {
		kind := s.States[state].Kind
		if (kind == MapKind || kind == TimerKind) != (e.UserKey != "") || (kind == TimerKind) != (len(e.Value) == 0) || kind != ListKind && e.Index != 0 {
			return errEntry
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.walk(group, offset, yield)
}

func (s *Savepoint) walk(group int, offset int64, visit func(state int, e Entry) error) error {
	c := NewCursor(s.data)
	c.Jump(offset)
	if found := c.Uvarint(); c.Err() == nil && found != uint64(group) {
		c.Fail("key group %d stands here", found)
	}
	for id := c.Uvarint(); id != savepointEnd && c.Err() == nil; id = c.Uvarint() {
		if id > uint64(len(s.States)) {
			c.Fail("state %d is not in the header", id-1)
			break
		}
		e := Entry{State: s.States[id-1].Name, Group: group, Key: c.String(), Namespace: c.String(), UserKey: c.String()}
		index := c.Uvarint()
		e.Index, e.Value = int(index), c.Blob()
		if c.Err() == nil && (e.Key == "" || e.Namespace == "" || index > math.MaxInt32) {
			c.Fail("an entry has the key %q, namespace %q and index %d", e.Key, e.Namespace, index)
		}
		if c.Err() != nil {
			break
		}
		if err := visit(int(id-1), e); err != nil {
			return err
		}
	}
	s.checkSum(c, int(offset))
	return c.Err()
}
