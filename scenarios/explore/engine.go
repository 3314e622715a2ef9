package explore

import (
	"flinch/backends"
	"flinch/reports"
)

// Unavailable says why a backend cannot run here and what to do about it; "": it
// can.
func Unavailable(b backends.Backend) string {
	if u, ok := b.(backends.Unavailable); ok {
		return u.Unavailable()
	}
	return ""
}

// EngineOf is what a backend says of itself.
func EngineOf(b backends.Backend) (e reports.Engine) {
	if v, ok := b.(backends.Versioned); ok {
		e.Version = v.Version()
	}
	if o, ok := b.(backends.Opaque); ok {
		e.Opaque = o.Opaque()
	}
	return e
}

// Engine is what the backend of a name, which may be Flink's, says of itself:
// nothing, if there is no such backend.
func (w World) Engine(name string) reports.Engine {
	b, err := w.lookUp(name)
	if err != nil {
		return reports.Engine{}
	}
	return EngineOf(b)
}

// Knows tells whether there is a backend of this name, which may be Flink's. It
// need not be able to run.
func (w World) Knows(backend string) bool {
	_, err := w.lookUp(backend)
	return err == nil
}

// CounterNames lists the counters that the summaries of a backend's runs have:
// those of runs, those of excuses for left-over files, and the backend's own.
func (w World) CounterNames(backend string) []string {
	names := counterNames()
	b, err := w.lookUp(backend)
	if err != nil {
		return names
	}
	if c, ok := b.(backends.Counting); ok {
		names = append(names, c.Counters()...)
	}
	return names
}
