package explore

import (
	"slices"

	"flinch/scenarios"
)

// plainActions leaves out what the user asks for, the last first: savepoints keep
// their numbers. What stays he asks for sooner.
func (s *shrinker) plainActions() {
	for i := len(s.best.Actions); i > 0; i-- {
		s.change(func(c *scenarios.Case) bool {
			c.Actions = slices.Delete(slices.Clone(c.Actions), i-1, i)
			return true
		})
	}
	for i := range s.best.Actions {
		s.change(func(c *scenarios.Case) bool {
			c.Actions = slices.Clone(c.Actions)
			return set(&c.Actions[i].After, 0)
		})
	}
}
