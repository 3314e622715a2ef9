package checkpoint

import (
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestStoresOfTwoLeaders prints what the stores of several leaders over one service
// retain and hand back. Commands are those of TestStoreOfCompletedCheckpoints, with
// leader=NAME: opening a leader's store elects it.
func TestStoresOfTwoLeaders(t *testing.T) {
	datadriven.Walk(t, "testdata/leaders", func(t *testing.T, path string) {
		shared := &keeper{t: t, net: &line{Service: &Service{}}, storage: newMemory(t), retain: 1}
		leaders := map[string]*keeper{}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			var name string
			td.ScanArgs(t, "leader", &name)
			if leaders[name] == nil {
				leaders[name] = &keeper{t: t, net: shared.net, storage: shared.storage, retain: 1}
			}
			out, known := leaders[name].command(td)
			if !known {
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			return out
		})
	})
}
