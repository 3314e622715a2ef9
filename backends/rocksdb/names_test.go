//go:build cgo && !norocksdb

package rocksdb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestColumnNamesArePlainAndTurnBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.Byte()).Draw(t, "name"))
		column := columnName(name)
		if column == "default" || strings.Trim(column, plainBytes+"%") != "" {
			t.Fatalf("column family %q", column)
		}
		if back, err := familyName(column); err != nil || back != name {
			t.Fatalf("family %q comes back as %q, %v", name, back, err)
		}
	})
}

func TestForeignColumnsAreRefused(t *testing.T) {
	for _, column := range []string{"x", "f_%", "f_%1", "f_%zz"} {
		if name, err := familyName(column); err == nil {
			t.Errorf("column family %q is taken for family %q", column, name)
		}
	}
}
