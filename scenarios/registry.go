package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// registry holds the scenarios. It is written only while the package is
// initialised.
var registry []Scenario

// register adds a scenario.
func register(s Scenario) struct{} {
	registry = append(registry, s)
	return struct{}{}
}

// All returns the scenarios, sorted by name.
func All() []Scenario {
	return slices.SortedFunc(slices.Values(registry), func(a, b Scenario) int { return cmp.Compare(a.Name, b.Name) })
}

// ByName returns the scenario of a name. The error lists the names there are.
func ByName(name string) (Scenario, error) {
	all := All()
	i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return Scenario{}, fmt.Errorf("scenario %q is not known: want one of %s", name, strings.Join(names, ", "))
}
