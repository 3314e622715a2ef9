package backendtest

import (
	"fmt"
	"strconv"
	"strings"
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
