package sim_test

import (
	"context"
	"testing"

	"flinch/backends"
	"flinch/sim"
)

// TestTraceCoversWhatIsWritten: two runs that differ in nothing but bytes of one
// file have different traces.
func TestTraceCoversWhatIsWritten(t *testing.T) {
	sum := func(content string) uint64 {
		c := brief()
		c.Backend = &crooked{params: func(p *backends.KeyedParams) error {
			if p.Count == nil { // an auditor's
				return nil
			}
			if err := p.Local.MkdirAll(p.Dir, 0o755); err != nil {
				return err
			}
			f, err := p.Local.Create(p.Dir + "/file")
			if err != nil {
				return err
			}
			if _, err := f.Write([]byte(content)); err != nil {
				return err
			}
			return f.Close()
		}}
		r, err := sim.Run(context.Background(), c, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Sum
	}
	one, again := sum("one way"), sum("one way")
	if one != again {
		t.Error("equal runs have different traces")
	}
	if one == sum("another") {
		t.Error("files of different length leave the same trace")
	}
	if one == sum("the way") {
		t.Error("files of different bytes leave the same trace")
	}
}
