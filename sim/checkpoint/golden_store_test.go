package checkpoint

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"flinch/backends"
	"flinch/backends/storage"
)

// TestStoreOfCompletedCheckpoints prints what a store retains and hands back.
// Commands: open [retain=n] (a new coordinator, elected), publish (the next
// checkpoint's metadata), add (it to the store), latest, lose id=n (its metadata),
// late (a lost request arrives), and before the next write: lose-request,
// lose-answer, twice; fail-reads n=n.
func TestStoreOfCompletedCheckpoints(t *testing.T) {
	datadriven.Walk(t, "testdata/store", func(t *testing.T, path string) {
		k := &keeper{t: t, net: &line{Service: &Service{}}, storage: newMemory(t), retain: 1}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			out, known := k.command(td)
			if !known {
				t.Fatalf("%s: no such command: %s", td.Pos, td.Cmd)
			}
			return out
		})
	})
}

// keeper carries out the commands of a golden file.
type keeper struct {
	t        *testing.T
	net      *line
	storage  *storage.Memory
	retain   int
	store    *Store
	metadata Metadata
	location string
}

func (k *keeper) command(td *datadriven.TestData) (out string, known bool) {
	switch td.Cmd {
	case "open":
		k.retain = number(td, "retain", k.retain)
		return k.open(), true
	case "publish":
		var err error
		k.metadata, k.location, err = publish(k.store, k.storage)
		return k.told(err, fmt.Sprintf("checkpoint %d is written", k.metadata.ID)), true
	case "add":
		released, err := k.store.Add(ctx, k.metadata, k.location)
		return k.told(err, fmt.Sprintf("checkpoint %d is complete, released: %s", k.metadata.ID, orNone(ids(released)))), true
	case "latest":
		c, found, err := k.store.Latest(ctx)
		return k.told(err, fmt.Sprintf("latest: %d (found %v)", c.ID, found)), true
	case "lose":
		id := backends.CheckpointID(number(td, "id", 0))
		return k.told(k.storage.DiscardCheckpoint(ctx, id), fmt.Sprintf("metadata of %d is lost", id)), true
	case "late":
		return k.told(k.net.late(), "the lost request has arrived"), true
	}
	return k.weather(td)
}

// weather prepares what goes wrong with the next write.
func (k *keeper) weather(td *datadriven.TestData) (out string, known bool) {
	switch td.Cmd {
	case "lose-request":
		k.net.losesRequest = true
	case "lose-answer":
		k.net.losesAnswer = true
	case "twice":
		k.net.repeats = true
	case "fail-reads":
		k.net.readsFail = number(td, "n", 1)
	default:
		return "", false
	}
	return "", true
}

func (k *keeper) open() string {
	s, err := Open(ctx, Params{
		Pointer: NewCoordinationPointer(k.net, k.net.Elect()), Storage: k.storage, RetainedMax: k.retain,
	})
	if err == nil {
		k.store = s
	}
	return k.told(err, fmt.Sprintf("a store that retains %d", k.retain))
}

// told says what came out, and what is known and in place.
func (k *keeper) told(err error, done string) string {
	var out strings.Builder
	switch {
	case err == nil:
		fmt.Fprintln(&out, done)
	case errors.Is(err, ErrOutcomeUnknown):
		fmt.Fprintln(&out, "error, outcome unknown")
	case errors.Is(err, ErrSuperseded):
		fmt.Fprintln(&out, "error, another one leads")
	default:
		fmt.Fprintf(&out, "error: %s\n", strings.SplitN(err.Error(), "\n", 2)[0])
	}
	if k.store != nil {
		fmt.Fprintf(&out, "retained: %s; open: %s", orNone(ids(k.store.Retained())), orNone(ids(k.store.Unsettled())))
	}
	if record, err := ReadRecord(k.net.Value()); err == nil && k.net.Value() != nil {
		named := []backends.CheckpointID{}
		for _, e := range record.Retained {
			named = append(named, e.ID)
		}
		fmt.Fprintf(&out, "; in place: %v", named)
	}
	return strings.TrimSpace(out.String()) + "\n"
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
