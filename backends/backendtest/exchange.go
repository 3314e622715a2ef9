package backendtest

import (
	"bytes"
	"fmt"
	"slices"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// exchange compares canonical savepoints, which must have the same bytes on all
// sides, and gives each side that of another: it goes on from what another backend
// wrote.
func (m *machine) exchange(all written) written {
	out := make(written, len(all))
	for i, s := range m.sides {
		other := (i + 1) % len(m.sides)
		from := m.sides[other].w
		for subtask, h := range all[other] {
			own := all[i][subtask]
			want, got := s.w.Streams.Files[own.Stream.Path], from.Streams.Files[h.Stream.Path]
			if !bytes.Equal(want, got) || !slices.Equal(own.Offsets, h.Offsets) {
				m.t.Fatalf("savepoint %d of subtask %d (-%s +%s):\n%s", h.Checkpoint, subtask,
					s.w.Backend.Name(), from.Backend.Name(), gocmp.Diff(want, got))
			}
			out[i] = append(out[i], s.w.Streams.receive(h, got))
		}
	}
	return out
}

// receive stores a savepoint that another storage has.
func (s *Streams) receive(h backends.KeyedHandle, data []byte) backends.KeyedHandle {
	s.next++
	h.Stream.Path = fmt.Sprintf("received/%d", s.next)
	s.Files[h.Stream.Path] = bytes.Clone(data)
	s.known[h.Stream.Path] = h.Stream
	return h
}
