package sim

import "flinch/model/history"

// crash ends the machine's process; with power, its disk keeps what a crash
// image of the cluster's profile holds. If the running task is the process' own
// and not inside an engine, crash does not return. Of several processes one dies
// without a power loss: a stale one if it is running, else the live one.
func (m *machine) crash(power bool) {
	w, p := m.w, m.proc
	w.recordCrash(m, power)
	if stale := m.staleInside(); stale != nil && !power {
		m.retire(stale)
		return
	}
	m.tellDeath()
	m.proc = nil
	var dead []*process
	if p != nil {
		p.die()
		w.processDied(p)
		dead = append(dead, p)
	}
	if power {
		for _, stale := range m.stale {
			stale.buried()
		}
		dead, m.stale = append(dead, m.stale...), nil
		m.losePower()
	}
	if m.id == history.Storage {
		m.goDown()
	}
	w.killTasks(dead...)
}

// losePower leaves on the machine's disk what survives.
func (m *machine) losePower() {
	w := m.w
	m.scathed = true
	// Each loss draws from a place of its own, also where no process tells them apart.
	from := w.draw(actor(actorMachine, int(m.id), 0, 1), purposePower, 1<<40)
	choose := &chooser{w: w, actor: actor(actorMachine, int(m.id), m.processes, 0), purpose: purposePower, ordinal: uint64(from)}
	if err := m.disk.PowerLoss(w.cfg.Cluster.Profile, choose); err != nil {
		w.unexpected(m.id, 0, "power loss", err)
	}
	switch {
	case m.id == history.Storage:
		w.files.lostPower()
	case w.rootOn(m.id):
		w.files.rooted(w.rootFile(pointerPath), true)
	}
}

// goDown takes checkpoint storage away for a while.
func (m *machine) goDown() {
	m.up = false
	m.outages++
	outage := m.outages
	m.w.loop.After(m.w.cfg.Cluster.Outage, func() {
		if outage == m.outages { // no other one began meanwhile
			m.up = true
			m.tellLife(outage + 1)
			m.w.tell(m.id, 0, "is up again")
		}
	})
}

// recordCrash writes down in which phase the crash fell: the one of the process'
// own tasks, or of the checkpoint under way.
func (w *world) recordCrash(m *machine, power bool) {
	phase, checkpoint := w.phaseOf(m)
	w.countGaps(m)
	what := "process crashes"
	if power {
		what = "power loss"
	}
	w.note(pointCrash, uint32(m.id), uint64(phase.Whole()), uint64(checkpoint))
	w.run.Crashes = append(w.run.Crashes, history.Crash{
		Step: w.step(), At: w.loop.Now(), Machine: m.id, PowerLoss: power, Phase: phase, Checkpoint: checkpoint,
	})
	w.fault(m.id, checkpoint, "%s (%s)", what, phase)
}

// phaseOf finds what a machine is in the middle of.
func (w *world) phaseOf(m *machine) (history.Phase, int64) {
	if t := w.tasks[w.loop.Current()]; t != nil && t.phase != history.Running {
		return t.phase, t.checkpoint
	}
	phase, checkpoint := history.Running, int64(0)
	if m.proc != nil {
		for _, t := range m.proc.tasks {
			if t.phase > phase {
				phase, checkpoint = t.phase, t.checkpoint
			}
		}
	}
	if phase == history.Running && w.leader != nil && len(w.leader.pending) > 0 {
		return history.Triggered, int64(w.leader.pending[0].id)
	}
	return phase, checkpoint
}

// fault adds a line in capitals to the narrative.
func (w *world) fault(m history.Machine, checkpoint int64, format string, args ...any) {
	w.tell(m, checkpoint, format, args...)
	if n := len(w.run.Events); w.opt.Narrate && n > 0 {
		w.run.Events[n-1].Fault = true
	}
}
