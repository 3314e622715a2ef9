package backendtest

import (
	"fmt"
	"strings"

	"flinch/backends"
)

// apply carries an operation out and returns the answer.
func (in *Instance) apply(o operation) string {
	in.t.Helper()
	must(in.t, in.SetCurrentKey(o.key))
	switch o.verb {
	case "keys":
		return strings.Join(in.listed(in.t, o.state, o.ns), "|")
	case "pairs":
		return fmt.Sprintf("%q", in.pairs(in.t, o.state))
	}
	switch randomStates[o.state] {
	case backends.ValueKind:
		return in.applyValue(o)
	case backends.ListKind:
		return in.applyList(o)
	case backends.MapKind:
		return in.applyMap(o)
	case backends.TimerKind:
		return in.applyTimers(o)
	}
	return in.applyFolding(o)
}

func (in *Instance) applyValue(o operation) string {
	in.t.Helper()
	d := Boxes(o.state, backends.ValueKind)
	if o.state == "or" {
		d.Default = &Box{N: defaultOf}
	}
	s := must2[backends.RawValue](in.t)(in.Value(d))
	s.SetNamespace(o.ns)
	switch o.verb {
	case "update":
		must(in.t, s.Update(&Box{N: o.n}))
		return ""
	case "clear":
		must(in.t, s.Clear())
		return ""
	}
	got := must2[any](in.t)(s.Get())
	answer := show(got)
	if o.verb == "change" && got != nil {
		got.(*Box).N = o.n
		must(in.t, s.Update(got))
	}
	return answer
}

func (in *Instance) applyList(o operation) string {
	in.t.Helper()
	d := Boxes(o.state, backends.ListKind)
	if o.state == "fixed" {
		d = FixedBoxes(o.state, backends.ListKind)
	}
	s := must2[backends.RawList](in.t)(in.List(d))
	s.SetNamespace(o.ns)
	var err error
	switch o.verb {
	case "add":
		err = s.Add(&Box{N: o.n})
	case "addAll":
		err = s.AddAll([]any{&Box{N: o.n}, &Box{N: o.n + 1}})
	case "update":
		err = s.Update([]any{&Box{N: o.n}, &Box{N: o.n}})
	case "clear":
		err = s.Clear()
	case "merge":
		err = s.MergeNamespaces(o.ns, o.others)
	case "refused":
		return fmt.Sprint(s.AddAll([]any{&Box{N: o.n}, nil}) != nil)
	case "applyToAll":
		return in.applyToAll(o, s)
	default:
		got := must2[[]any](in.t)(s.Get())
		answer := showNumbers(numbers(got))
		if o.verb == "change" && len(got) > 0 {
			got[0].(*Box).N = o.n
			must(in.t, s.Update(got))
		}
		return answer
	}
	must(in.t, err)
	return ""
}

// applyToAll clears the lists of all keys, and gives some of them a new element.
func (in *Instance) applyToAll(o operation, s backends.RawList) string {
	in.t.Helper()
	var visited []string
	decode := func(encoded string) (backends.Key, error) { return o.keys[encoded], nil }
	must(in.t, backends.ApplyToAllKeys(in, backends.Listed{State: o.state, Namespace: o.ns, Key: decode}, func(k backends.Key) error {
		visited = append(visited, k.Encoded)
		if err := s.Clear(); err != nil || (int64(len(visited))+o.n)%2 == 0 {
			return err
		}
		return s.Add(&Box{N: o.n})
	}))
	return strings.Join(visited, "|")
}

func (in *Instance) applyFolding(o operation) string {
	in.t.Helper()
	var s backends.RawMerging
	var v any = o.n
	switch o.state {
	case "reducing":
		s, v = in.Folding(ReducingBoxes(o.state)), &Box{N: o.n}
	case "boxes":
		s = in.Folding(AggregatingBoxes(o.state))
	default:
		s = in.Folding(AggregatingNumbers(o.state))
	}
	s.SetNamespace(o.ns)
	var err error
	switch o.verb {
	case "add":
		err = s.Add(v)
	case "clear":
		err = s.Clear()
	case "merge":
		err = s.MergeNamespaces(o.ns, o.others)
	case "refused":
		return fmt.Sprint(s.Add(nil) != nil)
	default:
		return show(must2[any](in.t)(s.Get()))
	}
	must(in.t, err)
	return ""
}
