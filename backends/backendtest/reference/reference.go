// Package reference is a state backend that is obviously right, and slow: one Go
// map from where an entry is to its encoded bytes. Whatever needs an order sorts,
// whatever searches goes through all, and a snapshot is a copy of the map, written
// as a canonical savepoint. The suite in backendtest is developed on it, and other backends are compared with
// it.
package reference

import (
	"context"
	"fmt"

	"flinch/backends"
)

const backendName = "reference"

// Backend makes keyed state in plain Go maps. The zero value is ready to use.
type Backend struct{}

var _ backends.Backend = (*Backend)(nil)

// New returns the reference backend.
func New() *Backend { return &Backend{} }

// Name is "reference".
func (*Backend) Name() string { return backendName }

// OpenKeyed returns an instance that is empty, or holds what p.Restore has of
// p.KeyGroups. It uses p.Storage alone, not p.Local.
func (*Backend) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("open reference state of %s/%d: %w", p.Operator, p.Subtask, err)
	}
	in := &instance{
		contents: contents{metas: make(map[string]backends.StateMeta), entries: make(table)},
		params:   p,
		handles:  make(map[string]*state),
		writes:   make(map[place]int),
	}
	brought := make(map[int]backends.CheckpointID)
	for _, h := range p.Restore {
		if err := in.restore(ctx, h, brought); err != nil {
			return nil, fmt.Errorf("restore checkpoint %d into %s/%d: %w", h.Checkpoint, p.Operator, p.Subtask, err)
		}
	}
	return in, nil
}
