package checkpoint

import (
	"bytes"
	"context"
	"fmt"
)

// Coordination is one entry of a coordination service as a leader uses it. The
// simulation puts its network between a pointer and a Service.
type Coordination interface {
	// Read returns the entry's value and version; nil and 0 if it was never
	// written.
	Read(ctx context.Context, epoch uint64) (value []byte, version uint64, err error)
	// CompareAndSwap writes value as version+1 if the entry has that version. A
	// caller that gets an error does not know whether it was written: a lost
	// answer, or a repeated request that is refused because the first was not,
	// look the same to it.
	CompareAndSwap(ctx context.Context, epoch, version uint64, value []byte) error
}

// Service is a coordination service of one entry, in memory. It outlives job
// managers. The zero value is empty and has no leader.
type Service struct {
	epoch   uint64
	version uint64
	value   []byte
}

var _ Coordination = (*Service)(nil)

// Elect makes its caller the leader and returns the leader's epoch. Every older
// epoch is stale from now on.
func (s *Service) Elect() uint64 {
	s.epoch++
	return s.epoch
}

// Epoch is the epoch of the present leader; 0 if there never was one.
func (s *Service) Epoch() uint64 { return s.epoch }

// Value is what is in place, for auditors. It must not be changed.
func (s *Service) Value() []byte { return s.value }

// Version counts the writes that were accepted.
func (s *Service) Version() uint64 { return s.version }

// Read implements Coordination.
func (s *Service) Read(ctx context.Context, epoch uint64) ([]byte, uint64, error) {
	if err := s.admit(ctx, epoch); err != nil {
		return nil, 0, err
	}
	return bytes.Clone(s.value), s.version, nil
}

// CompareAndSwap implements Coordination.
func (s *Service) CompareAndSwap(ctx context.Context, epoch, version uint64, value []byte) error {
	if err := s.admit(ctx, epoch); err != nil {
		return err
	}
	if version != s.version {
		return fmt.Errorf("version %d is in place, not %d: %w", s.version, version, ErrSuperseded)
	}
	s.value = bytes.Clone(value)
	s.version++
	return nil
}

func (s *Service) admit(ctx context.Context, epoch uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if epoch == 0 || epoch != s.epoch {
		return fmt.Errorf("epoch %d is stale, %d leads: %w", epoch, s.epoch, ErrSuperseded)
	}
	return nil
}

// CoordinationPointer keeps the record in a coordination service. Leaders may
// contend; a stale one is refused.
type CoordinationPointer struct {
	service Coordination
	epoch   uint64
}

var _ Pointer = (*CoordinationPointer)(nil)

// NewCoordinationPointer returns the pointer of the leader that was elected for
// epoch.
func NewCoordinationPointer(service Coordination, epoch uint64) *CoordinationPointer {
	return &CoordinationPointer{service: service, epoch: epoch}
}

// Leader implements Pointer.
func (p *CoordinationPointer) Leader() uint64 { return p.epoch }

// Load implements Pointer.
func (p *CoordinationPointer) Load(ctx context.Context) (Record, error) {
	r, err := p.load(ctx)
	if err != nil {
		return Record{}, fmt.Errorf("load checkpoint pointer from the coordination service: %w", err)
	}
	return r, nil
}

func (p *CoordinationPointer) load(ctx context.Context) (Record, error) {
	value, version, err := p.service.Read(ctx, p.epoch)
	if err != nil || value == nil {
		return Record{}, err
	}
	r, err := decodeRecord(value)
	if err == nil && r.Version != version {
		err = fmt.Errorf("record of version %d stands under version %d", r.Version, version)
	}
	return r, err
}

// Store implements Pointer. Once the request is on its way, any error leaves the
// outcome unknown.
func (p *CoordinationPointer) Store(ctx context.Context, old, next Record) error {
	err := ctx.Err()
	if err == nil && next.Leader != p.epoch {
		err = fmt.Errorf("the record is of epoch %d, this leader of %d", next.Leader, p.epoch)
	}
	if err == nil {
		if err = p.service.CompareAndSwap(ctx, p.epoch, old.Version, encodeRecord(next)); err != nil {
			err = fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
	}
	if err != nil {
		return fmt.Errorf("store checkpoint pointer in the coordination service: %w", err)
	}
	return nil
}
