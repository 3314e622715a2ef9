package kv

import (
	"bytes"
	"cmp"
	"strings"
	"testing"

	"flinch/backends"

	"pgregory.net/rapid"
)

// compose joins the parts of a composite key, as the accesses do.
func (l keyLayout) compose(group int, key, ns, userKey string) []byte {
	b := append(l.appendGroup(nil, group), key...)
	return append(appendNamespace(b, ns), userKey...)
}

func TestCompositeKeysHaveTheLayoutOfFlink(t *testing.T) {
	one, two, fixed := keyLayout{groupBytes: 1}, keyLayout{groupBytes: 2}, keyLayout{groupBytes: 1, keyBytes: 4}
	text := func(s string) string { return backends.StringKey(s).Encoded }
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{one.compose(127, text("a"), backends.VoidNamespace, ""), "\x7fa\x00\x00\x00"},
		{two.compose(128, text("a"), backends.VoidNamespace, "u"), "\x00\x80a\x00\x00\x00u"},
		{two.compose(32767, text(""), backends.VoidNamespace, ""), "\x7f\xff\x00\x00\x00"},
		{one.compose(3, text("a\x00b"), "w", "\x00"), "\x03a\x00\xffb\x00\x00\x01w\x00\x00\x00"},
		{one.compose(3, text(","), "\x00,", ","), "\x03,\x00\x00\x01\x00\xff,\x00\x00,"},
		{fixed.compose(3, "\x00\x00\x00\x01", backends.VoidNamespace, "u"), "\x03\x00\x00\x00\x01\x00u"},
		{fixed.compose(3, "\x00\x00\x00\x01", "\x00\x00", "u"), "\x03\x00\x00\x00\x01\x01\x00\xff\x00\xff\x00\x00u"},
	} {
		if string(c.got) != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for groups, want := range map[int]int{1: 1, 128: 1, 129: 2, 32768: 2} {
		if l := newKeyLayout(&backends.KeyedParams{MaxParallelism: groups}); l.groupBytes != want {
			t.Errorf("%d key groups: %d bytes, want %d", groups, l.groupBytes, want)
		}
	}
}

// tuple is what a composite key is made of.
type tuple struct {
	group            int
	key, ns, userKey string
}

func (a tuple) compare(b tuple) int {
	return cmp.Or(cmp.Compare(a.group, b.group), strings.Compare(a.key, b.key), strings.Compare(a.ns, b.ns), strings.Compare(a.userKey, b.userKey))
}

func drawTuple(t *rapid.T, l keyLayout) tuple {
	text := func(label string, most int) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x2C, 'a', 0xFF}), 0, most).Draw(t, label))
	}
	out := tuple{group: rapid.SampledFrom([]int{0, 1, 44, 127}).Draw(t, "group"), ns: text("namespace", 3), userKey: text("user key", 3)}
	if out.ns == "" {
		out.ns = backends.VoidNamespace
	}
	if l.groupBytes == 2 {
		out.group *= 258
	}
	if l.keyBytes > 0 {
		out.key = string(rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x2C, 0xFF}), l.keyBytes, l.keyBytes).Draw(t, "key"))
		return out
	}
	out.key = backends.StringKey(text("key", 4)).Encoded
	return out
}

// The order of composite keys is what makes Entries canonical.
func TestCompositeKeysAreReadBackAndSortLikeTheirParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := keyLayout{groupBytes: rapid.IntRange(1, 2).Draw(t, "group bytes"), keyBytes: rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "key bytes")}
		a, b := drawTuple(t, l), drawTuple(t, l)
		ka, kb := l.compose(a.group, a.key, a.ns, a.userKey), l.compose(b.group, b.key, b.ns, b.userKey)
		p, err := l.split(ka)
		if err != nil {
			t.Fatalf("%q: %v", ka, err)
		}
		if got := (tuple{p.group, string(p.key), namespaceOf(p.namespace), string(p.userKey)}); got != a {
			t.Fatalf("%+v read back is %+v", a, got)
		}
		if err := l.checkKey(a.key); err != nil {
			t.Fatalf("key %q: %v", a.key, err)
		}
		if got, want := bytes.Compare(ka, kb), a.compare(b); got != want {
			t.Fatalf("%+v and %+v compare as %d, their composite keys %q and %q as %d", a, b, want, ka, kb, got)
		}
		prefix := l.compose(a.group, a.key, a.ns, "")
		within := bytes.Compare(prefix, kb) <= 0 && bytes.Compare(kb, appendEndOf(nil, prefix)) < 0
		if same := a.group == b.group && a.key == b.key && a.ns == b.ns; within != same {
			t.Fatalf("%q is between %q and the end of that: %v", kb, prefix, within)
		}
	})
}

