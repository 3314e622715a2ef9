package reference

import (
	"fmt"
	"slices"

	"flinch/backends"
)

// adopt makes a restored state, if there is one, what the job describes. Nothing
// changes if a value cannot be migrated.
func (in *instance) adopt(d backends.Descriptor, meta backends.StateMeta) error {
	stored, there := in.metas[meta.Name]
	if !there {
		return nil
	}
	read, err := d.Evolve(stored)
	if err != nil || read == nil {
		return err
	}
	migrated := make(table)
	for _, at := range in.entries.places(func(at place) bool { return at.state == meta.Name }) {
		for _, p := range in.entries[at] {
			if p.value, err = rewrite(p.value, read, d.Value); err != nil {
				return fmt.Errorf("migrate state %q from codec %s to %s: key %q: %w", meta.Name, stored.Codec, meta.Codec, at.key, err)
			}
			migrated[at] = append(migrated[at], p)
		}
	}
	for at, parts := range migrated { //tidy:anyorder one map is copied into another
		in.entries[at] = parts
	}
	return nil
}

// rewrite writes what one codec reads with another.
func rewrite(encoded []byte, read, write backends.Codec) ([]byte, error) {
	v, err := read.Decode(encoded)
	if err != nil {
		return nil, err
	}
	lent, err := write.Encode(v)
	return slices.Clone(lent), err
}
