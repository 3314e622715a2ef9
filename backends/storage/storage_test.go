package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
)

func newTestStorage(t testing.TB, fsys backends.FS, p FilesystemParams) *Filesystem {
	t.Helper()
	p.FS, p.Root, p.JobID = fsys, "/checkpoints", "job"
	if p.Writer == "" {
		p.Writer = "a1-op-0"
	}
	f, err := NewFilesystem(p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// started returns a storage in which checkpoint 5 is initialised, its log empty.
func started(t testing.TB, p FilesystemParams) (*fakeFS, *Filesystem) {
	t.Helper()
	fsys := newFakeFS(t)
	f := newTestStorage(t, fsys, p)
	if err := f.Initialize(context.Background(), 5); err != nil {
		t.Fatal(err)
	}
	fsys.log = nil
	return fsys, f
}

func writeStream(s backends.CheckpointStreams, id backends.CheckpointID, scope backends.Scope, chunks ...[]byte) (backends.StreamHandle, error) {
	w, err := s.Create(context.Background(), id, scope)
	if err != nil {
		return backends.StreamHandle{}, err
	}
	for _, c := range chunks {
		if _, err := w.Write(c); err != nil {
			return backends.StreamHandle{}, errors.Join(err, w.Abort())
		}
	}
	return w.CloseForHandle()
}

func mustWrite(t testing.TB, s backends.CheckpointStreams, scope backends.Scope, chunks ...[]byte) backends.StreamHandle {
	t.Helper()
	h, err := writeStream(s, 5, scope, chunks...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func readStream(s backends.CheckpointStreams, h backends.StreamHandle) ([]byte, error) {
	r, err := s.Open(context.Background(), h)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

func TestStreamOfThresholdTravelsInItsHandleAndOneByteMoreIsAFile(t *testing.T) {
	for _, threshold := range []int64{0, 1, 64, 4096, 5000} {
		for _, size := range []int64{0, 1, threshold - 1, threshold, threshold + 1, 3 * threshold} {
			t.Run(fmt.Sprintf("threshold=%d/size=%d", threshold, size), func(t *testing.T) {
				fsys, f := started(t, FilesystemParams{InlineThresholdBytes: threshold})
				data := bytes.Repeat([]byte("x"), int(max(size, 0)))
				h := mustWrite(t, f, backends.Exclusive, data)
				wantFile := int64(len(data)) > threshold
				if gotFile := h.Path != ""; gotFile != wantFile {
					t.Errorf("handle has a file: %v, want %v", gotFile, wantFile)
				}
				if wantFile != (fsys.files(t) != "") {
					t.Errorf("files on the storage: %q", fsys.files(t))
				}
				if got, err := readStream(f, h); err != nil || !bytes.Equal(got, data) {
					t.Errorf("read back %d bytes, %v", len(got), err)
				}
			})
		}
	}
}

func TestBytesOnceFlushedAreAFileThoughTheThresholdIsHigh(t *testing.T) {
	_, f := started(t, FilesystemParams{InlineThresholdBytes: 10, WriteBufferBytes: 100})
	for _, c := range []struct {
		chunks []int
		inline bool
	}{{[]int{4, 6}, true}, {[]int{4, 7}, false}, {[]int{101}, false}, {[]int{60, 60, 200, 1}, false}} {
		var chunks [][]byte
		var want []byte
		for i, n := range c.chunks {
			chunks = append(chunks, bytes.Repeat([]byte{byte('a' + i)}, n))
			want = append(want, chunks[i]...)
		}
		h := mustWrite(t, f, backends.Exclusive, chunks...)
		if got := h.Path == ""; got != c.inline {
			t.Errorf("chunks %v: inline %v, want %v", c.chunks, got, c.inline)
		}
		if got, err := readStream(f, h); err != nil || !bytes.Equal(got, want) {
			t.Errorf("chunks %v: read %q, %v", c.chunks, got, err)
		}
	}
}

func TestHandleComesAfterFileAndNameAreSynced(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	mustWrite(t, f, backends.Exclusive, []byte("ab"))
	mustWrite(t, f, backends.Shared, []byte("cd"))
	want := `create /checkpoints/job/chk-5/a1-op-0-1
write /checkpoints/job/chk-5/a1-op-0-1
sync /checkpoints/job/chk-5/a1-op-0-1
close /checkpoints/job/chk-5/a1-op-0-1
syncdir /checkpoints/job/chk-5
create /checkpoints/job/shared/5-a1-op-0-2
write /checkpoints/job/shared/5-a1-op-0-2
sync /checkpoints/job/shared/5-a1-op-0-2
close /checkpoints/job/shared/5-a1-op-0-2
syncdir /checkpoints/job/shared`
	if diff := cmp.Diff(want, strings.Join(fsys.log, "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestStreamThatWasNeverWrittenIsTheEmptyHandle(t *testing.T) {
	memory, err := NewMemory(MemoryParams{})
	if err != nil {
		t.Fatal(err)
	}
	_, files := started(t, FilesystemParams{})
	for _, s := range []Storage{memory, files} {
		h, err := writeStream(s, 5, backends.Shared, nil, []byte{})
		if err != nil || !cmp.Equal(h, backends.StreamHandle{}) {
			t.Errorf("%s: handle %+v, %v", s.Kind(), h, err)
		}
		if got, err := readStream(s, h); err != nil || len(got) != 0 {
			t.Errorf("%s: read %q, %v", s.Kind(), got, err)
		}
	}
}

func TestFailedStreamReturnsNoHandleAndLeavesNoFile(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			fsys, f := started(t, FilesystemParams{WriteBufferBytes: 4})
			fsys.failAt, fsys.after = at, after
			h, err := writeStream(f, 5, backends.Exclusive, []byte("abc"), []byte("defghi"))
			if len(fsys.log) < at {
				if at < 6 {
					t.Fatalf("only %d operations were tried", at)
				}
				break
			}
			if !errors.Is(err, errFake) || !strings.Contains(err.Error(), "write checkpoint stream") {
				t.Errorf("%s fails, after effect %v: handle %+v, error %v", fsys.log[at-1], after, h, err)
			}
			if left := fsys.files(t); left != "" {
				t.Errorf("%s fails, after effect %v: left %s", fsys.log[at-1], after, left)
			}
		}
	}
}

func TestShortWritesAndReadsGoOnUntilFull(t *testing.T) {
	fsys, f := started(t, FilesystemParams{WriteBufferBytes: 16})
	fsys.short = true
	want := []byte(strings.Repeat("0123456789", 50))
	h := mustWrite(t, f, backends.Exclusive, want[:7], want[7:300], want[300:])
	got, err := readStream(f, h)
	if err != nil || !bytes.Equal(got, want) || h.SizeBytes != int64(len(want)) {
		t.Errorf("handle of %d bytes, read %d, %v; want %d", h.SizeBytes, len(got), err, len(want))
	}
	pointer, err := f.Publish(context.Background(), 5, Seal(MetadataKind, 1, want))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadMetadata(context.Background(), pointer); err != nil {
		t.Error(err)
	}
}

func TestAbortedStreamIsGone(t *testing.T) {
	fsys, f := started(t, FilesystemParams{WriteBufferBytes: 1})
	w, err := f.Create(context.Background(), 5, backends.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Abort(), w.Abort()); err != nil {
		t.Error(err)
	}
	if left := fsys.files(t); left != "" {
		t.Errorf("left %s", left)
	}
	if _, err := w.Write([]byte("d")); err == nil {
		t.Error("an aborted stream takes bytes")
	}
	if h, err := w.CloseForHandle(); err == nil {
		t.Errorf("an aborted stream gives the handle %+v", h)
	}
}

func TestAbortAfterHandleKeepsTheFile(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	w, err := f.Create(context.Background(), 5, backends.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	h, err := w.CloseForHandle()
	if err = errors.Join(err, w.Abort()); err != nil {
		t.Fatal(err)
	}
	if fsys.files(t) != h.Path {
		t.Errorf("files %q, want %q", fsys.files(t), h.Path)
	}
	if _, err := w.CloseForHandle(); err == nil {
		t.Error("a stream can be closed twice")
	}
}

func TestLateStreamDoesNotReviveADiscardedCheckpoint(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	if err := f.DiscardCheckpoint(context.Background(), 5); err != nil {
		t.Fatal(err)
	}
	_, err := writeStream(f, 5, backends.Exclusive, []byte("late"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "discarded") {
		t.Errorf("error %v", err)
	}
	if _, err := fsys.Stat(f.CheckpointDir(5)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there again: %v", err)
	}
}

func TestStreamPassesOverTakenNames(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	first := mustWrite(t, f, backends.Exclusive, []byte("first"))
	again := newTestStorage(t, fsys, FilesystemParams{}) // same writer by mistake
	second := mustWrite(t, again, backends.Exclusive, []byte("second"))
	if first.Path == second.Path {
		t.Fatalf("both streams are in %s", first.Path)
	}
	if got, err := readStream(f, first); err != nil || string(got) != "first" {
		t.Errorf("first stream: %q, %v", got, err)
	}
}

func TestDamagedStreamIsRefusedByName(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	h := mustWrite(t, f, backends.Exclusive, []byte("0123456789"))
	for _, damaged := range []string{"", "012345678", "01234567890", "0123456788"} {
		file, err := fsys.Fs.OpenFile(h.Path, os.O_WRONLY|os.O_TRUNC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(damaged); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = readStream(f, h)
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), h.Path) {
			t.Errorf("content %q: error %v", damaged, err)
		}
	}
	for _, bad := range []backends.StreamHandle{
		{Inline: []byte("abc"), SizeBytes: 3, Sum: 1},
		{Inline: []byte("abc"), SizeBytes: 2},
		{SizeBytes: 2},
	} {
		if _, err := readStream(f, bad); !errors.Is(err, ErrCorrupt) {
			t.Errorf("handle %+v: error %v", bad, err)
		}
	}
}

func TestDiscardKeepsWhatAPlaceholderNames(t *testing.T) {
	fsys, f := started(t, FilesystemParams{})
	h := mustWrite(t, f, backends.Shared, []byte("shared"))
	placeholder := backends.StreamHandle{Path: h.Path, SizeBytes: h.SizeBytes, Placeholder: true}
	if err := f.Discard(context.Background(), placeholder); err != nil || fsys.files(t) != h.Path {
		t.Errorf("discarded a place-holder: %v, files %q", err, fsys.files(t))
	}
	if _, err := f.Open(context.Background(), placeholder); err == nil {
		t.Error("a place-holder can be opened")
	}
	for range 2 {
		if err := f.Discard(context.Background(), h); err != nil || fsys.files(t) != "" {
			t.Errorf("discard: %v, files %q", err, fsys.files(t))
		}
	}
}

func TestCancelledContextStopsAStreamAndDeletesItsFile(t *testing.T) {
	fsys, f := started(t, FilesystemParams{WriteBufferBytes: 1})
	ctx, cancel := context.WithCancel(context.Background())
	w, err := f.Create(ctx, 5, backends.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := w.CloseForHandle(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left := fsys.files(t); left != "" {
		t.Errorf("left %s", left)
	}
}

func BenchmarkStream(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("kind=%s/bytes=%d", KindMemory, size), func(b *testing.B) {
			s, err := NewMemory(MemoryParams{})
			if err != nil {
				b.Fatal(err)
			}
			chunk := make([]byte, 512)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				w, _ := s.Create(context.Background(), 1, backends.Exclusive)
				for n := 0; n < size; n += len(chunk) {
					_, _ = w.Write(chunk)
				}
				if _, err := w.CloseForHandle(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
