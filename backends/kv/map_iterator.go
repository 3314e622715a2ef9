package kv

import (
	"fmt"
	"slices"

	"flinch/backends"
)

// mapIterator goes through one map by pages. No scan is open between its calls.
type mapIterator struct {
	m    mapState
	own  ranging
	page *page // nil: closed
	at   int   // the place in the page of the entry that comes next
	more bool  // there may be entries behind the page

	key   string // of the entry that Next went to; "": there is none
	value any
	err   error
}

var _ backends.MapIterator = (*mapIterator)(nil)

// iterate begins a way through the map of the current key and namespace.
func (s mapState) iterate() (*mapIterator, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	i := &mapIterator{m: s, page: s.in.takePage(), more: true}
	i.page.start(key)
	i.own.prefix = i.page.prefix
	s.ranges = append(s.ranges, &i.own)
	return i, nil
}

func (i *mapIterator) Next() bool {
	i.leave()
	if i.page == nil {
		return false
	}
	if err := i.disturbed(); err != nil {
		return i.end(err)
	}
	if i.at == len(i.page.entries) && !i.turn() {
		return false
	}
	userKey, v, err := i.read(i.at)
	if err != nil {
		return i.end(err)
	}
	i.at++
	i.key, i.value = userKey, v
	return true
}

// disturbed tells why the iterator cannot go on, if so.
func (i *mapIterator) disturbed() error {
	if i.own.changed && !i.m.in.closed {
		return fmt.Errorf("map state %q: %w", i.m.meta.Name, errChanged)
	}
	return i.m.in.unusable()
}

// read returns an entry of the page.
func (i *mapIterator) read(at int) (string, any, error) {
	userKey, value := i.page.at(at)
	if len(userKey) == 0 {
		return "", nil, fmt.Errorf("map state %q: an entry has no user key", i.m.meta.Name)
	}
	v, err := i.m.decodePresent(value)
	if err != nil {
		return "", nil, fmt.Errorf("user key %q: %w", userKey, err)
	}
	return string(userKey), v, nil
}

// turn reads the next page, and tells whether it has an entry.
func (i *mapIterator) turn() bool {
	if !i.more {
		return i.end(nil)
	}
	if err := i.m.fill(i.page, i.m.in.page); err != nil {
		return i.end(err)
	}
	i.at, i.more = 0, len(i.page.entries) == i.m.in.page
	if len(i.page.entries) == 0 {
		return i.end(nil)
	}
	return true
}

// end closes the iterator because of an error, if there is one.
func (i *mapIterator) end(err error) bool {
	i.err = err
	i.Close()
	return false
}

// leave goes away from the entry that Next went to.
func (i *mapIterator) leave() { i.key, i.value = "", nil }

func (i *mapIterator) Key() string { return i.key }

func (i *mapIterator) Value() any { return i.value }

func (i *mapIterator) Remove() error {
	key, err := i.entry("remove")
	if err != nil {
		return err
	}
	i.leave()
	i.m.changing(i.page.prefix, &i.own)
	if err := i.m.remove(key); err != nil {
		i.end(err)
		return err
	}
	return nil
}

func (i *mapIterator) SetValue(v any) error {
	key, err := i.entry("set the value of")
	if err != nil {
		return err
	}
	if v == nil {
		return fmt.Errorf("map state %q: set the value of user key %q: %w", i.m.meta.Name, i.key, errNil)
	}
	if err := i.m.encodePresent(v); err != nil {
		return err
	}
	i.m.changing(i.page.prefix, &i.own)
	if err := i.m.put(key, i.m.scratch); err != nil {
		i.end(err)
		return err
	}
	i.value = v
	return nil
}

// entry returns the composite key of the entry that Next went to, which is to be
// changed.
func (i *mapIterator) entry(do string) ([]byte, error) {
	if err := i.disturbed(); err != nil {
		return nil, err
	}
	if i.key == "" {
		return nil, fmt.Errorf("map state %q: %s an entry where the iterator has none", i.m.meta.Name, do)
	}
	i.page.key = append(append(i.page.key[:0], i.page.prefix...), i.key...)
	return i.page.key, nil
}

func (i *mapIterator) Err() error { return i.err }

func (i *mapIterator) Close() {
	i.leave()
	if i.page == nil {
		return
	}
	i.m.ranges = slices.DeleteFunc(i.m.ranges, func(o *ranging) bool { return o == &i.own })
	i.m.in.givePage(i.page)
	i.page = nil
}
