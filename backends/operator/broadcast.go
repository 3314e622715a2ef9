package operator

import (
	"fmt"

	"flinch/backends"

	"github.com/tidwall/btree"
)

// BroadcastMap is a subtask's copy of a broadcast map. The job sees to it that all
// copies are the same, by feeding the same elements to all subtasks in one order;
// nothing here enforces that. Keys are encoded, as user keys of map state are.
//
// A value that Get returns or Range shows is lent until the next call on the map.
// The caller may change it in place only if it puts it back before any other
// call; Put takes ownership.
type BroadcastMap struct {
	identity
	codec   backends.Codec // nil until the job registers the map
	entries btree.Map[string, any]
	// raw holds the entries while codec is nil, each value as it was stored.
	raw btree.Map[string, []byte]
}

// Get returns nil if the key is absent.
func (m *BroadcastMap) Get(key string) any {
	v, _ := m.entries.Get(key)
	return v
}

// Put stores a value and takes ownership of it. nil is an error, and nothing
// changes.
func (m *BroadcastMap) Put(key string, v any) error {
	if v == nil {
		return fmt.Errorf("operator state %q: put: %w", m.name, errNil)
	}
	m.entries.Set(key, v)
	return nil
}

// Remove removes a key, if it is there.
func (m *BroadcastMap) Remove(key string) { m.entries.Delete(key) }

// Contains tells whether a key is there.
func (m *BroadcastMap) Contains(key string) bool {
	_, there := m.entries.Get(key)
	return there
}

// Range calls yield for each key in byte order until it returns false. The map
// must not be changed meanwhile.
func (m *BroadcastMap) Range(yield func(key string, v any) bool) { m.entries.Scan(yield) }

// Clear removes all keys.
func (m *BroadcastMap) Clear() { m.entries.Clear() }

func (m *BroadcastMap) about() identity { return m.identity }

func (m *BroadcastMap) adopt(codec backends.Codec) error {
	if m.codec != nil {
		return m.checkCodec(codec.ID())
	}
	read, err := m.reader(codec)
	if err != nil {
		return err
	}
	rename := m.renaming(codec)
	var entries btree.Map[string, any]
	m.raw.Scan(func(stored string, value []byte) bool {
		var key string
		var v any
		if key, err = rename(stored); err == nil {
			v, err = read.Decode(value)
		}
		if _, twice := entries.Set(key, v); err == nil && twice {
			err = fmt.Errorf("it becomes %q, as another key does", key)
		}
		if err != nil {
			err = fmt.Errorf("key %q, of codec %s: %w", stored, m.identity.codec, err)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	m.identity.codec = codec.ID()
	m.codec, m.entries, m.raw = codec, entries, btree.Map[string, []byte]{}
	return nil
}

func (m *BroadcastMap) lend() captured {
	c := captured{identity: m.identity}
	if m.codec == nil {
		c.keys, c.raw = m.raw.KeyValues()
		return c
	}
	c.codec = m.codec.Duplicate()
	c.keys, c.items = m.entries.KeyValues()
	return c
}

func (m *BroadcastMap) capture() (captured, error) {
	c := m.lend()
	if m.codec == nil {
		return c, nil
	}
	var err error
	c.items, err = copyItems(m.codec, c.items)
	return c, err
}

// restore puts the entries of a copy.
func (m *BroadcastMap) restore(c *backends.Cursor) error {
	for range c.Count() {
		key, value := c.String(), c.Blob()
		if len(value) == 0 {
			c.Fail("the value under key %q has no bytes", key)
		}
		if c.Err() != nil {
			break
		}
		m.raw.Set(key, value)
	}
	return c.Finish()
}
