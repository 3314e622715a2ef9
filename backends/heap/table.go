package heap

import "flinch/backends"

const (
	capacityDefault = 128
	capacityMin     = 4
	capacityMax     = 1 << 30
	// rehashStep is how many entries an access moves at least while a rehash runs.
	// Four are enough for it to end before the table can be full again.
	rehashStep = 4
)

// address is where an entry is found: its key, its namespace, of a timer its time,
// and the hash of all.
type address struct {
	key       backends.Key
	namespace string
	time      int64 // of a timer, else 0
	hash      uint32
}

// entry is one (key, namespace) and its value, a link of its bucket's chain.
// Once a snapshot that is still open has copied the bucket, neither the entry
// nor what value leads to may change: its versions tell.
type entry struct {
	address
	entryVersion int64 // table version in which this link was made
	valueVersion int64 // table version in which value was stored or copied
	value        any
	next         *entry
}

// table is a hash map with chains that can be snapshotted in the time that a copy
// of its bucket arrays takes, after the design of Flink's CopyOnWriteStateMap. It
// grows by moving some entries at each access, never all at once.
type table struct {
	copyValue func(any) (any, error)
	buckets   []*entry // length a power of two
	grown     []*entry // twice as long while a rehash runs, else nil
	moved     int      // buckets before this one are moved to grown
	size      int

	version  int64   // of links and values made now
	required int64   // the newest open snapshot; older links and values are frozen. 0: none
	open     []int64 // versions of all open snapshots, rising
}

func newTable(capacity int, copyValue func(any) (any, error)) *table {
	return &table{copyValue: copyValue, buckets: make([]*entry, capacity)}
}

// bucket is the head of the chain in which hash is found now.
func (t *table) bucket(hash uint32) **entry {
	i := int(hash) & (len(t.buckets) - 1)
	if i < t.moved {
		return &t.grown[int(hash)&(len(t.grown)-1)]
	}
	return &t.buckets[i]
}

// find returns the entry at an address, or nil. It changes nothing.
func (t *table) find(at *address) (head **entry, e *entry) {
	head = t.bucket(at.hash)
	for e = *head; e != nil; e = e.next {
		if e.hash == at.hash && e.key == at.key && e.namespace == at.namespace && e.time == at.time {
			return head, e
		}
	}
	return head, nil
}

// peek returns the value at an address to be looked at, not to be handed out.
func (t *table) peek(at *address) any {
	if _, e := t.find(at); e != nil {
		return e.value
	}
	return nil
}

// own is like get, but returns nil if the value is frozen.
func (t *table) own(at *address) any {
	if _, e := t.find(at); e != nil && e.valueVersion >= t.required {
		return e.value
	}
	return nil
}

// get returns the value at an address, free to be changed: a frozen one is
// copied first. It returns nil if there is none.
func (t *table) get(at *address) (any, error) {
	t.rehash()
	head, e := t.find(at)
	switch {
	case e == nil:
		return nil, nil
	case e.valueVersion < t.required:
		e, err := t.copied(head, e)
		if err != nil {
			return nil, err
		}
		return e.value, nil
	}
	return e.value, nil
}

// private is like get, but returns the entry, whose value may be replaced until
// the table is used again.
func (t *table) private(at *address) (*entry, error) {
	t.rehash()
	head, e := t.find(at)
	if e == nil || e.valueVersion >= t.required {
		return e, nil
	}
	return t.copied(head, e)
}

// copied gives e, whose value is frozen, a copy of it and returns e's present self.
func (t *table) copied(head **entry, e *entry) (*entry, error) {
	private, err := t.copyValue(e.value)
	if err != nil {
		return nil, err
	}
	e = t.thaw(head, e)
	e.value, e.valueVersion = private, t.version
	return e, nil
}

// put stores a value, whether or not there was one, and tells which.
func (t *table) put(at *address, value any) (replaced bool) {
	t.rehash()
	head, e := t.find(at)
	if e != nil {
		e = t.thaw(head, e)
		e.value, e.valueVersion = value, t.version
		return true
	}
	*head = &entry{address: *at, entryVersion: t.version, valueVersion: t.version, value: value, next: *head}
	t.size++
	if t.size > len(t.buckets)/4*3 {
		t.grow()
	}
	return false
}

// remove takes out the entry at an address and returns its value, which may be
// frozen; nil if there is none.
func (t *table) remove(at *address) any {
	t.rehash()
	head, e := t.find(at)
	if e == nil {
		return nil
	}
	t.unlink(head, e)
	return e.value
}

// unlink takes an entry out of its chain. Links behind it stay where they are.
func (t *table) unlink(head **entry, e *entry) {
	if *head == e {
		*head = e.next
	} else {
		before := *head
		for before.next != e {
			before = before.next
		}
		t.thaw(head, before).next = e.next
	}
	t.size--
}

// thaw makes e free to be changed and returns its present self. If a snapshot
// holds it, the chain up to it is copied, since the links before it change, too.
func (t *table) thaw(head **entry, e *entry) *entry {
	if e.entryVersion >= t.required {
		return e
	}
	for {
		link := *head
		if link.entryVersion < t.required {
			*head = t.renew(link)
		}
		if link == e {
			return *head
		}
		head = &(*head).next
	}
}

// renew copies a link, not its value.
func (t *table) renew(e *entry) *entry {
	private := *e
	private.entryVersion = t.version
	return &private
}

// grow begins a rehash into twice as many buckets.
func (t *table) grow() {
	if t.grown == nil && len(t.buckets) < capacityMax {
		t.grown = make([]*entry, 2*len(t.buckets))
		t.moved = 0
	}
}

// rehash goes on with a rehash that has begun: it moves whole buckets until
// rehashStep entries have moved.
func (t *table) rehash() {
	if t.grown == nil {
		return
	}
	for n := 0; n < rehashStep && t.moved < len(t.buckets); t.moved++ {
		for e := t.buckets[t.moved]; e != nil; n++ {
			next := e.next
			t.move(e)
			e = next
		}
		t.buckets[t.moved] = nil
	}
	if t.moved == len(t.buckets) {
		t.buckets, t.grown, t.moved = t.grown, nil, 0
	}
}

func (t *table) move(e *entry) {
	if e.entryVersion < t.required {
		e = t.renew(e)
	}
	head := &t.grown[int(e.hash)&(len(t.grown)-1)]
	e.next = *head
	*head = e
}
