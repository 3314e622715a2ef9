package disk

import (
	"slices"
	"time"
)

// syncFile makes data and size of a file durable.
func (s *store) syncFile(ino uint64) {
	s.removeOps(func(o *op) bool {
		if o.kind != opData || o.ino != ino {
			return false
		}
		s.commit(o)
		return true
	})
}

// loseFile is a sync that failed: the unsynced bytes count as clean and will
// never be written, while programs still read them. The size is still to be
// written: bytes that are missing inside it will read as zeros.
func (s *store) loseFile(ino uint64) {
	n := s.edit(ino)
	data, disk := n.side[current].data, n.side[durable].data
	low, path := int64(-1), ""
	s.removeOps(func(o *op) bool {
		if o.kind != opData || o.ino != ino {
			return false
		}
		if low < 0 || o.low < low {
			low = o.low
		}
		path = o.path
		return true
	})
	if low < 0 {
		return
	}
	if n.back == nil {
		s.split = append(slices.Clip(s.split), ino)
	}
	back := disk.clone(s.own)
	back.truncate(min(low, disk.size))
	back.truncate(data.size)
	n.back = back
	if back.size != disk.size || low < disk.size {
		s.push(&op{kind: opData, path: path, ino: ino, after: back, low: min(low, disk.size)})
	}
}

// syncDir makes the entries of a directory durable: those, and of operations
// on two directories the half in this one.
func (s *store) syncDir(dir uint64) {
	var removed []uint64 // directories whose removal is durable now
	for i := 0; i < len(s.log); i++ {
		o := s.log[i]
		if !slices.ContainsFunc(o.edits, func(e edit) bool { return e.dir == dir }) {
			continue
		}
		if o.dirMove {
			s.commitWithNeeds(o)
			i = -1 // the list changed
			continue
		}
		if o.kind == opRmdir {
			removed = append(removed, o.ino)
		}
		s.ownLog()
		s.log[i] = s.commitHalf(o, dir)
	}
	s.removeOps(func(o *op) bool { return o.kind != opData && len(o.edits) == 0 })
	for _, ino := range removed {
		s.syncDir(ino) // the medium knows no removed directory with names in it
	}
	s.collectOrphans()
}

// commitHalf makes the edits of o in one directory durable and returns what is
// left of it.
func (s *store) commitHalf(o *op, dir uint64) *op {
	rest := *o
	rest.own, rest.edits, rest.hashed = s.own, nil, false
	for _, e := range o.edits {
		if e.dir == dir {
			s.put(durable, e.dir, e.name, e.child)
			if o.kind == opRename && e.child != 0 {
				s.pin(o)
			}
		} else {
			rest.edits = append(rest.edits, e)
		}
	}
	return &rest
}

// commitWithNeeds makes an operation durable after everything it depends on.
func (s *store) commitWithNeeds(o *op) {
	for _, seq := range o.needs {
		if i := s.find(seq); i >= 0 {
			s.commitWithNeeds(s.log[i])
		}
	}
	i := s.find(o.seq)
	s.commit(s.log[i])
	s.ownLog()
	s.log = slices.Delete(s.log, i, i+1)
}

// pin marks what was written to a file before a rename that is durable now: a
// file system with the rule "rename after data" has written it by then.
func (s *store) pin(rename *op) {
	for i, o := range s.log {
		if o.kind == opData && o.ino == rename.ino && o.seq < rename.seq && !o.pinned {
			s.ownLog()
			c := *o
			c.own, c.ranges, c.pinned, c.hashed = s.own, slices.Clone(o.ranges), true, false
			s.log[i] = &c
		}
	}
}

// find returns the place of a pending operation, -1 if it is durable by now.
func (s *store) find(seq uint64) int {
	i, ok := slices.BinarySearchFunc(s.log, seq, func(o *op, seq uint64) int {
		return int(int64(o.seq) - int64(seq))
	})
	if !ok {
		return -1
	}
	return i
}

// commit makes one operation durable. It stays in the list.
func (s *store) commit(o *op) {
	if o.kind == opData {
		n := s.edit(o.ino)
		n.side[durable].data = o.after
		s.outdate(n)
		return
	}
	for _, e := range o.edits {
		s.put(durable, e.dir, e.name, e.child)
	}
}

// writeBack makes operations issued before a time durable, in order.
func (s *store) writeBack(before time.Duration) {
	// Times never fall along the list, but a step's time is that of its first write.
	n := 0
	for n < len(s.log) && s.log[n].at < before {
		s.commit(s.log[n])
		n++
	}
	if n == 0 {
		return
	}
	s.log = s.log[n:]
	s.collectOrphans()
}

// removeOps takes the operations for which drop is true out of the list, and
// leaves the lists of images alone.
func (s *store) removeOps(drop func(*op) bool) {
	first := slices.IndexFunc(s.log, drop)
	if first < 0 {
		return
	}
	log := s.log[:first]
	if s.logOwn != s.own {
		log = append(make([]*op, 0, len(s.log)), log...)
	}
	for _, o := range s.log[first+1:] {
		if !drop(o) {
			log = append(log, o)
		}
	}
	if s.logOwn == s.own {
		clear(s.log[len(log):])
	}
	s.log, s.logOwn = log, s.own
}

// collectOrphans frees what lost its last durable name.
func (s *store) collectOrphans() {
	for len(s.orphans) > 0 {
		ino := s.orphans[len(s.orphans)-1]
		s.orphans = s.orphans[:len(s.orphans)-1]
		s.collect(ino)
	}
}

// collect frees an inode that nothing can reach any more: no name on either
// side, no open file, no pending operation that may give it a name back.
func (s *store) collect(ino uint64) {
	n := s.node(ino)
	if n == nil || len(n.side[current].links) > 0 || len(n.side[durable].links) > 0 || ino == rootIno {
		return
	}
	for _, p := range s.procs {
		for _, f := range p.files {
			if f.ino == ino {
				return
			}
		}
	}
	for _, o := range s.log {
		for _, e := range o.edits {
			if e.child == ino || e.was == ino || e.dir == ino {
				return
			}
		}
	}
	s.removeOps(func(o *op) bool { return o.ino == ino })
	if i := slices.Index(s.split, ino); i >= 0 {
		s.split = slices.Delete(slices.Clone(s.split), i, i+1)
	}
	s.inos.Delete(ino)
}

// WriteBack makes all pending operations that were issued before a virtual time
// durable, in order, as a kernel does after some seconds. Steps of writing to
// one file count from their first write.
func (d *Disk) WriteBack(before time.Duration) { d.s.writeBack(before) }
