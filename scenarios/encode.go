package scenarios

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"flinch/faults"
	"flinch/model"
)

// Cases are written and read by reflection over sim.Config rather than by
// encoding/json alone, for three things that it lacks: spans of time as "250ms",
// one record a line, and errors that name the place. Fields that Config gains
// need no code here.

// brokenDepth is how deep the members of objects and lists of objects stand on
// lines of their own; what is deeper stands on one line.
const brokenDepth = 2

var durationType = reflect.TypeFor[time.Duration]()

// JSON returns the case as a case file holds it: ParseCase reads it back.
func (c Case) JSON() ([]byte, error) {
	e := encoder{}
	if err := e.value(reflect.ValueOf(c), 0); err != nil {
		return nil, fmt.Errorf("write case: %w", err)
	}
	e.out.WriteByte('\n')
	return e.out.Bytes(), nil
}

// encoder writes values as JSON.
type encoder struct {
	out bytes.Buffer
}

func (e *encoder) value(v reflect.Value, depth int) error {
	switch x := v.Interface().(type) {
	case time.Duration:
		return e.plain(faults.Duration(x))
	case faults.Plan:
		return e.plan(x, depth)
	case json.Marshaler, encoding.TextMarshaler, []model.Op:
		return e.plain(x)
	}
	switch v.Kind() {
	case reflect.Struct:
		return e.object(v, depth)
	case reflect.Slice, reflect.Array:
		return e.list(v.Len(), holdsObjects(v.Type()), depth, func(i int) error { return e.value(v.Index(i), depth+1) })
	}
	return e.plain(v.Interface())
}

// plain writes what encoding/json writes, without escapes made for HTML.
func (e *encoder) plain(x any) error {
	enc := json.NewEncoder(&e.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return err
	}
	e.out.Truncate(e.out.Len() - 1) // the line feed
	return nil
}

// plan writes faults one by one, so that each can have a line.
func (e *encoder) plan(p faults.Plan, depth int) error {
	return e.list(len(p), true, depth, func(i int) error {
		raw, err := p[i : i+1].MarshalJSON()
		if err == nil {
			e.out.Write(raw[1 : len(raw)-1])
		}
		return err
	})
}

func (e *encoder) list(n int, objects bool, depth int, element func(i int) error) error {
	broken := objects && depth < brokenDepth && n > 0
	e.out.WriteByte('[')
	for i := range n {
		e.separate(i, broken, depth+1)
		if err := element(i); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	e.end(']', broken, depth)
	return nil
}

func (e *encoder) object(v reflect.Value, depth int) error {
	broken := depth < brokenDepth
	e.out.WriteByte('{')
	written := 0
	for _, f := range jsonFields(v.Type()) {
		field := v.FieldByIndex(f.index)
		if f.omitEmpty && isEmpty(field) {
			continue
		}
		e.separate(written, broken, depth+1)
		fmt.Fprintf(&e.out, "%q:", f.name)
		if broken {
			e.out.WriteByte(' ')
		}
		if err := e.value(field, depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		written++
	}
	e.end('}', broken, depth)
	return nil
}

// separate begins member i of an object or list.
func (e *encoder) separate(i int, broken bool, depth int) {
	if i > 0 {
		e.out.WriteByte(',')
	}
	if broken {
		e.newline(depth)
	}
}

func (e *encoder) end(bracket byte, broken bool, depth int) {
	if broken {
		e.newline(depth)
	}
	e.out.WriteByte(bracket)
}

func (e *encoder) newline(depth int) {
	e.out.WriteByte('\n')
	for range depth {
		e.out.WriteString("  ")
	}
}

// jsonField is one member of a struct's JSON object.
type jsonField struct {
	name      string
	index     []int
	omitEmpty bool
}

// jsonFields lists the members of a struct's object, those of embedded structs
// in their place.
func jsonFields(t reflect.Type) []jsonField {
	var fields []jsonField
	for _, f := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue // embedded structs have no tag: their fields are visible themselves
		}
		fields = append(fields, jsonField{name, f.Index, option == "omitempty"})
	}
	return fields
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

func holdsObjects(list reflect.Type) bool {
	return list.Elem().Kind() == reflect.Struct
}
