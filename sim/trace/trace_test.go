package trace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sample(n int) []Record {
	var records []Record
	for i := range n {
		records = append(records, Record{time.Duration(i), uint32(i % 3), Point(i % 5), uint64(i * i), uint64(i)})
	}
	return records
}

func sumOf(records []Record) uint64 {
	var log Log
	for _, r := range records {
		log.Add(r)
	}
	return log.Sum()
}

// The sums of old reports are compared with new ones: mend the code, not this.
func TestSumNeverChanges(t *testing.T) {
	if got := sumOf(sample(100)); got != 0x6c4f5b5f24a54682 {
		t.Errorf("sum = %#x", got)
	}
}

func TestSumChangesWithEveryFieldAndTheOrder(t *testing.T) {
	base := sample(8)
	sums := map[uint64]string{sumOf(base): "unchanged"}
	for name, change := range map[string]func(r []Record){
		"at":               func(r []Record) { r[3].At++ },
		"actor":            func(r []Record) { r[3].Actor++ },
		"point":            func(r []Record) { r[3].Point++ },
		"a":                func(r []Record) { r[3].A++ },
		"b":                func(r []Record) { r[3].B++ },
		"swap a and b":     func(r []Record) { r[3].A, r[3].B = r[3].B, r[3].A },
		"swap records":     func(r []Record) { r[3], r[4] = r[4], r[3] },
		"swap first, last": func(r []Record) { r[0], r[7] = r[7], r[0] },
	} {
		changed := append([]Record(nil), base...)
		change(changed)
		sum := sumOf(changed)
		if other, taken := sums[sum]; taken {
			t.Errorf("%s and %s have the same sum", name, other)
		}
		sums[sum] = name
	}
	if sumOf(base[:7]) == sumOf(base) {
		t.Error("a record more, the same sum")
	}
}

func TestKeepingKeepsEveryRecordAndTheSameSum(t *testing.T) {
	want := sample(2*chunkRecords + 7)
	kept := Keeping()
	for i, r := range want {
		if step := kept.Add(r); step != int64(i+1) {
			t.Fatalf("step = %d, want %d", step, i+1)
		}
	}
	if diff := cmp.Diff(want, kept.Records()); diff != "" {
		t.Error(diff)
	}
	if kept.Steps() != int64(len(want)) || kept.Sum() != sumOf(want) {
		t.Errorf("steps %d, sum %#x", kept.Steps(), kept.Sum())
	}
	var plain Log
	plain.Add(want[0])
	if len(plain.Records()) != 0 || plain.Steps() != 1 {
		t.Error("the zero log counts and keeps nothing")
	}
}

func TestDivergeFindsTheFirstDifference(t *testing.T) {
	a := sample(9)
	b := append([]Record(nil), a...)
	if _, ok := Diverge(a, b); ok {
		t.Error("equal logs diverge")
	}
	if i, ok := Diverge(a, b[:5]); !ok || i != 5 {
		t.Errorf("prefix: %d, %v", i, ok)
	}
	b[2].B++
	b[6].A++
	if i, ok := Diverge(a, b); !ok || i != 2 {
		t.Errorf("changed: %d, %v", i, ok)
	}
}

func TestMergeRefusesTwoNamesForOnePoint(t *testing.T) {
	names := Merge(Names{1: "one"}, Names{3: "three"})
	if names.Name(1) != "one" || names.Name(3) != "three" || names.Name(2) != "point-2" || names.Name(99) != "point-99" {
		t.Errorf("names = %q", names)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Merge(Names{1: "one"}, Names{1: "uno"})
}

func BenchmarkAdd(b *testing.B) {
	for name, log := range map[string]*Log{"keep=false": {}, "keep=true": Keeping()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var i uint64
			for b.Loop() {
				i++
				if log.keep && i%(1<<20) == 0 {
					log.chunks = nil
				}
				log.Add(Record{At: time.Duration(i), Actor: 3, Point: 7, A: i, B: 5})
			}
		})
	}
}
