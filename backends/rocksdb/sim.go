//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"

	"flinch/backends"
	"flinch/backends/rocksdb/simenv"
)

var _ machine = (*simenv.Env)(nil)

// simulated is the engine inside the simulation.
var simulated = engine{name: backendName, place: simPlace}

// simPlace is the instance's folder on the task manager's disk.
func simPlace(p backends.KeyedParams) (place, error) {
	switch {
	case p.Local == nil || p.Engine == nil || p.Dir == "":
		return place{}, errors.New("no disk or no folder of its own is given")
	case p.Rand == nil || p.Now == nil:
		return place{}, errors.New("no source of choices or no clock is given")
	}
	t := newTuning(p.Tuning)
	return place{files: p.Local, dir: p.Dir, machine: func() (machine, error) {
		// Drawn anew for each database: two with one identity would write files that
		// the engine takes for the same.
		env, err := simenv.New(simenv.Params{
			FS:             p.Engine,
			Now:            p.Now,
			Identity:       p.Rand.Uint64N("session", 1<<63),
			Stepped:        t.stepped,
			NoOptionsFiles: !t.optionsFiles,
			Choose:         func(n int) int { return int(p.Rand.Uint64N("job", uint64(n))) },
		})
		if err != nil {
			return nil, err
		}
		return env, nil
	}}, nil
}
