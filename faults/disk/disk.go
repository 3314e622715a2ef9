// Package disk is the simulated disk of one machine: an afero.Fs with hard
// links and directory sync that knows, besides what programs see, what a power
// loss would leave.
//
// Start at Disk, Image and Profile. A Disk is one process' view of a store; one
// Hook is asked before and after each operation, so that yields, faults, crash
// points and traces all enter there. An Image is the state of the store at one
// moment, taken in about a microsecond; Image.Crash makes from it one disk that
// a machine may find afterwards, sampled by a seed or walked by an Enumerator.
//
// The store keeps, for each inode, what is current and what is durable, and the
// ordered list of operations between the two. Rules: writing a file needs its
// inode; a file's size changes before anything beyond its old end is there; a
// name needs its inode; operations on one directory entry are ordered; syncing
// a file makes its data and size durable, not its name; syncing a directory
// makes the names in it durable; a rename is atomic unless its two directories
// are synced apart; a file whose sync failed has lost its unsynced data, and
// the next sync succeeds.
//
// Nothing here may be called concurrently, on disks that come from one another
// included.
package disk

import (
	"errors"
	"io/fs"
	"path"
	"time"

	"flinch/faults"
)

// ErrDetached is what every operation of a view returns after Detach.
var ErrDetached = errors.New("the process that used this disk is dead")

// ErrPowerLost is what a file returns that was open when its disk lost power.
var ErrPowerLost = errors.New("the disk lost power after this file was opened")

// Hook decides on one operation. It is asked on entry, when nothing has
// happened yet, and again with Op.Done set after the effect, unless it returned
// an error on entry. An operation that fails by itself has its second question,
// too, and its own error wins. The hook may call into the scheduler, and may
// panic: the store is consistent at both moments.
//
// Outcome.Partial on entry of a File.Read, without Err, makes the read short.
type Hook func(op faults.Op) faults.Outcome

// Chooser draws a number in [0, n). 0 is always the least surprising outcome:
// what was written is there.
type Chooser interface {
	Uint64N(label string, n uint64) uint64
}

// Options has what a disk needs of its surroundings. The zero value will do.
type Options struct {
	// Now is the virtual time, for write-back and modification times. nil: always 0.
	Now func() time.Duration
}

// Disk is one process' view of a store. It satisfies afero.Fs. Paths are
// slash-separated; a relative path counts from the root.
type Disk struct {
	s      *store
	p      *process
	atomic bool
}

// process is what the views of one process share: who is asked, and what dies
// together.
type process struct {
	hook  Hook
	dead  bool
	files []*File // open ones; each knows its index
	locks map[string]bool
}

// New returns an empty disk in memory. With a nil hook nothing ever happens to
// its operations.
func New(hook Hook, o Options) *Disk {
	return newStore(o).view(hook)
}

// View returns another process' view of the same store.
func (d *Disk) View(hook Hook) *Disk { return d.s.view(hook) }

// Atomic returns the same process' view for calls from inside an engine: its
// operations carry Op.Atomic, so that the hook neither yields nor panics.
func (d *Disk) Atomic() *Disk { return &Disk{s: d.s, p: d.p, atomic: true} }

// SetClock changes what the store tells the age of pending operations by: for a
// crash image that goes on in another simulation than the one it was taken in.
func (d *Disk) SetClock(now func() time.Duration) { d.s.now = now }

// Detach says that the process of this view died: its files are closed, and all
// its later operations fail with ErrDetached, without asking the hook. What it
// wrote stays. Detach is idempotent.
func (d *Disk) Detach() {
	if d.p.dead {
		return
	}
	d.p.dead = true
	d.s.forget(d.p)
}

// Name is the name of this kind of file system.
func (d *Disk) Name() string { return "flinch-disk" }

// ask puts op to the hook and returns its decision; a dead process gets
// ErrDetached, also if it died while the hook was busy.
func (d *Disk) ask(op faults.Op) faults.Outcome {
	if d.p.dead {
		return faults.Outcome{Err: ErrDetached}
	}
	if d.p.hook == nil {
		return faults.Outcome{}
	}
	op.Atomic = d.atomic
	out := d.p.hook(op)
	if out.Err == nil && d.p.dead {
		out.Err = ErrDetached
	}
	return out
}

// done asks the hook after an effect. err is what the operation itself says.
func (d *Disk) done(op faults.Op, err error) error {
	op.Done = true
	out := d.ask(op)
	if err == nil && out.Err != nil {
		err = pathError(op.Kind.String(), op.Path, out.Err)
	}
	return err
}

// do is one operation on names: the hook, the effect, the hook.
func (d *Disk) do(op faults.Op, effect func() error) error {
	if out := d.ask(op); out.Err != nil {
		return pathError(op.Kind.String(), op.Path, out.Err)
	}
	return d.done(op, effect())
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// clean returns the absolute form of a path.
func clean(name string) string {
	if name == "" || name[0] != '/' {
		name = "/" + name
	}
	return path.Clean(name)
}
