package explore

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"flinch/faults"
)

// plainFaults gives the faults' parameters plainer values: numbers go towards
// zero, switches off. Faults are taken apart by their JSON, which holds all
// their parameters.
func (s *shrinker) plainFaults() {
	for i := range s.best.Faults {
		for _, name := range parametersOf(s.best.Faults[i]) {
			s.plainParameter(i, name)
		}
	}
}

// plainParameter tries the plain values of one parameter of one fault, the
// plainest first.
func (s *shrinker) plainParameter(fault int, name string) {
	for _, value := range plainer(fields(s.best.Faults[fault])[name]) {
		plain, ok := withParameter(s.best.Faults[fault], name, value)
		if !ok {
			continue
		}
		c := s.best
		c.Faults = slices.Clone(c.Faults)
		c.Faults[fault] = plain
		if s.try(c) {
			return
		}
	}
}

// fields returns a fault's JSON, without its kind; nil if it has none.
func fields(f faults.Fault) map[string]any {
	text, err := json.Marshal(faults.Plan{f})
	if err != nil {
		return nil
	}
	var plan []map[string]any
	if json.Unmarshal(text, &plan) != nil || len(plan) != 1 {
		return nil
	}
	delete(plan[0], "kind")
	return plan[0]
}

// parametersOf returns the sorted names of a fault's parameters.
func parametersOf(f faults.Fault) []string { return slices.Sorted(maps.Keys(fields(f))) }

// plainer returns values that are plainer than a parameter's.
func plainer(value any) []any {
	switch v := value.(type) {
	case bool:
		if v {
			return []any{false}
		}
	case float64:
		var values []any
		for _, plain := range []float64{0, 1, float64(int64(v) / 2)} {
			if plain < v && !slices.Contains(values, any(plain)) {
				values = append(values, plain)
			}
		}
		return values
	case string:
		span, err := time.ParseDuration(v)
		if err == nil && span > 0 {
			half := (span / 2).Truncate(time.Microsecond)
			return []any{time.Duration(0).String(), half.String()}
		}
	}
	return nil
}

// withParameter returns the fault with one parameter changed.
func withParameter(f faults.Fault, name string, value any) (faults.Fault, bool) {
	changed := fields(f)
	changed[name], changed["kind"] = value, f.Kind()
	text, err := json.Marshal([]any{changed})
	if err != nil {
		return nil, false
	}
	var plan faults.Plan
	if json.Unmarshal(text, &plan) != nil || len(plan) != 1 {
		return nil, false
	}
	return plan[0], true
}
