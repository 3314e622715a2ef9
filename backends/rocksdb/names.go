//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"strconv"
	"strings"
)

// columnPrefix keeps the names of families apart from the column family
// "default", which every database has.
const columnPrefix = "f_"

const plainBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

// columnName is the name of a family's column family. The engine writes such
// names into C strings and into its OPTIONS files, so that other bytes than the
// plain ones are written as %XX.
func columnName(family string) string {
	var b strings.Builder
	b.WriteString(columnPrefix)
	for i := range len(family) {
		if c := family[i]; strings.IndexByte(plainBytes, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// familyName is the name of the family that a column family belongs to.
func familyName(column string) (string, error) {
	rest, found := strings.CutPrefix(column, columnPrefix)
	if !found {
		return "", fmt.Errorf("column family %q is none of this backend's", column)
	}
	var b strings.Builder
	for {
		plain, escaped, more := strings.Cut(rest, "%")
		b.WriteString(plain)
		if !more {
			return b.String(), nil
		}
		if len(escaped) < 2 {
			return "", fmt.Errorf("column family %q ends within an escape", column)
		}
		c, err := strconv.ParseUint(escaped[:2], 16, 8)
		if err != nil {
			return "", fmt.Errorf("column family %q: %w", column, err)
		}
		b.WriteByte(byte(c))
		rest = escaped[2:]
	}
}
