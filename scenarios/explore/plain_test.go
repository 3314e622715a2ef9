package explore

import (
	"context"
	"testing"

	"flinch/model"
	"flinch/scenarios"
	"flinch/sim"

	"github.com/google/go-cmp/cmp"
)

func TestShrinkTakesNamespacesAndDefaultsAway(t *testing.T) {
	plainest := func() scenarios.Case {
		var c scenarios.Case
		c.Job.Keys, c.Job.Partitions = []string{"a"}, 1
		c.Job.Operators[1] = []model.StateSpec{
			{Name: "other", Kind: model.List, Namespaces: 2},
			{Name: "list", Kind: model.List, Namespaces: 3},
			{Name: "value", Default: []int64{1}},
		}
		c.Records = []sim.Record{{Ops: [sim.OperatorCount][]model.Op{{}, {
			{Kind: model.ListAdd, State: 1, Namespace: 1, Args: []int64{1}},
			{Kind: model.ListAdd, State: 2, Namespace: 2, Args: []int64{1}},
			{Kind: model.ListMerge, State: 2, Sources: []int{2, 1}},
			{Kind: model.ValueGet, State: 3},
		}}}}
		return c
	}
	// The failure needs the namespaces of the first state.
	small, _ := Shrink(t.Context(), plainest(), ShrinkParams{Fails: func(_ context.Context, c scenarios.Case) bool {
		return len(c.Records) == 1 && len(c.Records[0].Ops[1]) == 4 && c.Records[0].Ops[1][0].Namespace == 1
	}})
	want := plainest()
	want.Job.Operators[1][1].Namespaces, want.Job.Operators[1][2].Default = 0, nil
	want.Records[0].Ops[1][1].Namespace, want.Records[0].Ops[1][2].Sources = 0, nil
	if diff := cmp.Diff(want.Job.Operators, small.Job.Operators); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Records, small.Records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}
