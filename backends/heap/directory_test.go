package heap

import (
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDirectoryGoesThroughTheGroupsWithTablesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 200).Draw(t, "groups")
		d := newDirectory(groups)
		want := make(map[int]*table)
		for _, group := range rapid.SliceOfN(rapid.IntRange(0, groups-1), 1, 40).Draw(t, "with tables") {
			want[group] = newTable(capacityMin, nil)
			d.put(group, want[group])
		}
		if diff := gocmp.Diff(want, maps.Collect(d.all()), gocmp.Comparer(func(a, b *table) bool { return a == b })); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
		order := slices.Sorted(maps.Keys(want))
		var found []int
		for group := range d.all() {
			found = append(found, group)
		}
		if !slices.Equal(order, found) || d.count != len(order) {
			t.Errorf("%d groups in the order %v, want %v", d.count, found, order)
		}
		for group := range groups {
			if d.at(group) != want[group] {
				t.Errorf("group %d: another table", group)
			}
			next := slices.IndexFunc(order, func(g int) bool { return g > group })
			if got := d.after(group); got != order[max(next, 0)] {
				t.Errorf("after %d comes %d of %v", group, got, order)
			}
		}
	})
}
