package reports

import (
	"testing"

	"flinch/model/history"
)

func TestStorageTextSaysWhetherTheFolderIsExact(t *testing.T) {
	exact := history.Recount{Retained: []int64{7, 9}, Named: 12, Shared: 5}
	left, wrong := exact, exact
	left.Unnamed = []string{"/a", "/b"}
	wrong.Missing, wrong.Unlogged = []string{"/c"}, []string{"/d"}
	for _, tt := range []struct {
		name    string
		r       *history.Recount
		excuses map[string]int
		want    string
	}{
		{"nothing was counted", nil, nil, ""},
		{"exact", &exact, nil, "storage: checkpoints 7, 9 name 12 files, 5 shared; 12 there: exact"},
		{"excused", &left, map[string]int{"writer-died": 1, "owner-died": 1}, "storage: checkpoints 7, 9 name 12 files, 5 shared; 14 there: 2 left over (excused: owner-died 1, writer-died 1)"},
		{"wrong", &wrong, nil, "storage: checkpoints 7, 9 name 12 files, 5 shared; 11 there: 1 missing, 1 never acknowledged"},
		{"unreadable", &history.Recount{Error: "it is torn"}, nil, "storage: cannot be counted: it is torn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := StorageText(tt.r, tt.excuses); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
