package sim

import (
	"flinch/backends"
	"flinch/backends/storage"
)

// Where checkpoints are on the storage machine's disk.
const (
	storageRoot = "/checkpoints"
	storageJob  = "job"
)

// newStorage makes a process' own value of the checkpoint storage.
func (w *world) newStorage(view backends.FS, writer string) (storage.Storage, error) {
	c := w.cfg.Storage
	files := func() (*storage.Filesystem, error) {
		return storage.NewFilesystem(storage.FilesystemParams{
			FS: view, Root: storageRoot, JobID: storageJob, Writer: writer,
			InlineThresholdBytes: c.InlineThresholdBytes, WriteBufferBytes: c.WriteBufferBytes,
		})
	}
	if c.Kind == Filesystem {
		return files()
	}
	p := storage.MemoryParams{MaxStateBytes: c.MaxStateBytes}
	if c.Durable {
		var err error
		if p.Durable, err = files(); err != nil {
			return nil, err
		}
	}
	return storage.NewMemory(p)
}
