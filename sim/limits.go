package sim

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"flinch/backends"
	"flinch/backends/storage"
	"flinch/faults"
	"flinch/model/history"
)

// Limits of checkpoint storage that no fault brings and no healing takes away: how
// large one stream in the job manager's memory may be, and how much the storage
// machine's disk holds.

// errFull tells a disk that is too small for the job from one that a fault has
// filled.
var errFull = errors.New("the disk is too small")

// Counters of what limits refuse.
const (
	enospcCounter   = "enospc"
	tooLargeCounter = "state_too_large"
)

// used is how many bytes the files of the machine's disk hold.
func (m *machine) used() (bytes int64) {
	for f := range m.disk.Files() {
		bytes += f.Size
	}
	return bytes
}

// Used implements faults.Controls.
func (c *controls) Used(m history.Machine) int64 { return c.w.machines[m].used() }

// full refuses a write that the storage machine's disk has no room for, beyond the
// bytes that fit.
func (w *world) full(site faults.Site, op faults.Op) faults.Outcome {
	capacity := w.cfg.Storage.CapacityBytes
	if capacity == 0 || site.Disk != history.Storage || !op.Fills() {
		return faults.Outcome{}
	}
	room := max(0, capacity-w.machines[history.Storage].used())
	if int64(op.Bytes) <= room {
		return faults.Outcome{}
	}
	err := fmt.Errorf("%w: %w", faults.NoSpace("capacity_bytes"), errFull)
	return faults.Outcome{Err: err, Partial: int(room)}
}

// orRefused is a decision, unless the operation is refused.
func orRefused(out, refused faults.Outcome) faults.Outcome {
	if refused.Err != nil {
		return refused
	}
	return out
}

// countFull counts the writes that found no room.
func (w *world) countFull(out faults.Outcome) {
	if out.Err != nil && errors.Is(out.Err, syscall.ENOSPC) {
		w.count(enospcCounter, 1)
	}
}

// hopelessMax is how many checkpoints in a row of a healed job a limit may refuse
// before the job is stopped: a restart at another size may still bring one through.
const hopelessMax = 3

// refusedByLimit notes that a checkpoint failed. Where nothing but a limit stands
// in its way, and nothing is left to do that would make the state smaller, the job
// rightly ends without another one.
func (w *world) refusedByLimit(id int64, err error) {
	limited := errors.Is(err, storage.ErrTooLarge) || errors.Is(err, errFull)
	if !limited || !w.healed {
		return
	}
	// A job that fails over does the work again, and meets the limit again.
	if w.exec.remaining == 0 || w.cfg.Checkpointing.Tolerated != Unlimited {
		w.hopeless++
	}
	if w.hopeless < hopelessMax || w.run.Quiesce.LegalStop != "" {
		return
	}
	w.run.Quiesce.LegalStop = fmt.Sprintf("no checkpoint can complete within the limits of storage: checkpoint %d: %v", id, err)
	w.run.Counters["legal_stops"]++
}

// metered measures the streams that a subtask writes to the job manager's memory:
// the limit must hold exactly.
func (w *world) metered(streams backends.CheckpointStreams, s *subtask) backends.CheckpointStreams {
	if w.cfg.Storage.Kind != JobManagerMemory {
		return streams
	}
	limit := w.cfg.Storage.MaxStateBytes
	if limit == 0 {
		limit = storage.MaxStateBytesDefault
	}
	return &meteredStreams{CheckpointStreams: streams, s: s, limit: limit}
}

type meteredStreams struct {
	backends.CheckpointStreams
	s     *subtask
	limit int64
}

type meteredStream struct {
	backends.StreamWriter
	streams *meteredStreams
	id      backends.CheckpointID
	bytes   int64
}

// Create implements backends.CheckpointStreams.
func (m *meteredStreams) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	stream, err := m.CheckpointStreams.Create(ctx, id, scope)
	if err != nil {
		return nil, err
	}
	return &meteredStream{StreamWriter: stream, streams: m, id: id}, nil
}

// Write implements io.Writer.
func (m *meteredStream) Write(p []byte) (int, error) {
	n, err := m.StreamWriter.Write(p)
	m.bytes += int64(n)
	return n, err
}

// CloseForHandle implements backends.StreamWriter.
func (m *meteredStream) CloseForHandle() (backends.StreamHandle, error) {
	h, err := m.StreamWriter.CloseForHandle()
	s, large := m.streams.s, m.bytes > m.streams.limit
	refused := errors.Is(err, storage.ErrTooLarge)
	if refused {
		s.w.count(tooLargeCounter, 1)
	}
	if refused != large && (err == nil || refused) {
		s.w.unexpected(s.p.m.id, s.launch.number, fmt.Sprintf("limit of streams of checkpoint %d", m.id),
			fmt.Errorf("a stream of %d bytes, limit %d: refused %v", m.bytes, m.streams.limit, refused))
	}
	return h, err
}
