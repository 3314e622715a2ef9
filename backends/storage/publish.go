package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"flinch/backends"
)

// metadataName is the file that makes a folder a checkpoint.
const metadataName = "_metadata"

// Initialize implements Storage. The base folders are made at the first call of
// each process.
func (f *Filesystem) Initialize(ctx context.Context, id backends.CheckpointID) error {
	err := ctx.Err()
	if err == nil {
		err = f.makeBases()
	}
	if err == nil {
		err = f.makeSavepoints(id)
	}
	if err == nil {
		err = f.fs.Mkdir(f.CheckpointDir(id), dirPerm)
	}
	if err == nil {
		err = f.fs.SyncDir(path.Dir(f.CheckpointDir(id)))
	}
	if err != nil {
		return fmt.Errorf("initialise checkpoint %d: %w", id, err)
	}
	return nil
}

func (f *Filesystem) makeBases() error {
	if f.basesMade {
		return nil
	}
	if err := MakeDirs(f.fs, f.SharedDir()); err != nil {
		return err
	}
	if err := makeDir(f.fs, f.TaskOwnedDir()); err != nil {
		return err
	}
	f.basesMade = true
	return nil
}

// Publish implements Storage. The pointer is the path of the checkpoint's folder.
func (f *Filesystem) Publish(ctx context.Context, id backends.CheckpointID, metadata []byte) (string, error) {
	dir := f.CheckpointDir(id)
	err := ctx.Err()
	if err == nil {
		err = Verify(metadata)
	}
	if err == nil {
		err = f.publish(dir, metadata)
	}
	if err != nil {
		return "", fmt.Errorf("publish metadata of checkpoint %d: %w", id, err)
	}
	return dir, nil
}

// publish puts _metadata in place. The folder is synced twice: before, so that
// no _metadata is found whose state files have lost their names; after, so that
// a published one is found.
func (f *Filesystem) publish(dir string, metadata []byte) error {
	target, temporary := path.Join(dir, metadataName), path.Join(dir, metadataName+".inprogress")
	if err := f.mustNotExist(target); err != nil {
		return err
	}
	if err := WriteFile(f.fs, temporary, metadata); err != nil {
		return errors.Join(err, remove(f.fs, temporary))
	}
	if err := f.fs.SyncDir(dir); err != nil {
		return errors.Join(err, remove(f.fs, temporary))
	}
	if err := f.fs.Rename(temporary, target); err != nil {
		return errors.Join(err, remove(f.fs, temporary), remove(f.fs, target))
	}
	if err := f.fs.SyncDir(dir); err != nil {
		return errors.Join(err, remove(f.fs, target))
	}
	return nil
}

func (f *Filesystem) mustNotExist(name string) error {
	_, err := f.fs.Stat(name)
	if err == nil {
		return fmt.Errorf("file %s is there already: %w", name, fs.ErrExist)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ReadMetadata implements Storage. The pointer is a checkpoint's folder or its
// metadata file.
func (f *Filesystem) ReadMetadata(ctx context.Context, pointer string) ([]byte, error) {
	err := ctx.Err()
	var name string
	if err == nil {
		name, err = f.resolve(pointer)
	}
	if err != nil {
		return nil, fmt.Errorf("find checkpoint %s: %w", pointer, err)
	}
	data, err := ReadFile(f.fs, name)
	if err == nil {
		err = Verify(data)
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint metadata %s: %w", name, err)
	}
	return data, nil
}

// resolve returns the metadata file that pointer means.
func (f *Filesystem) resolve(pointer string) (string, error) {
	info, err := f.fs.Stat(pointer)
	if err != nil || !info.IsDir() {
		return pointer, err
	}
	name := path.Join(pointer, metadataName)
	if _, err := f.fs.Stat(name); err != nil {
		return "", fmt.Errorf("the folder holds no %s: %w", metadataName, err)
	}
	return name, nil
}

// DiscardCheckpoint implements Storage.
func (f *Filesystem) DiscardCheckpoint(ctx context.Context, id backends.CheckpointID) error {
	err := repeat(ctx, func() error { return f.sweep(f.CheckpointDir(id)) })
	if err != nil {
		return fmt.Errorf("discard checkpoint %d: %w", id, err)
	}
	return nil
}

// sweep deletes a checkpoint's folder and all in it, as far as it can.
func (f *Filesystem) sweep(dir string) error {
	failed := remove(f.fs, path.Join(dir, metadataName))
	names, err := list(f.fs, dir)
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, name := range names {
		failed = errors.Join(failed, remove(f.fs, path.Join(dir, name)))
	}
	return errors.Join(failed, remove(f.fs, dir))
}
