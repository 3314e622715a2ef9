package sim

import (
	"slices"

	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// Pipelined regions. Where each source feeds one chain alone (Job.Pointwise), the job
// falls into regions that exchange nothing: a source and its chain. One that fails is
// cancelled and restored by itself, from the latest checkpoint, while the others go
// on. Checkpoints are of the whole job: those that are under way are aborted, and none
// begins before all regions run again.

// regionRestart is a region on its way from its failure to its next launch.
type regionRestart struct {
	region  int
	left    []*subtask // cancelled, and not known to be gone
	delayed bool       // the restart delay is over
}

// region is the one that the subtask belongs to, of a job that has several.
func (s *subtask) region() int { return s.index }

// current tells whether a subtask is one of the execution's present ones.
func (e *execution) current(s *subtask) bool {
	if s.vertex == chainVertex {
		return s.index < len(e.chains) && &e.chains[s.index].subtask == s
	}
	return s.index < len(e.readers) && &e.readers[s.index].subtask == s
}

// subtasksOf lists the subtasks of a region.
func (e *execution) subtasksOf(region int) []*subtask {
	return []*subtask{&e.chains[region].subtask, &e.readers[region].subtask}
}

// launches lists the launches that the execution's subtasks stem from, oldest first.
func (e *execution) launches() []*launch {
	var all []*launch
	add := func(l *launch) {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	for _, c := range e.chains {
		add(c.launch)
	}
	for _, s := range e.readers {
		add(s.launch)
	}
	if len(all) == 0 {
		add(e.launch)
	}
	slices.SortFunc(all, func(a, b *launch) int { return a.number - b.number })
	return all
}

// has tells whether a subtask of the execution stems from an attempt.
func (e *execution) has(attempt int) bool {
	return slices.ContainsFunc(e.launches(), func(l *launch) bool { return l.number == attempt })
}

// hostedBy lists the regions that have a subtask in a process.
func (e *execution) hostedBy(p *process) []int {
	if !e.w.cfg.Job.Pointwise {
		return nil // there is one
	}
	var regions []int
	for i := range e.chains {
		if slices.ContainsFunc(e.subtasksOf(i), func(s *subtask) bool { return s.tm != nil && s.tm.p == p }) {
			regions = append(regions, i)
		}
	}
	return regions
}

// failRegions fails some regions over; the whole job where there are no others, or no
// restarts left.
func (jm *jobManager) failRegions(regions []int, reason string) {
	w, e := jm.w, jm.exec
	limit := w.cfg.Checkpointing.Restarts
	if !w.cfg.Job.Pointwise || len(regions) == e.parallelism || limit != Unlimited && jm.restarts+1 > limit {
		jm.failover(reason)
		return
	}
	if len(regions) == 0 {
		return
	}
	jm.restarts++
	jm.abortAll("a region of the job failed")
	for _, region := range regions {
		w.count("failovers", 1)
		w.count(regionFailoversCounter, 1)
		w.tell(jm.p.m.id, 0, "fails region %d over: %s", region, reason)
		jm.cancelRegion(region)
	}
}

const regionFailoversCounter = "region_failovers"

// cancelRegion has the subtasks of a region stopped, and it deployed again after.
func (jm *jobManager) cancelRegion(region int) {
	e := jm.exec
	rr := &regionRestart{region: region}
	if jm.restarting == nil {
		jm.restarting = make([]*regionRestart, e.parallelism)
	}
	jm.restarting[region] = rr
	e.endRegion(region)
	for _, s := range e.subtasksOf(region) {
		if s.ready {
			s.ready = false
			e.ready--
		}
		if jm.managers[s.tm.index] != s.tm.p {
			continue // it was lost with its machine
		}
		rr.left = append(rr.left, s)
		jm.order(about{kind: history.Cancel, to: s}, s.tm.p, func() {
			s.tm.cancelOne(s, func() {
				s.tm.report(about{kind: history.Cancelled}, func(jm *jobManager) { jm.subtaskGone(rr, s) })
			})
		})
	}
	jm.checkRegionGone(rr)
}

// endRegion writes down that a region's part of its attempt is over.
func (e *execution) endRegion(region int) {
	w := e.w
	w.run.RegionEnds = append(w.run.RegionEnds, history.RegionEnd{
		Attempt: e.chains[region].launch.number, Region: region + 1, End: w.step(), EndAt: w.loop.Now(),
	})
}

// subtaskGone takes note that a cancelled subtask is gone.
func (jm *jobManager) subtaskGone(rr *regionRestart, s *subtask) {
	rr.left = slices.DeleteFunc(rr.left, func(o *subtask) bool { return o == s })
	jm.checkRegionGone(rr)
}

// lostFromRegions takes note that what ran in a process is gone.
func (jm *jobManager) lostFromRegions(p *process) {
	for _, rr := range jm.restarting {
		if rr != nil && len(rr.left) > 0 {
			rr.left = slices.DeleteFunc(rr.left, func(s *subtask) bool { return s.tm.p == p })
			jm.checkRegionGone(rr)
		}
	}
}

func (jm *jobManager) checkRegionGone(rr *regionRestart) {
	if len(rr.left) > 0 || !jm.stands(rr) {
		return
	}
	jm.w.loop.After(jm.w.cfg.Cluster.RestartDelay, func() {
		jm.t.post(func() {
			rr.delayed = true
			jm.redeployRegions()
		})
	})
}

// isRestarting tells whether a region has failed and was not launched again yet.
func (jm *jobManager) isRestarting(region int) bool {
	return region < len(jm.restarting) && jm.restarting[region] != nil
}

// stands tells whether a restart is still the one of its region.
func (jm *jobManager) stands(rr *regionRestart) bool {
	return jm.state == jobRunning && jm.isRestarting(rr.region) && jm.restarting[rr.region] == rr
}

// redeployRegions deploys the regions that wait for nothing else.
func (jm *jobManager) redeployRegions() {
	if jm.state != jobRunning || slices.Contains(jm.managers, nil) {
		return
	}
	for _, rr := range jm.restarting {
		if rr != nil && rr.delayed && jm.stands(rr) && !jm.redeployRegion(rr) {
			return
		}
	}
}

// redeployRegion restores a region from the latest checkpoint; false: it is to be
// tried again, or what it belongs to is over.
func (jm *jobManager) redeployRegion(rr *regionRestart) bool {
	jm.t.enter(history.Restoring, 0)
	defer jm.t.enter(history.Running, 0)
	latest, found, err := jm.store.Latest(jm.ctx)
	switch {
	case !jm.stands(rr):
		return false
	case err != nil:
		jm.stepDown(err)
		jm.w.unexpected(jm.p.m.id, 0, "find the latest checkpoint", err)
		jm.w.loop.After(jm.w.cfg.Cluster.RestartDelay+1, func() { jm.t.post(jm.redeployRegions) })
		return false
	}
	jm.restarting[rr.region] = nil
	jm.launchRegion(rr.region, latest, found)
	return true
}

// launchRegion starts a region from a checkpoint, or empty.
func (jm *jobManager) launchRegion(region int, from checkpoint.Completed, found bool) {
	w, e := jm.w, jm.exec
	before := e.chains[region].left
	e.launch = jm.newLaunch(from, found, e.parallelism, e.sources, region+1)
	w.tell(jm.p.m.id, e.restored, "%s in region %d (attempt %d)", e.start(), region, e.number)
	e.restoredFrom(jm, from, found)
	p := w.distribute(from.Metadata, e.parallelism, e.sources)
	c, s := e.newChain(p, region), e.newSource(p, region)
	e.connect(s, c)
	e.chains[region], e.readers[region] = c, s
	e.remaining += c.left - before
	jm.placeOne(&c.subtask, c, region)
	jm.placeOne(&s.subtask, s, e.parallelism+region)
}

// recordsLeft counts the records of a region that lie behind a checkpoint.
func (e *execution) recordsLeft(region int, from *cut) int {
	left := 0
	for p := region; p < len(e.w.job.partitions); p += e.sources {
		left += len(e.w.job.partitions[p])
		if from != nil {
			left -= int(from.offsets[p])
		}
	}
	return left
}

// regions is how many regions the job falls into; 0: it is one.
func (j *Job) regions() int {
	if j.Pointwise {
		return j.Parallelism[0]
	}
	return 0
}
