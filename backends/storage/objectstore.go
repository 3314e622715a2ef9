package storage

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"flinch/backends"
)

// PartBytesDefault is how much of a stream is uploaded as one part.
const PartBytesDefault = 5 << 20

// ObjectStoreParams describes an ObjectStore.
type ObjectStoreParams struct {
	Client ObjectClient
	Root   string // what all keys begin with: absolute, slashes
	JobID  string
	// InlineThresholdBytes: see FilesystemParams.
	InlineThresholdBytes int64
	// PartBytes is how large a stream may be to be uploaded as a whole; a larger one
	// is uploaded in parts of that size. 0: PartBytesDefault.
	PartBytes int
	// Writer: see FilesystemParams. Keys are never used twice.
	Writer string
	// Transfers is how many parts of a stream are uploaded at a time, by Run. 0: 1.
	Transfers int
	Run       backends.Runner // nil: one by one
}

// ObjectStore keeps checkpoints as objects, under the names that Filesystem gives
// to files. There are no folders and nothing to sync: an object that was written is
// there. The metadata is published by a conditional PUT. Requests are repeated while
// the service is unavailable, so that one which fails after its effect counts as done.
type ObjectStore struct {
	client         ObjectClient
	names          Filesystem // gives names alone
	thresholdBytes int64
	partBytes      int
	transfers      int
	run            backends.Runner
}

var _ Storage = (*ObjectStore)(nil)

// NewObjectStore returns a storage over p.Client. It makes no request.
func NewObjectStore(p ObjectStoreParams) (*ObjectStore, error) {
	switch {
	case p.Client == nil:
		return nil, errors.New("object store: no client given")
	case !path.IsAbs(p.Root):
		return nil, fmt.Errorf("object store: root %q: want an absolute path", p.Root)
	case p.JobID == "" || strings.Contains(p.JobID, "/"):
		return nil, fmt.Errorf("object store: job id %q: want a name without a slash", p.JobID)
	case strings.Contains(p.Writer, "/"):
		return nil, fmt.Errorf("object store: writer %q: want a name without a slash", p.Writer)
	case p.InlineThresholdBytes > InlineThresholdBytesMax:
		return nil, fmt.Errorf("object store: inline threshold of %d bytes: at most %d", p.InlineThresholdBytes, InlineThresholdBytesMax)
	case p.PartBytes < 0:
		return nil, fmt.Errorf("object store: parts of %d bytes: want 0 or more", p.PartBytes)
	case p.Transfers < 0:
		return nil, fmt.Errorf("object store: %d transfers at a time: want 0 or more", p.Transfers)
	}
	if p.InlineThresholdBytes < 0 {
		p.InlineThresholdBytes = InlineThresholdBytesDefault
	}
	if p.PartBytes == 0 {
		p.PartBytes = PartBytesDefault
	}
	if p.Run == nil {
		p.Run = backends.OneByOne
	}
	return &ObjectStore{
		client: p.Client, names: Filesystem{base: path.Join(p.Root, p.JobID), writer: p.Writer},
		thresholdBytes: p.InlineThresholdBytes, partBytes: max(p.PartBytes, int(p.InlineThresholdBytes)),
		transfers: max(1, p.Transfers), run: p.Run,
	}, nil
}

// Kind implements Storage.
func (o *ObjectStore) Kind() string { return KindObjectStore }

// Create implements backends.CheckpointStreams. It makes no request.
func (o *ObjectStore) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	if o.names.writer == "" {
		return nil, fmt.Errorf("create a stream of checkpoint %d: this storage has no writer identity", id)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create a stream of checkpoint %d: %w", id, err)
	}
	return newObjectStream(ctx, o, id, scope), nil
}

// Open implements backends.CheckpointStreams.
func (o *ObjectStore) Open(ctx context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if h.Path == "" {
		return openInline(h)
	}
	data, err := o.readStream(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint stream %s: %w", h.Path, err)
	}
	return newReader(data), nil
}

func (o *ObjectStore) readStream(ctx context.Context, h backends.StreamHandle) ([]byte, error) {
	if h.Placeholder {
		return nil, errors.New("the handle is a place-holder that nobody resolved")
	}
	data, err := o.get(ctx, h.Path)
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) != h.SizeBytes:
		return nil, fmt.Errorf("object has %d bytes, want %d: %w", len(data), h.SizeBytes, ErrCorrupt)
	case sumOf(data) != h.Sum:
		return nil, fmt.Errorf("checksum %#016x, handle says %#016x: %w", sumOf(data), h.Sum, ErrCorrupt)
	}
	return data, nil
}

// Discard implements backends.CheckpointStreams.
func (o *ObjectStore) Discard(ctx context.Context, h backends.StreamHandle) error {
	if h.Path == "" || h.Placeholder {
		return nil
	}
	if err := o.delete(ctx, h.Path); err != nil {
		return fmt.Errorf("discard checkpoint stream %s: %w", h.Path, err)
	}
	return nil
}

// Initialize implements Storage. Objects need no place, and Publish refuses an id
// that is used twice.
func (o *ObjectStore) Initialize(ctx context.Context, id backends.CheckpointID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("initialise checkpoint %d: %w", id, err)
	}
	return nil
}

// Publish implements Storage. The pointer is what the keys of the checkpoint begin
// with.
func (o *ObjectStore) Publish(ctx context.Context, id backends.CheckpointID, metadata []byte) (string, error) {
	dir := o.names.CheckpointDir(id)
	err := Verify(metadata)
	if err == nil {
		err = o.create(ctx, Request{Verb: VerbPut, Key: path.Join(dir, metadataName), Data: metadata}, sumOf(metadata))
	}
	if err != nil {
		return "", fmt.Errorf("publish metadata of checkpoint %d: %w", id, err)
	}
	return dir, nil
}

// ReadMetadata implements Storage. The pointer is one that Publish returned, or the
// key of the metadata.
func (o *ObjectStore) ReadMetadata(ctx context.Context, pointer string) ([]byte, error) {
	key := pointer
	if path.Base(key) != metadataName {
		key = path.Join(key, metadataName)
	}
	data, err := o.get(ctx, key)
	if err == nil {
		err = Verify(data)
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint metadata %s: %w", key, err)
	}
	return data, nil
}

// DiscardCheckpoint implements Storage.
func (o *ObjectStore) DiscardCheckpoint(ctx context.Context, id backends.CheckpointID) error {
	dir := o.names.CheckpointDir(id)
	failed := o.delete(ctx, path.Join(dir, metadataName))
	found, _, err := o.do(ctx, Request{Verb: VerbList, Key: dir + "/"})
	failed = errors.Join(failed, err)
	for _, key := range found.Keys {
		failed = errors.Join(failed, o.delete(ctx, key))
	}
	if failed != nil {
		return fmt.Errorf("discard checkpoint %d: %w", id, failed)
	}
	return nil
}

func (o *ObjectStore) nameOf(id backends.CheckpointID) string {
	return "of " + o.names.writer + " to checkpoint " + strconv.FormatInt(int64(id), 10)
}

func sumOf(data []byte) uint64 { return xxhash.Sum64(data) }
