package disk

import (
	"testing"

	"flinch/backends"
)

var _ backends.FS = (*Disk)(nil)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// put writes a file without syncing it or its name.
func put(d *Disk, name, text string) {
	f := must(d.Create(name))
	must(f.WriteString(text))
	check(f.Close())
}

// putSynced writes a file and makes it durable, but not its name.
func putSynced(d *Disk, name, text string) {
	f := must(d.Create(name))
	must(f.WriteString(text))
	check(f.Sync())
	check(f.Close())
}

func TestSyncedFileWithoutSyncedNameCanBeLost(t *testing.T) {
	d := New(nil, Options{})
	putSynced(d, "/a", "hello")
	if _, err := d.Image().Crash(PosixWeak, LoseAll{}).ReadRaw("/a"); err == nil {
		t.Fatal("the name survived without a directory sync")
	}
	check(d.SyncDir("/"))
	b, err := d.Image().Crash(PosixWeak, LoseAll{}).ReadRaw("/a")
	if err != nil || string(b) != "hello" {
		t.Fatalf("after the directory sync: %q, %v", b, err)
	}
}
