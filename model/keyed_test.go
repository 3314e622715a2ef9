package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The states of the tests, one of each kind and shape.
const (
	ints = iota
	cells
	list
	dict
	number
	text
	spaced
	folded
	counted
	defaulted
	rooms
	alarms
)

func testSchema() *Schema {
	return &Schema{
		Keys: []string{"a", "b", "", "key-1", "hello", "Aa", "BB", "日本"},
		States: []StateSpec{
			ints:      {Name: "z-ints", Kind: Value, Shape: Ints},
			cells:     {Name: "cells", Kind: Value, Shape: Cell},
			list:      {Name: "list", Kind: List, Shape: Ints},
			dict:      {Name: "dict", Kind: Map, Shape: Ints},
			number:    {Name: "number", Kind: Value, Shape: Int},
			text:      {Name: "text", Kind: Value, Shape: Text},
			spaced:    {Name: "spaced", Kind: List, Shape: Int, Namespaces: 4},
			folded:    {Name: "folded", Kind: Reducing, Shape: Cell, Namespaces: 3},
			counted:   {Name: "counted", Kind: Aggregating, Shape: Ints, Namespaces: 2},
			defaulted: {Name: "defaulted", Kind: Value, Shape: Ints, Default: []int64{6, 5}},
			alarms:    {Name: "alarms", Kind: Timers, Namespaces: 2},
			rooms:     {Name: "rooms", Kind: Map, Shape: Int, Namespaces: 3},
		},
		MaxParallelism: 16,
	}
}

// applyStep is an operation and the answer to it.
type applyStep struct {
	op   Op
	want []int64
}

var (
	none, absent = []int64{}, []int64{-1}
	get          = Op{Kind: ValueGet, State: ints}
)

