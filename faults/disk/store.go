package disk

import (
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/tidwall/btree"
)

// rootIno is the inode of the root directory, which always exists.
const rootIno = 1

// degree of the trees: small nodes, since most changes follow an image and
// copy the nodes on their path.
const degree = 8

// which names one of the two sides of an inode.
type which int

const (
	current which = iota // what programs see
	durable              // what is on the medium
)

// link is one name of an inode.
type link struct {
	dir  uint64
	name string
}

// names are the entries of a directory, sorted.
type names struct {
	own *owner
	m   *btree.Map[string, uint64]
}

// side is what one side knows of an inode. Links make the tree walkable upwards,
// so that a change reaches the digests of the directories above it.
type side struct {
	data   *content // files
	names  *names   // directories
	links  []link
	sum    uint64 // directories: sum over entries of name and digest
	digest uint64 // as the sums of the directories above count it
}

// node is an inode. Nodes are shared between a store and its images, and
// changed in place only by whoever owns them.
type node struct {
	own   *owner
	ino   uint64
	dir   bool
	stale bool // a digest is out of date, and the inode is in store.stale
	// back is what the medium will hold once everything unsynced is there. nil:
	// the same as the current data. They differ after a failed sync.
	back *content
	side [2]side
}

// store is the state behind all views of one disk.
type store struct {
	own   *owner
	inos  *btree.Map[uint64, *node]
	next  uint64 // the next inode's number
	now   func() time.Duration
	epoch int // counts power losses
	procs []*process
	real  *mirror // nil: in memory only

	log     []*op // pending operations, oldest first
	logOwn  *owner
	seq     uint64
	split   []uint64 // inodes with node.back
	stale   []uint64
	orphans []uint64 // inodes that lost a durable name: to be looked at
}

func newStore(o Options) *store {
	s := &store{own: new(owner), inos: btree.NewMap[uint64, *node](degree), next: rootIno, now: o.Now}
	s.newNode(true)
	return s
}

func (s *store) view(hook Hook) *Disk {
	v := &struct {
		Disk
		process
	}{Disk{s: s}, process{hook: hook}}
	v.p = &v.process
	s.procs = append(s.procs, v.p)
	return &v.Disk
}

// forget closes what a dead process had open.
func (s *store) forget(p *process) {
	s.procs = slices.DeleteFunc(s.procs, func(q *process) bool { return q == p })
	files := p.files
	p.files = nil
	for _, f := range files {
		f.release()
		s.collect(f.ino)
	}
}

func (s *store) time() time.Duration {
	if s.now == nil {
		return 0
	}
	return s.now()
}

func (s *store) node(ino uint64) *node {
	n, _ := s.inos.Get(ino)
	return n
}

// newNode allocates an inode, on both sides: an inode without a name is never seen.
func (s *store) newNode(dir bool) *node {
	n := &node{own: s.own, ino: s.next, dir: dir}
	s.next++
	for w := range n.side {
		if dir {
			n.side[w].names = &names{own: s.own, m: btree.NewMap[string, uint64](degree)}
		}
	}
	if !dir {
		empty := &content{mtime: s.time()}
		n.side[current].data, n.side[durable].data = empty, empty
	}
	s.inos.Set(n.ino, n)
	s.outdate(n)
	return n
}

// edit returns the inode for changing. The inode must exist.
func (s *store) edit(ino uint64) *node {
	return s.editNode(s.node(ino))
}

func (s *store) editNode(n *node) *node {
	if n.own == s.own {
		return n
	}
	c := *n
	c.own = s.own
	s.inos.Set(n.ino, &c)
	return &c
}

// entries returns the entries of n on one side for changing.
func (s *store) entries(n *node, w which) *btree.Map[string, uint64] {
	e := n.side[w].names
	if e.own != s.own {
		e = &names{own: s.own, m: e.m.Copy()}
		n.side[w].names = e
	}
	return e.m
}

// put makes an entry name child, or nothing if child is 0, on one side.
func (s *store) put(w which, dir uint64, name string, child uint64) {
	d := s.edit(dir)
	var old uint64
	var had bool
	if m := s.entries(d, w); child == 0 {
		old, had = m.Delete(name)
	} else {
		old, had = m.Set(name, child)
	}
	at, h := &d.side[w], xxhash.Sum64String(name)
	if had {
		o := s.edit(old)
		at.sum -= mix(h, o.side[w].digest)
		o.side[w].drop(dir, name)
		s.outdate(o)
		if w == durable && len(o.side[w].links) == 0 {
			s.orphans = append(s.orphans, old)
		}
	}
	if child != 0 {
		c := s.edit(child)
		at.sum += mix(h, c.side[w].digest)
		// Clipped, since images share the slice.
		c.side[w].links = append(slices.Clip(c.side[w].links), link{dir, name})
		s.outdate(c)
	}
	s.outdate(d)
}

// drop forgets one name.
func (sd *side) drop(dir uint64, name string) {
	i := slices.Index(sd.links, link{dir, name})
	if len(sd.links) == 1 {
		sd.links = nil
		return
	}
	rest := make([]link, 0, len(sd.links)-1)
	sd.links = append(append(rest, sd.links[:i]...), sd.links[i+1:]...)
}
