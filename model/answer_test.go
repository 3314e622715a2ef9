package model

import "testing"

func TestAnswersAreToldInWords(t *testing.T) {
	for _, x := range []struct {
		kind   OpKind
		answer []int64
		want   string
	}{
		{ValueGet, []int64{-1}, "absent"},
		{ValueGet, []int64{1, 777}, "found 777"},
		{MapBump, []int64{2, 7, -9}, "found 7 -9"},
		{ReducingGet, []int64{2, 7}, "[2 7]"},
		{ListGet, []int64{0}, "0 elements"},
		{ListBump, []int64{1, 5}, "1 element: 5"},
		{MapRange, []int64{2, 3, 1, 8, 4, 1, 9}, "2 entries: [3] 8, [4] 9"},
		{MapEdit, []int64{1, 3, 2, 8, 4}, "1 entry: [3] 8 4"},
		{MapRange, []int64{1, 3, 2, 8}, "[1 3 2 8]"},
		{MapRange, []int64{0}, "0 entries"},
		{ListKeys, []int64{2, 0, 5}, "2 keys: 0 5"},
		{ListPairs, []int64{1, 0, 5}, "1 pair: 0 5"},
		{MapContains, []int64{0}, "no"},
		{TimerRegister, []int64{1}, "yes"},
		{AddNil, []int64{2}, "[2]"},
		{ValueSet, nil, "nothing"},
	} {
		if got := x.kind.AnswerText(x.answer); got != x.want {
			t.Errorf("%v answers %v: %q, want %q", x.kind, x.answer, got, x.want)
		}
	}
}
