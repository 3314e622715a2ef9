package faults

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// KindInfo describes a kind of fault.
type KindInfo struct {
	Name string // "crash-at-io"
	Doc  string // one sentence
}

// registered is one kind: its description and the type of its values.
type registered struct {
	doc   string
	value reflect.Type
}

// registry maps the name of a kind to it. It is written only while the package
// is initialised.
var registry = map[string]registered{}

// validator is what every kind implements beside Fault.
type validator interface {
	Fault
	// validate tells which field holds a value that cannot be meant.
	validate() error
}

// register adds a kind, given its zero value.
func register(zero validator, doc string) struct{} {
	name := zero.Kind()
	if _, taken := registry[name]; taken {
		panic("faults: kind " + name + " is registered twice")
	}
	registry[name] = registered{doc: doc, value: reflect.TypeOf(zero)}
	return struct{}{}
}

// Kinds returns all kinds of faults, sorted by name.
func Kinds() []KindInfo {
	kinds := make([]KindInfo, 0, len(registry))
	for name, r := range registry {
		kinds = append(kinds, KindInfo{Name: name, Doc: r.doc})
	}
	slices.SortFunc(kinds, func(a, b KindInfo) int { return cmp.Compare(a.Name, b.Name) })
	return kinds
}

// fieldError says which field of a fault is wrong, and how.
func fieldError(field, format string, args ...any) error {
	return fmt.Errorf("field %q: %w", field, fmt.Errorf(format, args...))
}
