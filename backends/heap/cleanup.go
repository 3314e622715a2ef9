package heap

import "flinch/backends"

// goneAt tells of live values whether they have expired at a time.
func goneAt(c *backends.CleanUp, now int64) func(v any) bool {
	return func(v any) bool { return backends.Expired(c.Stamp(v), c.Lifetime, now) }
}
