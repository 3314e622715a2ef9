package reports

import (
	"cmp"
	"maps"
	"slices"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// compareRuns orders runs by scenario, backend and seed.
func compareRuns(scenarioA, scenarioB, backendA, backendB, seedA, seedB string) int {
	return cmp.Or(cmp.Compare(scenarioA, scenarioB), cmp.Compare(backendA, backendB), compareSeeds(seedA, seedB))
}

// compareSeeds orders printed seeds as numbers: they have a minimum width.
func compareSeeds(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
