package kv

import (
	"fmt"

	"flinch/backends"
)

// adopt makes a restored state what the job describes, at its first registration:
// values that another codec wrote are read by it and written anew, and elements of
// lists are laid out as the job's codec has them. What is refused stays as it was.
func (s *state) adopt(d backends.Descriptor, wanted *shape) error {
	read, err := d.Evolve(s.meta)
	if err != nil {
		return err
	}
	if s.elementBytes > 0 && s.meta == wanted.meta {
		if err := s.shape.same(wanted); err != nil {
			return err
		}
	}
	if read == nil && s.elementBytes == wanted.elementBytes {
		s.shape = *wanted
		return nil
	}
	replace := kept
	if read != nil {
		replace = func(old []byte) ([]byte, error) { return transcode(read, d.Value, old) }
	}
	r := rewriting{state: s, groups: s.in.params.KeyGroups, from: &s.shape, to: wanted, replace: replace}
	if err := r.run(); err != nil {
		return fmt.Errorf("state %q: from codec %s to %s: %w", s.meta.Name, s.meta.Codec, wanted.meta.Codec, err)
	}
	if read != nil {
		s.in.count(countMigrated)
	}
	s.shape, s.rewritten = *wanted, true
	return nil
}

// kept replaces a value by itself.
func kept(old []byte) ([]byte, error) { return old, nil }

// transcode returns memory of the codec that writes.
func transcode(read, write backends.Codec, old []byte) ([]byte, error) {
	v, err := read.Decode(old)
	if err != nil {
		return nil, err
	}
	encoded, err := write.Encode(v)
	if err == nil && len(encoded) == 0 {
		err = errNoBytes
	}
	return encoded, err
}

// rewriting replaces the values of a state in some key groups; keys stay. All are
// replaced in memory before the first is written, so that none changes if one
// cannot be read. An error while they are written leaves them in between, old and
// new: then the instance is broken.
type rewriting struct {
	*state
	groups   backends.KeyGroupRange
	from, to *shape
	replace  func([]byte) ([]byte, error)
	value    []byte // scratch
}

func (r *rewriting) run() error {
	if err := r.pass(func(_, _ []byte) error { return nil }); err != nil {
		return err
	}
	if err := r.pass(r.put); err != nil {
		return r.in.breaks(err)
	}
	return nil
}

// pass hands each entry to write, with its new value. It reads the store page by
// page, since a scan does not stand changes.
func (r *rewriting) pass(write func(key, value []byte) error) error {
	in := r.in
	if r.groups.Len() == 0 {
		return nil
	}
	p := in.takePage()
	defer in.givePage(p)
	p.between(in.keys.appendGroup(nil, r.groups.Start), in.keys.appendGroup(nil, r.groups.End+1))
	for more := true; more; {
		if err := r.fill(p, in.page); err != nil {
			return err
		}
		more = len(p.entries) == in.page
		for i := range p.entries {
			key, old := p.at(i)
			var err error
			if r.value, err = r.from.rewrite(r.value[:0], old, r.to, r.replace); err != nil {
				return fmt.Errorf("entry %q: %w", key, err)
			}
			if err := write(key, r.value); err != nil {
				return err
			}
		}
	}
	return nil
}
