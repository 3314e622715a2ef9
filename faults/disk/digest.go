package disk

import "github.com/cespare/xxhash/v2"

// outdate notes that a digest of n, which the store owns, has to be made anew.
func (s *store) outdate(n *node) {
	if !n.stale {
		n.stale = true
		s.stale = append(s.stale, n.ino)
	}
}

// settle brings the digests of both sides up to date: work for what changed
// since the last call and the directories above it, nothing else.
func (s *store) settle() {
	for _, ino := range s.stale {
		if n := s.node(ino); n != nil {
			s.edit(ino).stale = false
			s.refresh(current, ino)
			s.refresh(durable, ino)
		}
	}
	s.stale = s.stale[:0]
}

// refresh recomputes one digest and carries a change upwards.
func (s *store) refresh(w which, ino uint64) {
	n := s.node(ino)
	if n == nil { // in a directory that a crash swept away
		return
	}
	old, now := n.side[w].digest, n.fingerprint(w)
	if old == now {
		return
	}
	n = s.edit(ino)
	n.side[w].digest = now
	for _, l := range n.side[w].links {
		if s.node(l.dir) == nil {
			continue
		}
		d, h := s.edit(l.dir), xxhash.Sum64String(l.name)
		d.side[w].sum += mix(h, now) - mix(h, old)
		s.refresh(w, l.dir)
	}
}

// fingerprint hashes what one side of an inode holds. It knows contents and
// names, and nothing of inode numbers or of the way that led here. Link counts
// belong to it: two names of one file are not two equal files.
func (n *node) fingerprint(w which) uint64 {
	sd := &n.side[w]
	if n.dir {
		return mix(sd.sum, 3)
	}
	return mix(sd.data.fingerprint(), uint64(len(sd.links))+4)
}
