package disk

import (
	"math/bits"
	"time"

	"github.com/cespare/xxhash/v2"
)

const pageBytes = 4096

// owner is a token: what carries a store's present token may be changed in
// place, because no image, no durable side and no logged step can see it.
type owner struct{ _ byte }

// page is up to 4 KiB of a file. Bytes past len(data) are zero. Several contents
// share a page, and each sees no more of it than its own size allows: so whoever
// sees all of it may append, however often it is shared.
type page struct {
	data []byte
	home *content // who may overwrite

	hashed int // how many bytes hash covers; -1: none yet
	hash   uint64
}

// content is one version of a file's bytes.
type content struct {
	own   *owner // nil: frozen
	size  int64
	pages []*page // nil pages are zeros, as is everything past the last
	mtime time.Duration

	digested, summed bool
	digest, sum      uint64
}

// visible is how many bytes of page i lie within the size.
func (c *content) visible(i int) int {
	return int(max(0, min(pageBytes, c.size-int64(i)*pageBytes)))
}

// clone returns a version that shares all pages and belongs to own.
func (c *content) clone(own *owner) *content {
	n := &content{own: own, size: c.size, mtime: c.mtime}
	n.pages = append(make([]*page, 0, len(c.pages)+1), c.pages...)
	return n
}

// freeze makes a content that the store owns unchangeable.
func (c *content) freeze(s *store) {
	if c.own == s.own {
		c.own = nil
	}
}

// readAt fills p from off on and returns how many bytes there were.
func (c *content) readAt(p []byte, off int64) int {
	if off >= c.size {
		return 0
	}
	p = p[:min(int64(len(p)), c.size-off)]
	for done := 0; done < len(p); {
		i, in := int((off+int64(done))/pageBytes), int((off+int64(done))%pageBytes)
		part := p[done:min(len(p), done+pageBytes-in)]
		n := 0
		if i < len(c.pages) && c.pages[i] != nil && in < len(c.pages[i].data) {
			n = copy(part, c.pages[i].data[in:])
		}
		clear(part[n:])
		done += len(part)
	}
	return len(p)
}

// writeAt puts p at off, growing the file as needed.
func (c *content) writeAt(p []byte, off int64) {
	if len(p) == 0 {
		return
	}
	if off > c.size {
		c.truncate(off)
	}
	c.digested, c.summed = false, false
	for len(p) > 0 {
		i, in := int(off/pageBytes), int(off%pageBytes)
		n := min(len(p), pageBytes-in)
		for len(c.pages) <= i {
			c.pages = append(c.pages, nil)
		}
		c.writePage(i, in, p[:n])
		off += int64(n)
		c.size = max(c.size, off)
		p = p[n:]
	}
}

func (c *content) writePage(i, in int, p []byte) {
	pg, visible := c.pages[i], c.visible(i)
	switch {
	case pg == nil && in == 0:
		c.pages[i] = &page{data: append([]byte(nil), p...), home: c, hashed: -1}
	case pg != nil && in == len(pg.data) && visible == in:
		pg.data = append(pg.data, p...)
	case pg != nil && pg.home == c && in+len(p) <= len(pg.data) && visible == len(pg.data):
		copy(pg.data[in:], p)
		pg.hashed = -1
	default:
		data := make([]byte, max(visible, in+len(p)))
		if pg != nil {
			copy(data[:visible], pg.data)
		}
		copy(data[in:], p)
		c.pages[i] = &page{data: data, home: c, hashed: -1}
	}
}

// truncate sets the size; what is added reads as zeros.
func (c *content) truncate(size int64) {
	if size == c.size {
		return
	}
	c.digested, c.summed = false, false
	if last := int(c.size / pageBytes); size > c.size && last < len(c.pages) {
		// A shared page may hold another version's bytes past our end.
		if pg, visible := c.pages[last], c.visible(last); pg != nil && len(pg.data) > visible {
			c.pages[last] = &page{data: append([]byte(nil), pg.data[:visible]...), home: c, hashed: -1}
		}
	}
	c.size = size
	if n := int((size + pageBytes - 1) / pageBytes); n < len(c.pages) {
		clear(c.pages[n:])
		c.pages = c.pages[:n]
	}
}

// fingerprint tells contents apart by size and bytes alone. Pages keep their
// part of it, so only pages changed since the last call are read.
func (c *content) fingerprint() uint64 {
	if c.digested {
		return c.digest
	}
	h := mix(uint64(c.size), 1)
	for i, pg := range c.pages {
		if pg == nil {
			continue
		}
		if ph := pg.fingerprint(c.visible(i)); ph != 0 {
			h += mix(ph, uint64(i)+2)
		}
	}
	c.digest, c.digested = h, true
	return h
}

// fingerprint is a hash of the first n bytes, blind to zeros at their end: a
// hole, a short page and written zeros are the same bytes. 0: all zeros.
func (p *page) fingerprint(n int) uint64 {
	if p.hashed != n {
		b := p.data[:min(n, len(p.data))]
		for len(b) > 0 && b[len(b)-1] == 0 {
			b = b[:len(b)-1]
		}
		p.hashed, p.hash = n, 0
		if len(b) > 0 {
			p.hash = xxhash.Sum64(b) | 1
		}
	}
	return p.hash
}

// xxh64 is the xxhash64 of all bytes.
func (c *content) xxh64() uint64 {
	if !c.summed {
		var h xxhash.Digest
		h.Reset()
		var buf [pageBytes]byte
		for off := int64(0); off < c.size; off += pageBytes {
			n := c.readAt(buf[:], off)
			_, _ = h.Write(buf[:n]) // a hash takes all
		}
		c.sum, c.summed = h.Sum64(), true
	}
	return c.sum
}

// mix spreads two words over one.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b*0xd6e8feb86659fd93^0xa0761d6478bd642f)
	return hi ^ lo
}
