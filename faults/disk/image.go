package disk

import (
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/tidwall/btree"
)

// Image is a store at one moment: what is durable, what is current, and what is
// pending in between. It never changes, and costs little to keep: it shares
// everything with the disk that it was taken from.
type Image struct {
	inos    *btree.Map[uint64, *node]
	log     []*op
	split   []uint64
	next    uint64
	seq     uint64
	current uint64 // digests of the two trees
	durable uint64
	from    Options
}

// Image takes the state of the store, in about a microsecond whatever it holds.
func (d *Disk) Image() Image {
	s := d.s
	s.settle()
	root := s.node(rootIno)
	i := Image{
		inos: s.inos.Copy(), log: slices.Clip(s.log), split: s.split, next: s.next, seq: s.seq,
		current: root.side[current].digest, durable: root.side[durable].digest, from: Options{Now: s.now},
	}
	s.own = new(owner) // all that there is belongs to the image now
	return i
}

// Digest is equal for images of equal durable contents and names, equal current
// ones, and equal pending operations in equal order, however they came about:
// such images leave the same disks after any crash. Modification times don't
// count. Digests are the same in every process.
func (i Image) Digest() uint64 {
	h := mix(i.current, i.durable)
	for _, o := range i.log {
		h = mix(h, o.fingerprint())
	}
	for _, ino := range i.split {
		n, _ := i.inos.Get(ino)
		h += mix(n.back.fingerprint(), 7)
	}
	return h
}

// fingerprint hashes what an operation does, by paths and bytes.
func (o *op) fingerprint() uint64 {
	if o.hashed {
		return o.hash
	}
	h := mix(uint64(o.kind)+1, xxhash.Sum64String(o.path))
	h = mix(h, xxhash.Sum64String(o.to))
	for _, e := range o.edits { // a half that is left differs from the whole
		h = mix(h, xxhash.Sum64String(e.name)+min(e.child, 1))
	}
	if o.kind == opData {
		pin := uint64(0)
		if o.pinned {
			pin = 1
		}
		h = mix(h, o.after.fingerprint())
		h = mix(h, uint64(o.low)<<1|pin)
		for _, r := range o.ranges {
			h = mix(mix(h, uint64(r.lo)), uint64(r.hi))
		}
	}
	o.hash, o.hashed = h, true
	return h
}

// PendingOp describes one thing that a power loss may leave undone: an
// operation on names, or all unsynced data of one file.
type PendingOp struct {
	Index int    // place in Image.Pending
	Kind  string // data, create, mkdir, link, unlink, rmdir, rename
	Path  string // as it was when the operation was issued
	To    string // second path of a link or rename
	Half  string // "" or, of a rename whose other half is durable, "source" or "target"
	Needs []int  // indexes of the operations without which it cannot survive

	// Data.
	Steps    int   // how many parts it has: other pending operations lie between them
	OldBytes int64 // the file's durable size
	NewBytes int64 // its size once everything is durable
	Low      int64 // the smallest size it had in between

	first *op // the operation itself, or its first step
}

// String is one line for reports.
func (p PendingOp) String() string {
	switch {
	case p.Kind == "data":
		return fmt.Sprintf("data %s %d->%d bytes, %d step(s)", p.Path, p.OldBytes, p.NewBytes, p.Steps)
	case p.Half != "":
		return fmt.Sprintf("%s %s -> %s (%s half)", p.Kind, p.Path, p.To, p.Half)
	case p.To != "":
		return fmt.Sprintf("%s %s -> %s", p.Kind, p.Path, p.To)
	}
	return p.Kind + " " + p.Path
}

// Pending lists what is not yet durable, in the order in which it was issued
// (data: in which it began).
func (i Image) Pending() []PendingOp {
	var list []PendingOp
	data := map[uint64]int{}  // inode: index of its data
	bySeq := map[uint64]int{} // operation: index
	for _, o := range i.log {
		if o.kind != opData {
			bySeq[o.seq] = len(list)
			list = append(list, i.describe(o, len(list), bySeq))
			continue
		}
		k, ok := data[o.ino]
		if !ok {
			k = len(list)
			data[o.ino] = k
			list = append(list, i.describe(o, k, nil))
		}
		p := &list[k]
		p.Steps++
		p.NewBytes, p.Low = o.after.size, min(p.Low, o.low)
	}
	return list
}

func (i Image) describe(o *op, index int, bySeq map[uint64]int) PendingOp {
	p := PendingOp{Index: index, Kind: opKindNames[o.kind], Path: o.path, To: o.to, first: o}
	if o.kind == opData {
		n, _ := i.inos.Get(o.ino)
		p.OldBytes, p.Low = n.side[durable].data.size, o.low
		return p
	}
	if o.kind == opRename && len(o.edits) == 1 {
		p.Half = "target"
		if o.edits[0].child == 0 {
			p.Half = "source"
		}
	}
	for _, seq := range o.needs {
		if k, ok := bySeq[seq]; ok {
			p.Needs = append(p.Needs, k)
		}
	}
	slices.Sort(p.Needs)
	return p
}
