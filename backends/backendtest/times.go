package backendtest

import (
	"fmt"
	"os"
	"strconv"
)

// times is how often random jobs are to do their number of operations: what
// FLINCH_COUNT says, or once.
func times() (int, error) {
	text, found := os.LookupEnv("FLINCH_COUNT")
	if !found || text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("FLINCH_COUNT %q: want a number, as 10", text)
	}
	return n, nil
}
