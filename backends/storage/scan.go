package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"flinch/backends"
)

// Found is a complete checkpoint that a scan has found.
type Found struct {
	ID       backends.CheckpointID
	Pointer  string // as Publish returned it
	Metadata []byte // sealed
}

// Scan finds the complete checkpoints of the job without a pointer to them, the
// newest first: those whose _metadata is whole. It is for recovery when the pointer
// is lost. A checkpoint that was published is found. What is found may never have
// been reported complete, and a power loss may have brought the metadata of a
// discarded one back without its streams: whoever scans reads those, too. A folder without a whole _metadata is passed
// over; any other error ends the scan, so that it never passes for an older
// checkpoint being the newest.
func (f *Filesystem) Scan(ctx context.Context) ([]Found, error) {
	names, err := list(f.fs, f.base)
	if err != nil {
		return nil, fmt.Errorf("scan %s for checkpoints: %w", f.base, err)
	}
	return scan(ctx, f.base, names, f.ReadMetadata)
}

// Scan is Filesystem.Scan for objects.
func (o *ObjectStore) Scan(ctx context.Context) ([]Found, error) {
	base := o.names.base
	resp, _, err := o.do(ctx, Request{Verb: VerbList, Key: base + "/"})
	if err != nil {
		return nil, fmt.Errorf("scan %s for checkpoints: %w", base, err)
	}
	var names []string
	for _, key := range resp.Keys {
		if dir, name := path.Split(key); name == metadataName {
			names = append(names, path.Base(dir))
		}
	}
	return scan(ctx, base, names, o.ReadMetadata)
}

// scan reads the metadata of the folders that have the name of a checkpoint.
func scan(ctx context.Context, base string, names []string, read func(context.Context, string) ([]byte, error)) ([]Found, error) {
	var found []Found
	for _, name := range names {
		digits, is := strings.CutPrefix(name, "chk-")
		id, err := strconv.ParseInt(digits, 10, 64)
		if !is || err != nil {
			continue
		}
		pointer := path.Join(base, name)
		metadata, err := read(ctx, pointer)
		switch {
		case err == nil:
			found = append(found, Found{backends.CheckpointID(id), pointer, metadata})
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrCorrupt):
			return nil, fmt.Errorf("scan %s for checkpoints: %w", base, err)
		}
	}
	slices.SortFunc(found, func(a, b Found) int { return int(b.ID - a.ID) })
	return found, nil
}
