package sim

import (
	"errors"
	"fmt"

	"flinch/faults/disk"
	"flinch/model/history"
)

// machine is one simulated machine: a disk that stays, and the processes that
// run on it one after the other. The storage machine has no process of ours: it
// serves its disk to the others while it is up.
type machine struct {
	w         *world
	id        history.Machine
	disk      *disk.Disk
	up        bool
	proc      *process   // nil while none runs
	stale     []*process // job managers that lead no more, and do not know
	processes int
	outages   int

	scathed   bool                    // a fault or a power loss may have damaged what is on the disk
	undeleted map[string]history.Step // by instance: when a fault kept its local files from being deleted
}

var (
	errDead        = errors.New("the process is dead")
	errStorageDown = errors.New("checkpoint storage is down")
)

func newMachine(w *world, id history.Machine) (*machine, error) {
	m := &machine{w: w, id: id}
	options := disk.Options{Now: w.loop.Now}
	if w.cfg.Files == nil {
		m.disk = disk.New(nil, options)
		return m, nil
	}
	base, err := w.cfg.Files(id)
	if err == nil {
		m.disk, err = disk.On(base, nil, options)
	}
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", id, err)
	}
	return m, nil
}

// startProcess begins the machine's next life.
func (m *machine) startProcess() {
	m.processes++
	p := &process{m: m, number: m.processes}
	p.local = m.disk.View(p.hook(m))
	p.storage = m.w.machines[history.Storage].disk.View(p.hook(m.w.machines[history.Storage]))
	m.proc = p
	m.tellLife(p.number)
	if m.id == history.JobManager {
		startJobManager(p)
	} else {
		startTaskManager(p)
	}
}
