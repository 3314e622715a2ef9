package mutants

// target is where runs are made: a scenario on a backend.
type target struct{ scenario, backend string }

// seeded is one run of a target.
type seeded struct {
	target
	seed uint64
}

// targets are those of a patch: every scenario that it is hunted with, on every
// backend that it is hunted on.
func (b *bench) targets(p patch) []target {
	backends, scenarios := b.o.Backends, names(p.scenarios)
	if len(backends) == 0 {
		backends = names(p.backends)
	}
	if len(backends) == 0 {
		backends = []string{BackendDefault}
	}
	if len(scenarios) == 0 {
		scenarios = b.scenarios
	}
	var targets []target
	for _, s := range scenarios {
		for _, backend := range backends {
			targets = append(targets, target{s, backend})
		}
	}
	return targets
}
