package sim

import (
	"context"
	"fmt"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/checks"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// launch is one start of subtasks: an attempt, and where it starts from.
type launch struct {
	number   int
	row      int // in history.Run.Attempts
	fork     int // see history.Attempt
	restored int64
	cut      *cut // of the restored checkpoint; nil: the attempt starts empty
}

// execution is one execution of the job.
type execution struct {
	*launch     // the newest
	w           *world
	parallelism int
	sources     int
	readers     []*source
	chains      []*chain
	ready       int     // subtasks that run
	remaining   int     // records that no chain has processed
	checked     []int64 // by subtask of the chain: see cut
}

// accept writes down that the attempt has accepted its first record.
func (e *execution) accept(l *launch) {
	if row := &e.w.run.Attempts[l.row]; row.Ready == 0 {
		row.Ready = e.w.step()
	}
}

// endAttempt writes down that an attempt is over.
func (w *world) endAttempt(e *execution) {
	if e == nil {
		return
	}
	for _, l := range e.launches() {
		if row := &w.run.Attempts[l.row]; row.End == 0 {
			row.End, row.EndAt = w.step(), w.loop.Now()
			w.tellBarriersLost(func(b *history.Message) bool { return b.Attempt == row.Number })
		}
	}
}

// tryDeploy starts the next attempt if the job waits for nothing else.
func (jm *jobManager) tryDeploy() {
	if jm.state != jobWaiting {
		return
	}
	if !jm.enough() {
		return
	}
	jm.t.enter(history.Restoring, 0)
	defer jm.t.enter(history.Running, 0)
	latest, found, err := jm.store.Latest(jm.ctx)
	if err != nil {
		jm.stepDown(err)
		jm.w.unexpected(jm.p.m.id, 0, "find the latest checkpoint", err)
		jm.w.loop.After(jm.w.cfg.Cluster.RestartDelay+1, func() { jm.t.post(jm.tryDeploy) })
		return
	}
	if !jm.begin(latest, found) {
		return
	}
	if latest, found, err = jm.store.Latest(jm.ctx); err != nil {
		return // not possible: nothing is open any more
	}
	if found {
		if err := jm.w.fit(latest.Metadata); err != nil {
			jm.w.refuse(jm.p.m.id, err)
			return
		}
	}
	jm.deploy(latest, found)
}

// deploy starts an attempt from a checkpoint, or empty.
func (jm *jobManager) deploy(from checkpoint.Completed, found bool) {
	w := jm.w
	e := &execution{w: w}
	e.parallelism, e.sources = w.cfg.parallelismOf(w.attempts + 1)
	e.launch = jm.newLaunch(from, found, e.parallelism, e.sources, 0)
	w.tell(jm.p.m.id, e.restored, "%s, parallelism %d (attempt %d)", e.start(), e.parallelism, e.number)
	e.checked = make([]int64, e.parallelism)
	jm.exec, jm.state = e, jobRunning
	if jm.leads() {
		w.exec = e
	}
	e.count()
	e.restoredFrom(jm, from, found)
	if from.Unclaimed {
		from.Metadata = borrowable(from.Metadata)
	}
	e.build(w.distribute(from.Metadata, e.parallelism, e.sources))
	jm.place(e)
}

// newLaunch writes down that subtasks start from a checkpoint, or empty: all of them,
// or those of a region, counted from 1.
func (jm *jobManager) newLaunch(from checkpoint.Completed, found bool, parallelism, sources, region int) *launch {
	w := jm.w
	w.attempts++
	l := &launch{number: w.attempts, row: len(w.run.Attempts)}
	w.note(pointDeploy, uint32(jm.p.m.id), uint64(l.number), uint64(from.ID))
	row := history.Attempt{
		Number: l.number, Incarnation: jm.incarnation, Parallelism: parallelism, Sources: sources, Region: region,
		Begin: w.step(), BeginAt: w.loop.Now(), Superseded: jm.superseded,
	}
	if found {
		l.restored = int64(from.ID)
		l.cut = w.cuts[l.restored]
		row.Restored = l.restored
		w.run.Counters["restores"]++
		w.countRescale(from.Metadata.Parallelism, parallelism)
	} else {
		row.Empty = w.lostByDesign()
	}
	w.belongs(&row)
	l.fork = row.Fork
	w.run.Attempts = append(w.run.Attempts, row)
	jm.t.tellCheckpoint(l.restored)
	return l
}

// restoredFrom audits what the newest launch restores. What a stale job manager
// restores may be deleted by the one that leads.
func (e *execution) restoredFrom(jm *jobManager, from checkpoint.Completed, found bool) {
	if !found || !jm.leads() {
		return
	}
	jm.w.countSubmission(e.restored)
	jm.w.observed(e.restored, "restore")
	jm.w.audit(auditSite{kind: checks.AtRestore, metadata: from.Metadata, attempt: e.number, parallelism: e.parallelism, sources: e.sources})
}

// start says where the subtasks start from.
func (l *launch) start() string {
	if l.restored == 0 {
		return "starts from nothing"
	}
	return fmt.Sprintf("restores checkpoint %d", l.restored)
}

func (w *world) countRescale(old, now int) {
	switch {
	case now > old:
		w.run.Counters["rescales_up"]++
	case now < old:
		w.run.Counters["rescales_down"]++
	}
}

// lostByDesign says why starting empty is right although a checkpoint had
// completed, if one had.
func (w *world) lostByDesign() string {
	if w.cfg.durable() {
		return ""
	}
	for i := range w.run.Checkpoints {
		if w.run.Checkpoints[i].Observed != 0 {
			w.run.Counters["legal_stops"]++
			return "the checkpoints were in the memory of a job manager that died, without a durable place for their metadata"
		}
	}
	return ""
}

// count finds how many records the attempt has to process.
func (e *execution) count() {
	e.remaining = len(e.w.cfg.Records)
	if e.cut == nil {
		return
	}
	for _, offset := range e.cut.offsets {
		e.remaining -= int(offset)
	}
	e.remaining += len(e.w.inFlightOf(e.restored, anyRecord))
}

// parts is what each new subtask restores from.
type parts struct {
	keyed   [OperatorCount][][]backends.KeyedHandle // by operator and subtask
	sources [][]backends.OperatorHandle
	sinks   [][]backends.OperatorHandle
	inputs  [][]checkpoint.ChannelHandle // by chain
	outputs []checkpoint.ChannelHandle   // whoever reads the partition takes its records
}

// distribute deals the state of a checkpoint to new subtasks: keyed state by key
// groups (an old handle goes to everyone whose range it touches), operator state
// as operator.Redistribute does.
func (w *world) distribute(m checkpoint.Metadata, parallelism, sources int) parts {
	var p parts
	for i, name := range w.operators {
		p.keyed[i] = make([][]backends.KeyedHandle, parallelism)
		for _, s := range operatorOf(m, name).Subtasks {
			for _, h := range s.Keyed {
				for n := range parallelism {
					if h.KeyGroups.Intersect(backends.RangeOf(n, parallelism, m.MaxParallelism)).Len() > 0 {
						p.keyed[i][n] = append(p.keyed[i][n], h)
					}
				}
			}
		}
	}
	p.sources = operator.Redistribute(listsOf(m, sourceName), sources)
	p.sinks = operator.Redistribute(listsOf(m, sinkName), parallelism)
	w.distributeChannels(m, &p, parallelism)
	return p
}

// distributeChannels deals records in flight: what had left its source goes to every
// chain that has a key group of the old one's, and each takes its own.
func (w *world) distributeChannels(m checkpoint.Metadata, p *parts, parallelism int) {
	p.inputs = make([][]checkpoint.ChannelHandle, parallelism)
	for i, s := range operatorOf(m, w.operators[0]).Subtasks {
		old := backends.RangeOf(i, m.Parallelism, m.MaxParallelism)
		for n := range parallelism {
			if old.Intersect(backends.RangeOf(n, parallelism, m.MaxParallelism)).Len() > 0 {
				p.inputs[n] = append(p.inputs[n], s.Channels...)
			}
		}
	}
	for _, s := range operatorOf(m, sourceName).Subtasks {
		p.outputs = append(p.outputs, s.Channels...)
	}
}

func operatorOf(m checkpoint.Metadata, name string) checkpoint.Operator {
	for _, o := range m.Operators {
		if o.Name == name {
			return o
		}
	}
	return checkpoint.Operator{Name: name}
}

func listsOf(m checkpoint.Metadata, name string) [][]backends.OperatorHandle {
	var lists [][]backends.OperatorHandle
	for _, s := range operatorOf(m, name).Subtasks {
		lists = append(lists, s.Operator)
	}
	return lists
}

// build makes the attempt's subtasks and the channels between them.
func (e *execution) build(p parts) {
	for i := range e.parallelism {
		e.chains = append(e.chains, e.newChain(p, i))
	}
	for i := range e.sources {
		s := e.newSource(p, i)
		for n, c := range e.chains {
			if !e.w.cfg.Job.Pointwise || n == i {
				e.connect(s, c)
			}
		}
		e.readers = append(e.readers, s)
	}
}

func (e *execution) newChain(p parts, index int) *chain {
	c := &chain{subtask: e.newSubtask(chainVertex, index)}
	if e.restored != 0 {
		for o := range c.restoreKeyed {
			c.restoreKeyed[o] = p.keyed[o][index]
		}
		c.restoreSink = p.sinks[index]
		c.flying.restore = p.inputs[index]
	}
	if e.w.cfg.Job.Pointwise {
		c.left = e.recordsLeft(index, e.cut) + len(e.w.inFlightOf(e.restored, func(_ *history.InFlight, r int32) bool {
			return e.w.target(int(r), e.parallelism) == index
		}))
	}
	return c
}

func (e *execution) newSource(p parts, index int) *source {
	s := &source{subtask: e.newSubtask(sourceVertex, index)}
	if e.restored != 0 {
		s.restore = p.sources[index]
		s.restoreChannels = p.outputs
	}
	return s
}

// connect opens the channel from a source to a chain.
func (e *execution) connect(s *source, c *chain) {
	ch := &channel{w: e.w, from: s, to: c, who: actor(actorChannel, e.number, s.index, c.index)}
	s.outputs = append(s.outputs, ch)
	c.inputs = append(c.inputs, ch)
}

func (e *execution) newSubtask(vertex string, index int) subtask {
	s := subtask{w: e.w, exec: e, launch: e.launch, vertex: vertex, index: index}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// place deals the subtasks to the task managers in turn and sends them there.
func (jm *jobManager) place(e *execution) {
	slot := 0
	for _, c := range e.chains {
		jm.placeOne(&c.subtask, c, slot)
		slot++
	}
	for _, s := range e.readers {
		jm.placeOne(&s.subtask, s, slot)
		slot++
	}
}

func (jm *jobManager) placeOne(s *subtask, b body, slot int) {
	there := jm.present()
	p := there[slot%len(there)]
	s.tm = p.manager
	writer := fmt.Sprintf("%s-%d-attempt-%d", s.vertex, s.index, s.launch.number)
	streams, err := jm.w.newStorage(p, nil, writer)
	if err != nil {
		panic(fmt.Sprintf("sim: checkpoint storage of a checked configuration: %v", err))
	}
	s.storage, s.streams = streams, jm.w.metered(streams, s)
	jm.order(about{kind: history.Deploy, checkpoint: s.launch.restored, to: s}, p, func() { s.tm.run(s, b) })
}