var applyTests = map[string][]applyStep{
	"a value is absent at first": {{get, absent}},
	"set replaces":               {{Op{Kind: ValueSet, State: ints, Args: []int64{1, 2, 3}}, none}, {Op{Kind: ValueSet, State: ints, Args: []int64{7}}, none}, {get, []int64{1, 7}}},
	"an empty value is there":    {{Op{Kind: ValueSet, State: ints}, none}, {get, []int64{0}}},
	"clear removes a value":      {{Op{Kind: ValueSet, State: ints, Args: []int64{1}}, none}, {Op{Kind: ValueClear, State: ints}, none}, {get, absent}},
	"bump answers what it found and grows to four words": {
		{Op{Kind: ValueBump, State: ints, Args: []int64{5}}, absent},
		{Op{Kind: ValueBump, State: ints, Args: []int64{2}}, []int64{1, 5}},
		{Op{Kind: ValueBump, State: ints, Args: []int64{3}}, []int64{2, 7, 2}},
		{Op{Kind: ValueBump, State: ints, Args: []int64{1}}, []int64{3, 10, 2, 3}},
		{Op{Kind: ValueBump, State: ints, Args: []int64{1}}, []int64{4, 11, 2, 3, 1}},
		{get, []int64{4, 12, 2, 3, 1}},
	},
	"a bumped int stays one word": {
		{Op{Kind: ValueBump, State: number, Args: []int64{5}}, absent},
		{Op{Kind: ValueBump, State: number, Args: []int64{-2}}, []int64{1, 5}},
		{Op{Kind: ValueGet, State: number}, []int64{1, 3}},
	},
	"a bumped text grows as ints do": {
		{Op{Kind: ValueBump, State: text, Args: []int64{5}}, absent},
		{Op{Kind: ValueBump, State: text, Args: []int64{2}}, []int64{1, 5}},
		{Op{Kind: ValueGet, State: text}, []int64{2, 7, 2}},
	},
	"a list is empty at first": {{Op{Kind: ListGet, State: list}, []int64{0}}},
	"add and add-all append": {
		{Op{Kind: ListAdd, State: list, Args: []int64{1}}, none},
		{Op{Kind: ListAddAll, State: list, Args: []int64{2, 3}}, none},
		{Op{Kind: ListAddAll, State: list}, none},
		{Op{Kind: ListGet, State: list}, []int64{3, 1, 2, 3}},
	},
	"update replaces a list, with nothing it clears": {
		{Op{Kind: ListUpdate, State: list, Args: []int64{4, 5}}, none},
		{Op{Kind: ListGet, State: list}, []int64{2, 4, 5}},
		{Op{Kind: ListUpdate, State: list}, none},
		{Op{Kind: ListGet, State: list}, []int64{0}},
	},
	"bump treats a list as one value": {
		{Op{Kind: ListBump, State: list, Args: []int64{4}}, []int64{0}},
		{Op{Kind: ListBump, State: list, Args: []int64{1}}, []int64{1, 4}},
		{Op{Kind: ListGet, State: list}, []int64{2, 5, 1}},
		{Op{Kind: ListClear, State: list}, none},
		{Op{Kind: ListGet, State: list}, []int64{0}},
	},
	"a map is empty at first": {
		{Op{Kind: MapIsEmpty, State: dict}, []int64{1}},
		{Op{Kind: MapGet, State: dict, UserKey: 3}, absent},
		{Op{Kind: MapContains, State: dict, UserKey: 3}, []int64{0}},
		{Op{Kind: MapRange, State: dict}, []int64{0}},
		{Op{Kind: MapRemove, State: dict, UserKey: 3}, none},
	},
	"a map ranges in the byte order of its user keys": {
		{Op{Kind: MapPut, State: dict, UserKey: 3, Args: []int64{30, 31}}, none},
		{Op{Kind: MapPut, State: dict, UserKey: -1, Args: []int64{10}}, none},
		{Op{Kind: MapPut, State: dict, UserKey: 3, Args: []int64{33}}, none},
		{Op{Kind: MapRange, State: dict}, []int64{2, 3, 1, 33, -1, 1, 10}},
		{Op{Kind: MapContains, State: dict, UserKey: -1}, []int64{1}},
		{Op{Kind: MapIsEmpty, State: dict}, []int64{0}},
		{Op{Kind: MapRemove, State: dict, UserKey: -1}, none},
		{Op{Kind: MapRange, State: dict}, []int64{1, 3, 1, 33}},
		{Op{Kind: MapClear, State: dict}, none},
		{Op{Kind: MapIsEmpty, State: dict}, []int64{1}},
	},
	"bump works on one user key": {
		{Op{Kind: MapBump, State: dict, UserKey: 2, Args: []int64{1}}, absent},
		{Op{Kind: MapBump, State: dict, UserKey: 2, Args: []int64{4}}, []int64{1, 1}},
		{Op{Kind: MapGet, State: dict, UserKey: 2}, []int64{2, 5, 4}},
		{Op{Kind: MapGet, State: dict, UserKey: 1}, absent},
	},
}

func TestApplyAnswersAsTheContractSays(t *testing.T) { testApply(t, applyTests) }

func testApply(t *testing.T, tests map[string][]applyStep) {
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			k := NewKeyed(testSchema())
			for i, s := range steps {
				if got := k.Apply(3, s.op, []int64{}); !slices.Equal(got, s.want) {
					t.Errorf("step %d, %s: answer %v, want %v", i+1, s.op.Kind, got, s.want)
				}
			}
		})
	}
}

