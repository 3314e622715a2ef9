package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"flinch/backends"
	"flinch/backends/storage"
)

// Scanner is a storage that finds checkpoints without a pointer to them.
type Scanner interface {
	Scan(ctx context.Context) ([]storage.Found, error)
	Open(ctx context.Context, h backends.StreamHandle) (backends.StreamReader, error)
}

// Newest is recovery by scan, for when the pointer of the store is lost: the newest
// checkpoint on storage whose metadata and streams are all whole, false if there is
// none. Every checkpoint that was reported complete, and not let go of since, counts,
// and perhaps newer ones that were published when their coordinator died. Passed says
// which newer ones were passed over, and why: what is left of a discarded one, say. An
// error that may pass by itself ends the search: it never makes an older checkpoint
// the newest.
func Newest(ctx context.Context, s Scanner) (newest Completed, found bool, passed []error, err error) {
	list, err := s.Scan(ctx)
	if err != nil {
		return Completed{}, false, nil, err
	}
	for _, f := range list {
		m, err := whole(ctx, s, f)
		switch {
		case err == nil:
			return Completed{ID: f.ID, Location: f.Pointer, Metadata: m}, true, passed, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, storage.ErrCorrupt):
			return Completed{}, false, passed, fmt.Errorf("scan checkpoint %d: %w", f.ID, err)
		}
		passed = append(passed, fmt.Errorf("checkpoint %d: %w", f.ID, err))
	}
	return Completed{}, false, passed, nil
}

// whole decodes a checkpoint's metadata and reads every stream that it names.
func whole(ctx context.Context, s Scanner, f storage.Found) (Metadata, error) {
	m, err := Decode(f.Metadata)
	if err != nil {
		return m, err
	}
	if m.ID != f.ID {
		return m, fmt.Errorf("its metadata is of checkpoint %d: %w", m.ID, storage.ErrCorrupt)
	}
	for h := range m.Streams() {
		r, err := s.Open(ctx, h)
		if err == nil {
			err = r.Close()
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}
