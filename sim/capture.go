package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"flinch/backends"
	"flinch/sim/checkpoint"
)

// capture gathers the records in flight of one unaligned checkpoint at one subtask:
// what its barrier overtook. Its asynchronous phase waits until that is whole.
type capture struct {
	id     int64
	output bool // of the sender's side
	parts  []capturedPart
	open   int // channels whose part is not whole yet
	waiter *task
}

// capturedPart is what one channel gave.
type capturedPart struct {
	peer    int // the subtask at its other end; recovered: what was in flight before
	records []int32
	live    bool // records that come still belong to it
}

// recovered stands in the place of a peer for records that were restored and not
// processed yet.
const recovered = -1

// add adds records to the part of a peer, and tells whether they are the last.
func (c *capture) add(peer int, records []int32, last bool) {
	for i := range c.parts {
		if p := &c.parts[i]; p.peer == peer && p.live {
			p.records = append(p.records, records...)
			if last {
				p.live = false
				c.open--
			}
		}
	}
	if c.open == 0 && c.waiter != nil {
		c.waiter.Wake()
	}
}

// wait waits until the parts are whole, or nobody wants them any more.
func (c *capture) wait(ctx context.Context, t *task) error {
	c.waiter = t
	for c.open > 0 && ctx.Err() == nil {
		t.Park(pointPark)
	}
	c.waiter = nil
	return ctx.Err()
}

// channelVersion is the layout of a stream of channel state: the version, then the
// records, each behind its length.
const channelVersion = 0

// write writes the records, if there are any.
func (c *capture) write(ctx context.Context, s *subtask) (list []checkpoint.ChannelHandle, err error) {
	h := checkpoint.ChannelHandle{Output: c.output}
	h.Stream, err = backends.WriteStream(ctx, s.streams, backends.StreamParams{
		Checkpoint: backends.CheckpointID(c.id), Scope: backends.Exclusive, ChunkBytes: channelChunkBytes, Alive: ctx.Err,
	}, func(w *backends.ChunkWriter) error {
		w.Raw(binary.BigEndian.AppendUint32(nil, channelVersion))
		for _, p := range c.parts {
			if len(p.records) == 0 {
				continue
			}
			h.Parts = append(h.Parts, checkpoint.ChannelPart{Peer: p.peer, Offset: w.Offset(), Records: len(p.records)})
			for _, r := range p.records {
				content := s.w.encodeRecord(int(r))
				w.Raw(binary.BigEndian.AppendUint32(nil, uint32(len(content))))
				w.Raw(content)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: write channel state: %w", s.of(s.w.operators[0]), err)
	}
	s.w.count(inFlightCounter, h.Stream.SizeBytes)
	return []checkpoint.ChannelHandle{h}, nil
}

// channelChunkBytes is how much of channel state is written at a time.
const channelChunkBytes = 256

// Counters of unaligned checkpoints.
const (
	inFlightCounter = "unaligned_in_flight_bytes" // of records in flight, written to checkpoint storage
	switchedCounter = "unaligned_switched"        // barriers and alignments that had waited too long
	overtakeCounter = "barriers_overtaking"       // barriers that overtook a record at one end of a channel
	replayedCounter = "unaligned_replayed"        // records in flight that a restore brought back
)

// empty tells whether there is nothing to write.
func (c *capture) empty() bool {
	for _, p := range c.parts {
		if len(p.records) > 0 {
			return false
		}
	}
	return true
}

// encodeRecord is a record as it travels: where it comes from, and what it contains.
func (w *world) encodeRecord(id int) []byte {
	out := binary.AppendUvarint(nil, uint64(w.cfg.Records[id].Partition))
	out = binary.AppendUvarint(out, uint64(w.job.offsets[id]))
	return binary.BigEndian.AppendUint64(out, w.job.contents[id])
}

var errGarbled = errors.New("no record of the job")

// decodeRecord finds the record that was encoded.
func (w *world) decodeRecord(content []byte) (int, error) {
	partition, n := binary.Uvarint(content)
	if n <= 0 || partition >= uint64(len(w.job.partitions)) {
		return 0, errGarbled
	}
	offset, m := binary.Uvarint(content[n:])
	if m <= 0 || offset >= uint64(len(w.job.partitions[partition])) || len(content) != n+m+8 {
		return 0, errGarbled
	}
	id := w.job.partitions[partition][offset]
	if binary.BigEndian.Uint64(content[n+m:]) != w.job.contents[id] {
		return 0, errGarbled
	}
	return id, nil
}

// readChannels reads channel state and hands over its records, part by part.
func (w *world) readChannels(ctx context.Context, streams backends.CheckpointStreams, handles []checkpoint.ChannelHandle, each func(h checkpoint.ChannelHandle, peer, record int)) error {
	for _, h := range handles {
		data, err := backends.ReadStream(ctx, streams, h.Stream)
		if err != nil {
			return fmt.Errorf("read channel state: %w", err)
		}
		if len(data) < 4 || binary.BigEndian.Uint32(data) != channelVersion {
			return fmt.Errorf("channel state %s: no version that is known", h.Stream)
		}
		for _, p := range h.Parts {
			if err := w.readPart(data, p, func(record int) { each(h, p.Peer, record) }); err != nil {
				return fmt.Errorf("channel state %s, channel %d: %w", h.Stream, p.Peer, err)
			}
		}
	}
	return nil
}

func (w *world) readPart(data []byte, p checkpoint.ChannelPart, each func(record int)) error {
	if p.Offset < 4 || p.Offset > int64(len(data)) {
		return fmt.Errorf("its part begins at byte %d of %d", p.Offset, len(data))
	}
	rest := data[p.Offset:]
	for range p.Records {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.BigEndian.Uint32(rest)) {
			return errors.New("it ends inside a record")
		}
		n := binary.BigEndian.Uint32(rest)
		id, err := w.decodeRecord(rest[4 : 4+n])
		if err != nil {
			return err
		}
		each(id)
		rest = rest[4+n:]
	}
	return nil
}
