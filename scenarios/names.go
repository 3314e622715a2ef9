package scenarios

import (
	"errors"
	"fmt"
	"regexp"

	"flinch/backends"
)

// properName is what names of backends look like: they are in handles, flags and
// file names.
var properName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// ValidateBackends checks that backends can be told apart and be called by their
// names: there is one at least, none is nil, and each has a proper name of its own.
func ValidateBackends(list ...backends.Backend) error {
	if len(list) == 0 {
		return errors.New("there is no backend: give one at least, as mine.New()")
	}
	first := map[string]int{}
	for i, b := range list {
		if b == nil {
			return fmt.Errorf("backend %d of %d is nil: give an instance, as mine.New()", i+1, len(list))
		}
		name := b.Name()
		if !properName.MatchString(name) {
			return fmt.Errorf("backend %d of %d, a %T, has the name %q: have its Name return a short lower-case word, as \"mine\" (a letter, then letters, digits, - or _; 32 at most)",
				i+1, len(list), b, name)
		}
		if before, taken := first[name]; taken {
			return fmt.Errorf("backends %d and %d of %d are both called %q: have the Name of each return another one", before, i+1, len(list), name)
		}
		first[name] = i + 1
	}
	return nil
}