// The order of timers in the store is that in which they fire, but for the group.
func TestTimersAreReadBackAndSortAsTheyFire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := keyLayout{groupBytes: rapid.IntRange(1, 2).Draw(t, "group bytes"), keyBytes: rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "key bytes")}
		draw := func() (backends.Timer, []byte) {
			x := drawTuple(t, l)
			timer := backends.Timer{Time: rapid.SampledFrom([]int64{-1 << 63, -1, 0, 1, 1<<63 - 1}).Draw(t, "time"), Key: x.key, Group: x.group, Namespace: x.ns}
			key := l.appendTimer(nil, append(l.appendGroup(nil, x.group), x.key...), timer.Time, x.ns)
			p, err := l.splitTimer(key)
			if err != nil {
				t.Fatalf("%q: %v", key, err)
			}
			if got := (tuple{p.group, string(p.key), namespaceOf(p.namespace), string(p.userKey)}); got != (tuple{x.group, x.key, x.ns, backends.TimeKey(timer.Time)}) {
				t.Fatalf("%+v read back is %+v", timer, got)
			}
			if got, err := l.timerOf(p.group, string(key[l.groupBytes:])); got != timer || err != nil {
				t.Fatalf("%+v read back is %+v, %v", timer, got, err)
			}
			return timer, key[l.groupBytes:]
		}
		a, ka := draw()
		b, kb := draw()
		if got, want := bytes.Compare(ka, kb), a.Compare(b); got != want {
			t.Fatalf("%+v and %+v compare as %d, their composite keys %q and %q as %d", a, b, want, ka, kb, got)
		}
	})
}

func TestMalformedKeysAreRefused(t *testing.T) {
	varying, fixed := keyLayout{groupBytes: 1}, keyLayout{groupBytes: 1, keyBytes: 2}
	for _, key := range []string{"", "a", "\x00", "a\x00", "a\x00\x00b", "\x00\x00\x00\x00", "a\x00b\x00\x00", "\x00\xff", "a\x00\xff\x00"} {
		if varying.checkKey(key) == nil {
			t.Errorf("%q is no key that ends with two zero bytes", key)
		}
	}
	for _, key := range []string{"", "a", "abc"} {
		if fixed.checkKey(key) == nil {
			t.Errorf("%q is no key of two bytes", key)
		}
	}
	for _, composite := range []string{
		"", "\x01", "\x01a", "\x01a\x00", "\x01a\x00\x00", // ends too early
		"\x01a\x00b\x00\x00\x00",                       // a zero in the key without its mark
		"\x01a\x00\x00\x02w\x00\x00",                   // no such kind of namespace
		"\x01a\x00\x00\x01w", "\x01a\x00\x00\x01w\x00", // a namespace without an end
		"\x01a\x00\x00\x01\x00\x00",         // the empty one
		"\x01a\x00\x00\x01\x00\xff\x00\x00", // the void one as a text
	} {
		if p, err := varying.split([]byte(composite)); err == nil {
			t.Errorf("%q was read as %+v", composite, p)
		}
	}
	if _, err := fixed.split([]byte("\x01a")); err == nil {
		t.Error("a key of one byte instead of two was read")
	}
}

// A state may have any name, the one that stores reserve included.
func TestEveryStateHasAFamilyOfItsOwn(t *testing.T) {
	seen := map[string]string{defaultFamily: "(nobody)"}
	for _, state := range []string{"default", "default'", "default''", "default'x", "Default", "defaul", "x", "'", "a\x00b", "_timer_state/event"} {
		name := familyName(state)
		if other, taken := seen[name]; taken {
			t.Errorf("states %q and %q share the family %q", state, other, name)
		}
		seen[name] = state
	}
	if got := familyName("clicks"); got != "clicks" {
		t.Errorf("the family of clicks is %q", got)
	}
}
