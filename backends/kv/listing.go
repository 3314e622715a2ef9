package kv

import (
	"bytes"
	"fmt"

	"flinch/backends"
)

// seekAfter is how many entries in a row a listing passes over before it seeks
// what comes behind them: a new scan costs about as much.
const seekAfter = 16

// listing goes through the entries of a state for their keys, or keys and
// namespaces.
type listing struct {
	s        *state
	ns       []byte // the namespace that counts, as in composite keys; nil: each does
	yield    func(p parts) bool
	from, to []byte // of a scan, whose they are meanwhile
	seek     []byte // where the next scan begins
	last     []byte // group and key of the last entry, with its namespace if each counts
	told     bool   // whether that was reported
	idle     int    // entries like it that were passed over
}

func (in *instance) Keys(state, namespace string, yield func(key string) bool) error {
	if namespace == "" {
		return fmt.Errorf("list the keys of state %q of %s: %w", state, in.params.Operator, errNoNamespace)
	}
	l := &listing{ns: appendNamespace(nil, namespace)}
	l.yield = func(p parts) bool { return yield(string(p.key)) }
	return in.list(state, l)
}

func (in *instance) KeysAndNamespaces(state string, yield func(key, namespace string) bool) error {
	return in.list(state, &listing{yield: func(p parts) bool {
		return yield(string(p.key), namespaceOf(p.namespace))
	}})
}

func (in *instance) list(state string, l *listing) error {
	if err := in.unusable(); err != nil {
		return err
	}
	l.s = in.byName[state]
	groups := in.params.KeyGroups
	if l.s == nil || l.s.meta.Kind == backends.TimerKind || groups.Len() == 0 {
		return nil
	}
	l.from = in.keys.appendGroup(l.from, groups.Start)
	l.to = in.keys.appendGroup(l.to, groups.End+1)
	if err := l.run(); err != nil {
		return fmt.Errorf("list the keys of state %q of %s/%d: %w", state, in.params.Operator, in.params.Subtask, err)
	}
	return nil
}

// run scans again and again, until no more is to be passed over by a seek.
func (l *listing) run() error {
	for {
		seek := false
		var damaged error
		err := l.s.family.Scan(l.from, l.to, func(key, _ []byte) bool {
			var more bool
			more, seek, damaged = l.visit(key)
			return more && !seek && damaged == nil
		})
		if err == nil {
			err = damaged
		}
		if err != nil || !seek {
			return err
		}
		l.from, l.seek = l.seek, l.from
		l.idle = 0
		l.s.in.count(countListingSeeks)
	}
}

// visit looks at one entry, and tells whether the next is wanted, and if so
// whether it is to be sought from l.seek on.
func (l *listing) visit(key []byte) (more, seek bool, err error) {
	p, err := l.s.in.keys.split(key)
	if err != nil {
		return false, false, err
	}
	prefix := key[:len(key)-len(p.userKey)]
	order := 0
	if l.ns != nil {
		order = bytes.Compare(p.namespace, l.ns)
		prefix = prefix[:len(prefix)-len(p.namespace)]
	}
	if !bytes.Equal(prefix, l.last) {
		l.last = append(l.last[:0], prefix...)
		l.told, l.idle = false, 0
	}
	if order == 0 && !l.told {
		l.told = true
		return l.yield(p), false, nil
	}
	if l.idle++; l.idle < seekAfter {
		return true, false, nil
	}
	if order < 0 {
		l.seek = append(append(l.seek[:0], prefix...), l.ns...)
	} else {
		l.seek = appendEndOf(l.seek[:0], prefix)
	}
	return true, true, nil
}
