package checkpoint

import (
	"testing"

	"flinch/faults/disk"
)

// BenchmarkCheckpoint is a whole small checkpoint: an id, a state file, the
// metadata, the pointer, and the one before it discarded.
func BenchmarkCheckpoint(b *testing.B) {
	d := disk.New(nil, disk.Options{})
	s, st, err := open(d, "a1")
	if err != nil {
		b.Fatal(err)
	}
	l := &lifecycle{fs: d}
	b.ReportAllocs()
	for b.Loop() {
		if err := l.checkpoint(s, st); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPublish is the publishing of one small checkpoint and its deletion.
func BenchmarkPublish(b *testing.B) {
	d := disk.New(nil, disk.Options{})
	_, st, err := open(d, "a1")
	if err != nil {
		b.Fatal(err)
	}
	data := Encode(Metadata{ID: 1})
	b.ReportAllocs()
	for b.Loop() {
		if err := st.Initialize(ctx, 1); err != nil {
			b.Fatal(err)
		}
		if _, err := st.Publish(ctx, 1, data); err != nil {
			b.Fatal(err)
		}
		if err := st.DiscardCheckpoint(ctx, 1); err != nil {
			b.Fatal(err)
		}
	}
}
