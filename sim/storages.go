package sim

import (
	"flinch/backends/storage"
	"flinch/faults/disk"
)

// Where checkpoints are on the storage machine's disk.
const (
	storageRoot = "/checkpoints"
	storageJob  = "job"
)

// newStorage makes a process' own value of the checkpoint storage. Without a process
// it is an auditor's, over a clone of the storage machine's disk.
func (w *world) newStorage(p *process, clone *disk.Disk, writer string) (storage.Storage, error) {
	c := w.cfg.Storage
	view := clone
	if p != nil {
		view = p.storage
	}
	files := func() (*storage.Filesystem, error) {
		return storage.NewFilesystem(storage.FilesystemParams{
			FS: view, Root: storageRoot, JobID: storageJob, Writer: writer,
			InlineThresholdBytes: c.InlineThresholdBytes, WriteBufferBytes: c.WriteBufferBytes,
		})
	}
	switch c.Kind {
	case Filesystem:
		return files()
	case ObjectStore:
		return storage.NewObjectStore(storage.ObjectStoreParams{
			Client: w.newObjects(p, clone), Root: storageRoot, JobID: storageJob, Writer: writer,
			InlineThresholdBytes: c.InlineThresholdBytes, PartBytes: c.WriteBufferBytes,
			Transfers: c.Parallel, Run: w.runner(p),
		})
	}
	params := storage.MemoryParams{MaxStateBytes: c.MaxStateBytes}
	if c.Durable {
		var err error
		if params.Durable, err = files(); err != nil {
			return nil, err
		}
	}
	return storage.NewMemory(params)
}
