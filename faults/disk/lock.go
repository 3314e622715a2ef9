package disk

import "syscall"

// Lock takes an advisory lock on a name, which need not exist, and returns what
// gives it up. It is not an operation: no hook is asked. A lock is held by a
// process and ends with it: a second Lock of the name by the same process fails.
// That a process is dead it learns from its operations, not here.
func (d *Disk) Lock(name string) (unlock func(), err error) {
	name = clean(name)
	if d.p.locks[name] {
		return nil, pathError("lock", name, syscall.EWOULDBLOCK)
	}
	if d.p.locks == nil {
		d.p.locks = map[string]bool{}
	}
	d.p.locks[name] = true
	return func() { delete(d.p.locks, name) }, nil
}
