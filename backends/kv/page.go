package kv

// page is some entries of one map, or of a whole state, read at once: so that
// whoever goes through them may go on using the store, and any number of them takes
// little memory.
type page struct {
	prefix   []byte // of all composite keys of the map; of those of a state none
	from, to []byte // what is still to be read
	key      []byte // scratch
	data     []byte
	entries  []pageEntry
}

// pageEntry is where in a page's data an entry's user key, or composite key, and its value end.
type pageEntry struct{ begin, key, end int }

// takePage returns a page that nobody uses.
func (in *instance) takePage() *page {
	n := len(in.pages)
	if n == 0 {
		return new(page)
	}
	p := in.pages[n-1]
	in.pages = in.pages[:n-1]
	return p
}

func (in *instance) givePage(p *page) { in.pages = append(in.pages, p) }

// start makes the page ready for the map behind a prefix, which it copies.
func (p *page) start(prefix []byte) {
	p.prefix = append(p.prefix[:0], prefix...)
	p.from = append(p.from[:0], prefix...)
	p.to = appendEndOf(p.to[:0], prefix)
	p.data, p.entries = p.data[:0], p.entries[:0]
}

// between makes the page ready for all of a state from one composite key to another,
// which it keeps.
func (p *page) between(from, to []byte) {
	p.prefix, p.from, p.to = p.prefix[:0], from, to
	p.data, p.entries = p.data[:0], p.entries[:0]
}

func (p *page) add(userKey, value []byte) {
	e := pageEntry{begin: len(p.data)}
	p.data = append(p.data, userKey...)
	e.key = len(p.data)
	p.data = append(p.data, value...)
	e.end = len(p.data)
	p.entries = append(p.entries, e)
}

// at returns an entry, lent until the page is filled again.
func (p *page) at(i int) (userKey, value []byte) {
	e := p.entries[i]
	return p.data[e.begin:e.key], p.data[e.key:e.end]
}

// advance moves what is still to be read to behind the last entry.
func (p *page) advance() {
	if n := len(p.entries); n > 0 {
		last, _ := p.at(n - 1)
		p.from = append(append(append(p.from[:0], p.prefix...), last...), 0)
	}
}
