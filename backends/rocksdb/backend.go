//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"

	"flinch/backends"
	"flinch/backends/kv"
)

// engine opens databases in places of one kind.
type engine struct {
	name  string
	place func(backends.KeyedParams) (place, error)
}

var _ kv.Engine = engine{}

// Name is that of the backend.
func (e engine) Name() string { return e.name }

// Open opens the database of one instance. After an error nothing of it is left.
func (e engine) Open(ctx context.Context, p backends.KeyedParams) (kv.Store, error) {
	s, err := e.open(ctx, p)
	if err != nil {
		return nil, err
	}
	if s.tuning.full {
		return s, nil
	}
	return incremental{s}, nil
}

func (e engine) open(ctx context.Context, p backends.KeyedParams) (_ *store, err error) {
	pl, err := e.place(p)
	if err != nil {
		return nil, err
	}
	s := newStore(pl, p)
	opened := false
	defer func() {
		if !opened {
			err = errors.Join(err, s.Close())
		}
	}()
	// What is there was left by a process that died.
	if err := s.files.RemoveAll(s.dir); err != nil {
		return nil, err
	}
	if err := s.files.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	if err := s.restore(ctx); err != nil {
		return nil, err
	}
	opened = true
	return s, nil
}
