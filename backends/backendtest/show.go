package backendtest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"flinch/backends"
)

// show prints what a state answered: the number of a box, a result, or "none".
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case *Box:
		return strconv.FormatInt(v.N, 10)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// showNumbers prints numbers with a space between, or "none".
func showNumbers(ns []int64) string {
	if len(ns) == 0 {
		return "none"
	}
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(out, " ")
}

// line prints an entry, its strings of bytes in hexadecimal. Random jobs print
// many.
func line(e backends.Entry) string {
	out := make([]byte, 0, 128)
	out = append(strconv.AppendInt(out, int64(e.Group), 10), ' ')
	out = append(append(out, e.State...), ' ')
	for _, text := range []string{e.Key, e.Namespace, e.UserKey} {
		out = append(hex.AppendEncode(out, []byte(text)), ' ')
	}
	out = strconv.AppendInt(out, int64(e.Index), 10)
	return string(hex.AppendEncode(append(out, " = "...), e.Value))
}
