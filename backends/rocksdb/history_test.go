//go:build cgo && !norocksdb

package rocksdb

import (
	"testing"

	"flinch/backends"
)

func TestReuseNeedsNameAndSize(t *testing.T) {
	set := fileSet{"1.sst": backends.StreamHandle{Path: "/p", SizeBytes: 5, Sum: 7, Scope: backends.Shared}}
	if h, found := set.reuse("1.sst", 5); !found || !h.Placeholder || h.Path != "/p" || h.Sum != 7 {
		t.Errorf("reuse gives %+v, %t", h, found)
	}
	if _, found := set.reuse("1.sst", 6); found {
		t.Error("reused at another size")
	}
	if _, found := set.reuse("2.sst", 5); found {
		t.Error("reused under another name")
	}
	if set["1.sst"].Placeholder {
		t.Error("what the base holds was changed")
	}
}

func TestConfirmedForgetsOlder(t *testing.T) {
	var h history
	for id := backends.CheckpointID(1); id <= 4; id++ {
		h.uploaded(id, fileSet{})
	}
	h.confirmed(3)
	h.uploaded(2, fileSet{})
	if len(h.uploads) != 1 || h.uploads[4] == nil || h.id != 3 {
		t.Errorf("history %+v, want checkpoint 4 on top of 3", h)
	}
}

// TestOnlySharedTableFilesAreABase: exclusive ones die with their checkpoint.
func TestOnlySharedTableFilesAreABase(t *testing.T) {
	set := tableFiles([]backends.FileHandle{
		{Name: "1.sst", Stream: backends.StreamHandle{Path: "/a", Scope: backends.Shared, Placeholder: true}},
		{Name: "2.sst", Stream: backends.StreamHandle{Path: "/b", Scope: backends.Exclusive}},
		{Name: "MANIFEST-1", Stream: backends.StreamHandle{Path: "/c", Scope: backends.Shared}},
	})
	if h, found := set["1.sst"]; len(set) != 1 || !found || h.Placeholder {
		t.Errorf("the base has %+v, want 1.sst alone, and no place-holder", set)
	}
}
