package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Plan is the faults of one case. It marshals as a list of objects, each with
// its "kind" beside its fields. Reading is strict: an unknown kind or field, a
// missing field and a value that cannot be meant are errors that name the place.
type Plan []Fault

// Arm arms every fault, in order.
func (p Plan) Arm(c Controls) {
	for _, f := range p {
		f.Arm(c)
	}
}

// String lists the faults, separated by semicolons.
func (p Plan) String() string {
	if len(p) == 0 {
		return "no faults"
	}
	texts := make([]string, len(p))
	for i, f := range p {
		texts[i] = f.String()
	}
	return strings.Join(texts, "; ")
}

// Validate tells which fault of the plan holds a value that cannot be meant.
func (p Plan) Validate() error {
	for i, f := range p {
		v, ok := f.(validator)
		if !ok {
			return fmt.Errorf("fault %d: a %T is of no registered kind", i, f)
		}
		if err := v.validate(); err != nil {
			return fmt.Errorf("fault %d (%s): %w", i, f.Kind(), err)
		}
	}
	return nil
}

// MarshalJSON writes the plan as a list, "[]" if it is empty.
func (p Plan) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, f := range p {
		fields, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("fault %d (%s): %w", i, f.Kind(), err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"kind":%q`, f.Kind())
		if inner := fields[1 : len(fields)-1]; len(inner) > 0 {
			b.WriteByte(',')
			b.Write(inner)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. On an error the plan is as before.
func (p *Plan) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("faults: want a list of objects: %w", err)
	}
	plan := make(Plan, 0, len(list))
	for i, raw := range list {
		f, err := decodeFault(raw)
		if err != nil {
			return fmt.Errorf("fault %d%w", i, err)
		}
		plan = append(plan, f)
	}
	*p = plan
	return nil
}

// decodeFault reads one object. Its errors begin with ": " or the kind in
// brackets, to follow the fault's index.
func decodeFault(raw json.RawMessage) (Fault, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return nil, fmt.Errorf(": want an object, not %s", raw)
	}
	var name string
	if err := json.Unmarshal(object["kind"], &name); err != nil {
		return nil, errors.New(`: field "kind": want the name of a kind of fault`)
	}
	kind, ok := registry[name]
	if !ok {
		return nil, fmt.Errorf(`: field "kind": %q is not known: want one of %s`, name, kindNames())
	}
	delete(object, "kind")
	value := reflect.New(kind.value).Elem()
	if err := decodeFields(value, object); err != nil {
		return nil, fmt.Errorf(" (%s): %w", name, err)
	}
	f := value.Interface().(validator)
	if err := f.validate(); err != nil {
		return nil, fmt.Errorf(" (%s): %w", name, err)
	}
	return f, nil
}

// decodeFields fills the fields of a struct one by one, so that every error can
// name its field.
func decodeFields(value reflect.Value, object map[string]json.RawMessage) error {
	var known []string
	for i := range value.NumField() {
		name, option, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		known = append(known, name)
		raw, given := object[name]
		delete(object, name)
		switch {
		case !given && option == "omitempty":
			continue
		case !given:
			return fieldError(name, "is missing")
		case string(raw) == "null":
			return fieldError(name, "null is no value")
		}
		if err := json.Unmarshal(raw, value.Field(i).Addr().Interface()); err != nil {
			return fieldError(name, "%w", plainError(err))
		}
	}
	if len(object) == 0 {
		return nil
	}
	unknown := make([]string, 0, len(object))
	for name := range object {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	return fieldError(unknown[0], "is not known: want %s", strings.Join(known, ", "))
}

// plainError says what a JSON type error means to whoever wrote the file.
func plainError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("want a value of another type than %s", wrong.Value)
	}
	return err
}

func kindNames() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}
