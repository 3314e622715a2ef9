package storage

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
)

var sealed = Seal(MetadataKind, 1, []byte("metadata"))

func TestPublishSyncsStateNamesBeforeAndItsOwnAfterTheRename(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	pointer, err := f.Publish(context.Background(), 5, sealed)
	if err != nil {
		t.Fatal(err)
	}
	log := strings.ReplaceAll(strings.Join(fsys.log, "\n"), "/checkpoints/job/chk-5", "DIR")
	want := `create DIR/_metadata.inprogress
write DIR/_metadata.inprogress
sync DIR/_metadata.inprogress
close DIR/_metadata.inprogress
syncdir DIR
rename DIR/_metadata.inprogress _metadata
syncdir DIR`
	if diff := cmp.Diff(want, log); diff != "" {
		t.Error(diff)
	}
	for _, p := range []string{pointer, path.Join(pointer, "_metadata")} {
		if got, err := f.ReadMetadata(context.Background(), p); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("read %s: %q, %v", p, got, err)
		}
	}
}

func TestInitializeMakesEveryFolderDurableTopDown(t *testing.T) {
	fsys := newFakeFS(t)
	f := newTestStorage(t, fsys, FilesystemParams{})
	for _, id := range []backends.CheckpointID{1, 2} {
		if err := f.Initialize(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	want := `mkdir /checkpoints
syncdir /
mkdir /checkpoints/job
syncdir /checkpoints
mkdir /checkpoints/job/shared
syncdir /checkpoints/job
mkdir /checkpoints/job/taskowned
syncdir /checkpoints/job
mkdir /checkpoints/job/chk-1
syncdir /checkpoints/job
mkdir /checkpoints/job/chk-2
syncdir /checkpoints/job`
	if diff := cmp.Diff(want, strings.Join(fsys.log, "\n")); diff != "" {
		t.Error(diff)
	}
	if err := f.Initialize(context.Background(), 2); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the same id again: %v", err)
	}
}

func TestPublishRefusesASecondTimeAndUnsealedBytes(t *testing.T) {
	_, f := started(t, FilesystemParams{})
	memory, err := NewMemory(MemoryParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Storage{f, memory} {
		if _, err := s.Publish(context.Background(), 5, []byte("anything")); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: unsealed metadata: %v", s.Kind(), err)
		}
		pointer, err := s.Publish(context.Background(), 5, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(context.Background(), 5, Seal(MetadataKind, 1, nil)); err == nil {
			t.Errorf("%s: published twice", s.Kind())
		}
		if got, err := s.ReadMetadata(context.Background(), pointer); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("%s: then read %q, %v", s.Kind(), got, err)
		}
	}
}

func TestFailedPublishLeavesNothingBehind(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			fsys, f := started(t, FilesystemParams{})
			fsys.failAt, fsys.after = at, after
			_, err := f.Publish(context.Background(), 5, sealed)
			if len(fsys.log) < at {
				break
			}
			if !errors.Is(err, errFake) || !strings.Contains(err.Error(), "checkpoint 5") {
				t.Errorf("%s fails, after effect %v: error %v", fsys.log[at-1], after, err)
			}
			if left := fsys.files(t); left != "" {
				t.Errorf("%s fails, after effect %v: left %s", fsys.log[at-1], after, left)
			}
		}
	}
}

func TestMetadataThatIsMissingOrDamagedIsAnErrorThatSaysWhere(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	for pointer, want := range map[string]string{
		"/nowhere":          "find checkpoint /nowhere",
		f.CheckpointDir(5):  "_metadata",
		f.SharedDir() + "x": "shared",
	} {
		_, err := f.ReadMetadata(context.Background(), pointer)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want it to say %q", pointer, err, want)
		}
	}
	name := path.Join(f.CheckpointDir(5), "_metadata")
	for end := range sealed {
		if err := WriteFile(fsys, name, sealed[:end]); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadMetadata(context.Background(), name); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), name) {
			t.Errorf("cut at %d: error %v", end, err)
		}
	}
}

func TestFrameFindsEveryFlippedBit(t *testing.T) {
	for i := range sealed {
		for bit := range 8 {
			damaged := bytes.Clone(sealed)
			damaged[i] ^= 1 << bit
			if _, _, err := Unseal(MetadataKind, 1, damaged); !errors.Is(err, ErrCorrupt) {
				t.Errorf("byte %d bit %d: %v", i, bit, err)
			}
		}
	}
	if _, _, err := Unseal(PointerKind, 1, sealed); !errors.Is(err, ErrCorrupt) {
		t.Errorf("another kind: %v", err)
	}
	if _, _, err := Unseal(MetadataKind, 1, Seal(MetadataKind, 2, nil)); err == nil || errors.Is(err, ErrCorrupt) {
		t.Errorf("a newer version: %v", err)
	}
}

func TestDiscardDeletesMetadataFirstAndGoesOnAfterErrors(t *testing.T) {
	for at := 0; ; at++ {
		fsys, f := started(t, FilesystemParams{})
		mustWrite(t, f, backends.Exclusive, []byte("a"))
		mustWrite(t, f, backends.Exclusive, []byte("b"))
		kept := mustWrite(t, f, backends.Shared, []byte("c"))
		if _, err := f.Publish(context.Background(), 5, sealed); err != nil {
			t.Fatal(err)
		}
		fsys.log, fsys.failAt = nil, at
		if err := f.DiscardCheckpoint(context.Background(), 5); err != nil {
			t.Errorf("operation %d fails once: %v", at, err)
		}
		if len(fsys.log) < at {
			break
		}
		if !strings.HasSuffix(fsys.log[0], "/_metadata") {
			t.Errorf("first operation is %s", fsys.log[0])
		}
		if left := fsys.files(t); left != kept.Path {
			t.Errorf("operation %d fails once: left %q, want %q", at, left, kept.Path)
		}
		if _, err := fsys.Stat(f.CheckpointDir(5)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("operation %d fails once: the folder is there: %v", at, err)
		}
		if err := f.DiscardCheckpoint(context.Background(), 5); err != nil {
			t.Errorf("once more: %v", err)
		}
	}
}

func TestDiscardReportsWhatItCouldNotDelete(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	h := mustWrite(t, f, backends.Exclusive, []byte("a"))
	mustWrite(t, f, backends.Exclusive, []byte("b"))
	f.fs = undeletable{fsys, h.Path}
	if err := f.DiscardCheckpoint(context.Background(), 5); !errors.Is(err, errFake) {
		t.Errorf("error %v", err)
	}
	if left := fsys.files(t); left != h.Path {
		t.Errorf("left %q, want %q", left, h.Path)
	}
}

type undeletable struct {
	*fakeFS
	path string
}

func (u undeletable) Remove(name string) error {
	if name == u.path {
		return errFake
	}
	return u.fakeFS.Remove(name)
}
