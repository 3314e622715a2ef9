package storage

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"flinch/backends"
)

func TestMemoryStorageJudgesItsLimitWhenAStreamIsClosed(t *testing.T) {
	s, err := NewMemory(MemoryParams{MaxStateBytes: 10})
	if err != nil {
		t.Fatal(err)
	}
	h, err := writeStream(s, 5, backends.Exclusive, []byte("01234"), []byte("56789"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readStream(s, h); err != nil || string(got) != "0123456789" {
		t.Errorf("read %q, %v", got, err)
	}
	_, err = writeStream(s, 5, backends.Exclusive, []byte("0123456789"), []byte("a"))
	if !errors.Is(err, ErrTooLarge) {
		t.Fatalf("11 bytes: error %v", err)
	}
	for _, part := range []string{"checkpoint 5", "11 bytes", "at most 10", "filesystem storage"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestMemoryMetadataDiesWithTheJobManagerUnlessItHasADurablePlace(t *testing.T) {
	ctx := context.Background()
	fsys := newFakeFS(t)
	open := func(durable bool) *Memory {
		p := MemoryParams{}
		if durable {
			p.Durable = newTestStorage(t, fsys, FilesystemParams{})
		}
		s, err := NewMemory(p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, durable := range []bool{false, true} {
		s := open(durable)
		if s.Durable() != durable {
			t.Errorf("Durable() = %v", s.Durable())
		}
		if err := s.Initialize(ctx, 5); err != nil {
			t.Fatal(err)
		}
		pointer, err := s.Publish(ctx, 5, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.ReadMetadata(ctx, pointer); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("durable %v: read %q, %v", durable, got, err)
		}
		if _, err := open(durable).ReadMetadata(ctx, pointer); (err == nil) != durable {
			t.Errorf("durable %v: the next job manager reads: %v", durable, err)
		}
		if err := s.DiscardCheckpoint(ctx, 5); err != nil {
			t.Error(err)
		}
		if _, err := s.ReadMetadata(ctx, pointer); err == nil {
			t.Errorf("durable %v: discarded metadata can be read", durable)
		}
	}
}

func TestBadParametersAreRefusedByName(t *testing.T) {
	good := FilesystemParams{FS: newFakeFS(t), Root: "/r", JobID: "j", Writer: "w"}
	for want, spoil := range map[string]func(*FilesystemParams){
		"file system": func(p *FilesystemParams) { p.FS = nil },
		"root":        func(p *FilesystemParams) { p.Root = "r" },
		"job id":      func(p *FilesystemParams) { p.JobID = "a/b" },
		"writer":      func(p *FilesystemParams) { p.Writer = "a/b" },
		"threshold":   func(p *FilesystemParams) { p.InlineThresholdBytes = InlineThresholdBytesMax + 1 },
		"buffer":      func(p *FilesystemParams) { p.WriteBufferBytes = -1 },
	} {
		p := good
		spoil(&p)
		if _, err := NewFilesystem(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	if _, err := NewMemory(MemoryParams{MaxStateBytes: -1}); err == nil {
		t.Error("a negative limit is taken")
	}
}