func TestEntriesAreCanonical(t *testing.T) {
	k := NewKeyed(testSchema())
	for _, op := range []Op{
		{Kind: ValueSet, State: ints, Args: []int64{-1, 2}},
		{Kind: ListAddAll, State: list, Args: []int64{1, 258}},
		{Kind: MapPut, State: dict, UserKey: -1, Args: []int64{9}},
		{Kind: MapPut, State: dict, UserKey: 5, Args: []int64{8}},
		{Kind: ListAdd, State: list, Args: []int64{3}},
	} {
		k.Apply(0, op, nil)
	}
	k.Apply(1, Op{Kind: ListUpdate, State: list}, nil)
	k.Apply(1, Op{Kind: MapPut, State: dict, UserKey: 5, Args: []int64{8}}, nil)
	k.Apply(1, Op{Kind: MapRemove, State: dict, UserKey: 5}, nil)
	f := k.Freeze()
	w := func(n ...int64) string { return string(AppendWords(nil, n)) }
	minus := strings.Repeat("\xff", 8)
	want := []Entry{
		{State: "dict", Group: 1, Key: "a", Namespace: "\x00", UserKey: w(5), Value: w(8)},
		{State: "dict", Group: 1, Key: "a", Namespace: "\x00", UserKey: minus, Value: w(9)},
		{State: "list", Group: 1, Key: "a", Namespace: "\x00", Value: w(1)},
		{State: "list", Group: 1, Key: "a", Namespace: "\x00", Index: 1, Value: "\x00\x00\x00\x00\x00\x00\x01\x02"},
		{State: "list", Group: 1, Key: "a", Namespace: "\x00", Index: 2, Value: w(3)},
		{State: "z-ints", Group: 1, Key: "a", Namespace: "\x00", Value: minus + w(2)},
	}
	if diff := cmp.Diff(want, f.Entries()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !f.Has(0) || f.Has(1) || f.Has(2) {
		t.Errorf("Has = %v %v %v, want true false false", f.Has(0), f.Has(1), f.Has(2))
	}
}

func TestApplyRefusesAnOperationOnAnotherKindOfState(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewKeyed(testSchema()).Apply(0, Op{Kind: MapGet, State: list}, nil)
}

func TestFoldAppliesRecordsInOrder(t *testing.T) {
	f := Fold(testSchema(), []Record{
		{Key: 0, Ops: []Op{{Kind: ListAdd, State: list, Args: []int64{1}}}},
		{Key: 0, Ops: []Op{{Kind: ListAdd, State: list, Args: []int64{2}}}},
	})
	k := Restore(testSchema(), 0, 15, []*Frozen{f})
	if got := k.Apply(0, Op{Kind: ListGet, State: list}, nil); !slices.Equal(got, []int64{2, 1, 2}) {
		t.Errorf("list = %v", got)
	}
}

func TestRestoreTakesTheOwnedGroupsOfAllSources(t *testing.T) {
	s := testSchema()
	set := func(x int64) Op { return Op{Kind: ValueSet, State: ints, Args: []int64{x}} }
	old := []*Keyed{NewKeyed(s), NewKeyed(s), NewKeyed(s)}
	for key := range s.Keys {
		group := old[0].Group(key)
		for subtask, k := range old {
			if first, last := RangeOf(subtask, len(old), 16); first <= group && group <= last {
				k.Apply(key, set(int64(key)), nil)
			}
		}
	}
	frozen := []*Frozen{old[0].Freeze(), old[1].Freeze(), old[2].Freeze()}
	for subtask := range 2 {
		first, last := RangeOf(subtask, 2, 16)
		f := Restore(s, first, last, frozen).Freeze()
		for key := range s.Keys {
			group := old[0].Group(key)
			if want := first <= group && group <= last; f.Has(key) != want {
				t.Errorf("subtask %d has key %q of group %d: %v, want %v", subtask, s.Keys[key], group, f.Has(key), want)
			}
		}
	}
}

func TestTwoRestoredShadowsDoNotShareAList(t *testing.T) {
	s := testSchema()
	add := func(x int64) Op { return Op{Kind: ListAdd, State: list, Args: []int64{x}} }
	k := NewKeyed(s)
	for x := range int64(5) {
		k.Apply(0, add(x), nil)
	}
	from := []*Frozen{k.Freeze()}
	left, right := Restore(s, 0, 15, from), Restore(s, 0, 15, from)
	left.Apply(0, add(10), nil)
	right.Apply(0, add(20), nil)
	if got, want := left.Apply(0, Op{Kind: ListGet, State: list}, nil), []int64{6, 0, 1, 2, 3, 4, 10}; !slices.Equal(got, want) {
		t.Errorf("list = %v, want %v", got, want)
	}
}

// naive is the dumbest shadow: it replays everything from the start.
func naive(s *Schema, done []Record) []Entry { return Fold(s, done).Entries() }

func TestFrozenStatesNeverChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := testSchema()
		type line struct {
			k    *Keyed
			done []Record
		}
		lines := []line{{k: NewKeyed(s)}}
		type shot struct {
			f    *Frozen
			done []Record
		}
		var shots []shot
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			at := &lines[rapid.IntRange(0, len(lines)-1).Draw(t, "line")]
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				shots = append(shots, shot{at.k.Freeze(), slices.Clone(at.done)})
			case 1:
				if len(shots) > 0 {
					from := shots[rapid.IntRange(0, len(shots)-1).Draw(t, "shot")]
					lines = append(lines, line{Restore(s, 0, 15, []*Frozen{from.f}), slices.Clone(from.done)})
				}
			default:
				op := drawOp(t, s)
				key := rapid.IntRange(0, 2).Draw(t, "key")
				at.k.Apply(key, op, nil)
				at.done = append(at.done, Record{Key: key, Ops: []Op{op}})
			}
		}
		for i, at := range lines {
			if diff := cmp.Diff(naive(s, at.done), at.k.Freeze().Entries()); diff != "" {
				t.Errorf("line %d (-want +got):\n%s", i, diff)
			}
		}
		for i, at := range shots {
			got := at.f.Entries()
			if diff := cmp.Diff(naive(s, at.done), got); diff != "" {
				t.Errorf("frozen %d (-want +got):\n%s", i, diff)
			}
			if !slices.IsSortedFunc(got, Compare) {
				t.Errorf("frozen %d is not sorted", i)
			}
		}
	})
}

