package scenarios

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"flinch/faults"
	"flinch/model"
)

// ParseCase reads a case file. It is strict: an unknown field, another schema
// version, a value of a wrong type and a case that cannot be run are errors that
// name the place and the mend.
func ParseCase(data []byte) (Case, error) {
	c, err := parseCase(data)
	if err != nil {
		return Case{}, fmt.Errorf("case: %w", err)
	}
	return c, nil
}

// ReadCase reads a case file to its end: see ParseCase.
func ReadCase(r io.Reader) (Case, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return Case{}, fmt.Errorf("case: %w", err)
	}
	return ParseCase(data)
}

func parseCase(data []byte) (Case, error) {
	var c Case
	var head map[string]json.RawMessage
	if err := json.Unmarshal(data, &head); err != nil {
		return c, syntaxError(data, err)
	}
	if err := decode("schema", orNull(head["schema"]), reflect.ValueOf(&c.Schema).Elem()); err != nil {
		return c, err
	}
	if c.Schema != CaseSchema {
		return c, fmt.Errorf("schema: %d: this flinch reads version %d: run the flinch that wrote the case", c.Schema, CaseSchema)
	}
	if err := decode("", data, reflect.ValueOf(&c).Elem()); err != nil {
		return c, err
	}
	return c, c.Validate()
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// decode fills v from raw. Place names v in errors: "records[3].key".
func decode(place string, raw json.RawMessage, v reflect.Value) error {
	if string(raw) == "null" {
		return fmt.Errorf("%s: has no value: give it one", place)
	}
	target := v.Addr().Interface()
	switch x := target.(type) {
	case *time.Duration:
		return decodePlain(place, raw, (*faults.Duration)(x), v.Type())
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return decodePlain(place, raw, x, v.Type())
	}
	if isPlain(v.Type()) && decodeStrict(raw, target) == nil {
		return nil // most of a file: the slow way is for errors, which it places
	}
	switch v.Kind() {
	case reflect.Struct:
		return decodeObject(place, raw, v)
	case reflect.Slice, reflect.Array:
		return decodeList(place, raw, v)
	}
	return decodePlain(place, raw, target, v.Type())
}

// isPlain tells whether encoding/json reads a type as strictly as decode does:
// operations, which make up nearly all of a file, and what holds nothing.
func isPlain(t reflect.Type) bool {
	return t == reflect.TypeFor[[]model.Op]() || t.Kind() < reflect.Array
}

func decodeStrict(raw json.RawMessage, target any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(target)
}

func decodePlain(place string, raw json.RawMessage, target any, t reflect.Type) error {
	err := json.Unmarshal(raw, target)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s: is a %s: want %s", place, wrong.Value, article(t))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	return nil
}

func decodeObject(place string, raw json.RawMessage, v reflect.Value) error {
	var members map[string]json.RawMessage
	if err := decodePlain(place, raw, &members, v.Type()); err != nil {
		return err
	}
	dot := place
	if dot != "" {
		dot += "."
	}
	fields := jsonFields(v.Type())
	for _, f := range fields {
		member, given := members[f.name]
		if !given {
			continue
		}
		delete(members, f.name)
		if err := decode(dot+f.name, member, v.FieldByIndex(f.index)); err != nil {
			return err
		}
	}
	if len(members) == 0 {
		return nil
	}
	unknown := make([]string, 0, len(members))
	for name := range members {
		unknown = append(unknown, name)
	}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.name
	}
	return fmt.Errorf("%s: unknown field: want one of %s", dot+slices.Min(unknown), strings.Join(known, ", "))
}

func decodeList(place string, raw json.RawMessage, v reflect.Value) error {
	var elements []json.RawMessage
	if err := decodePlain(place, raw, &elements, v.Type()); err != nil {
		return err
	}
	switch {
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	case v.Len() != len(elements):
		return fmt.Errorf("%s: has %d elements: want %d", place, len(elements), v.Len())
	}
	for i, element := range elements {
		if err := decode(fmt.Sprintf("%s[%d]", place, i), element, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// article says what a JSON value of a Go type is.
func article(t reflect.Type) string {
	switch {
	case t == durationType:
		return `a span of time such as "250ms"`
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return "an object"
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		return "a list"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String, t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return "a string"
	}
	return "a whole number in the range of " + t.Kind().String()
}

// syntaxError says where the file stops being JSON.
func syntaxError(data []byte, err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		before := data[:min(int(syntax.Offset), len(data))]
		line := 1 + strings.Count(string(before), "\n")
		column := len(before) - 1 - strings.LastIndexByte(string(before), '\n')
		return fmt.Errorf("line %d, column %d: no JSON: %w", line, column, err)
	case errors.As(err, &wrong):
		return fmt.Errorf("is a %s: want an object", wrong.Value)
	}
	return err
}
