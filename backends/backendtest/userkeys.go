package backendtest

import (
	"strings"
	"testing"

	"flinch/backends"
)

// A map is restored with user keys that are encoded as they were, never with others:
// "abcdef" and a number have eight bytes each.
func typedUserKeys(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	in.Use(1)
	texts := backends.MapCodec[string, int64]{Keys: backends.StringKeys(), Values: backends.Int64Codec()}
	numbers := backends.MapCodec[int64, int64]{Keys: backends.Int64Keys(), Values: backends.Int64Codec()}
	m := must2[backends.MapState[string, int64]](t)(backends.NewMapState(in, "m", texts))
	must(t, m.Put("abcdef", 1))
	back := w.Open(t, 0, 1, w.Write(t, in.take(1, backends.SnapshotOptions{})))
	back.Use(1)
	if _, err := backends.NewMapState(back, "m", numbers); err == nil || !strings.Contains(err.Error(), "int64 by string") {
		t.Errorf("restored with numbers for texts as user keys: %v", err)
	}
	m = must2[backends.MapState[string, int64]](t)(backends.NewMapState(back, "m", texts))
	if got, ok, err := m.Get("abcdef"); got != 1 || !ok || err != nil {
		t.Errorf("restored: %d, %v, %v", got, ok, err)
	}
	nameless := backends.MapCodec[string, int64]{Keys: backends.KeyCodec[string]{Encode: texts.Keys.Encode, Decode: texts.Keys.Decode}, Values: texts.Values}
	if _, err := backends.NewMapState(back, "other", nameless); err == nil || !strings.Contains(err.Error(), "KeyCodec.Name") {
		t.Errorf("user keys without a name: %v", err)
	}
}