func drawOp(t *rapid.T, s *Schema) Op {
	kind := OpKind(rapid.IntRange(0, int(OpKindCount)-1).Draw(t, "kind"))
	op := Op{Kind: kind, UserKey: rapid.Int64Range(-2, 2).Draw(t, "user key")}
	for state := rapid.IntRange(0, len(s.States)-1).Draw(t, "state"); ; state = (state + 1) % len(s.States) {
		if kind.Works(s.States[state].Kind) {
			op.State = state
			break
		}
	}
	width := s.States[op.State].Width()
	op.Namespace = rapid.IntRange(0, width-1).Draw(t, "namespace")
	if kind.Merges() {
		op.Sources = rapid.SliceOfNDistinct(rapid.IntRange(0, width-1), 0, width, rapid.ID[int]).Draw(t, "sources")
	}
	n := 1
	if kind == ListAddAll || kind == ListUpdate {
		n = rapid.IntRange(0, 3).Draw(t, "n")
	}
	for range n {
		op.Args = append(op.Args, rapid.Int64Range(-3, 300).Draw(t, "word"))
	}
	return op
}

func BenchmarkApply(b *testing.B) {
	s := testSchema()
	for _, op := range []Op{
		{Kind: ValueGet, State: ints},
		{Kind: ValueSet, State: ints, Args: []int64{1, 2}},
		{Kind: ValueBump, State: ints, Args: []int64{1}},
		{Kind: ListAdd, State: list, Args: []int64{1}},
		{Kind: MapBump, State: dict, UserKey: 7, Args: []int64{1}},
		{Kind: MapRange, State: dict},
	} {
		b.Run("op="+op.Kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			k := NewKeyed(s)
			for i := range int64(16) {
				k.Apply(3, Op{Kind: MapPut, State: dict, UserKey: i, Args: []int64{i}}, nil)
			}
			var answer []int64
			n := 0
			for b.Loop() {
				if n++; n%1000 == 0 {
					k.Apply(3, Op{Kind: ListClear, State: list}, nil)
				}
				answer = k.Apply(3, op, answer[:0])
			}
		})
	}
}

func BenchmarkFreeze(b *testing.B) {
	s := &Schema{States: testSchema().States[:spaced], MaxParallelism: 128}
	for i := range 200 {
		s.Keys = append(s.Keys, strings.Repeat("k", i%7)+string(rune('a'+i)))
	}
	k := NewKeyed(s)
	for key := range s.Keys {
		k.Apply(key, Op{Kind: MapPut, State: dict, UserKey: 1, Args: []int64{1}}, nil)
		k.Apply(key, Op{Kind: ListAddAll, State: list, Args: []int64{1, 2, 3}}, nil)
	}
	b.Run("then=nothing", func(b *testing.B) {
		for b.Loop() {
			k.Freeze()
		}
	})
	b.Run("then=list", func(b *testing.B) {
		for b.Loop() {
			k.Freeze().Entries()
		}
	})
	b.Run("then=write", func(b *testing.B) {
		for b.Loop() {
			k.Freeze()
			k.Apply(5, Op{Kind: ValueSet, State: ints, Args: []int64{1}}, nil)
		}
	})
}
