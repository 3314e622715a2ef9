package sim

import (
	"time"

	"flinch/faults"
	"flinch/model/history"
)

// link carries the messages between two machines. They arrive in the order in
// which they set out, while both processes live, unless a fault delays or drops
// one.
type link struct {
	key    [2]history.Machine
	last   time.Duration // when the newest one arrives that was not delayed
	sent   int           // messages so far
	newest int           // number of the newest one that has arrived
	held   []message     // that do not get through, oldest first
}

// message is what one process sends to another.
type message struct {
	about
	from, to *process
	conn     *connection // that it belongs to; nil: it needs none
	deliver  func()      // runs on the loop when it arrives, once for each copy
	lost     func()      // unless nil, runs if no copy of it ever does
}

// parcel is a message on its way, in one or several copies.
type parcel struct {
	message
	link    *link
	number  int // of the link's messages
	under   int // copies under way
	arrived bool
}

func (w *world) link(from, to history.Machine) *link {
	key := [2]history.Machine{from, to}
	l := w.links[key]
	if l == nil {
		l = &link{key: key}
		w.links[key] = l
	}
	return l
}

// send sends a message on its way. One that has to be answered waits behind those
// of its link that do not get through, and is sent until it does.
func (w *world) send(m message) {
	l := w.link(m.from.m.id, m.to.m.id)
	if len(l.held) > 0 && !faults.IsLossy(m.kind) {
		w.hold(l, m)
		return
	}
	d := w.controls.delivery(faults.Message{Kind: m.kind, From: l.key[0], To: l.key[1], Checkpoint: m.checkpoint})
	if d.Cut && !faults.IsLossy(m.kind) {
		w.hold(l, m)
		return
	}
	w.carry(l, m, d)
}

// carry has a message arrive, as often and when a fault wants it to.
func (w *world) carry(l *link, m message, d faults.Delivery) {
	l.sent++
	p := &parcel{message: m, link: l, number: l.sent}
	if d.Cut {
		d.Lost, d.Copies = true, 0
	}
	who := actor(actorLink, int(l.key[0]), int(l.key[1]), 0)
	at := w.loop.Now() + w.taken(who, l, m)
	switch {
	case d.Lost:
		w.count(lostCounter, 1)
		w.tellLost(w.tellSent(l.key[0], l.key[1], m.about))
	case d.Delay > 0 || m.kind == history.Heartbeat: // nothing waits for it
		w.put(p, at+d.Delay, false)
	default:
		// Later by a tick than the one before: events of one time come in any order.
		l.last = max(l.last+1, at)
		w.put(p, l.last, false)
	}
	for n := range d.Copies {
		w.count(duplicatedCounter, 1)
		w.put(p, at+1+w.drawn(who, purposeCopy, uint64(l.sent)<<16|uint64(n), d.Within), true)
	}
	if p.under == 0 {
		p.gone()
	}
}

// taken is how long a message takes. Signs of life leave the draws of the others
// as they are.
func (w *world) taken(who uint64, l *link, m message) time.Duration {
	if m.kind == history.Heartbeat {
		return w.drawn(who, purposeHeartbeat, uint64(l.sent), w.cfg.Cluster.NetworkDelay)
	}
	return w.draw(who, purposeNetwork, w.cfg.Cluster.NetworkDelay)
}

// put sends a parcel on its way, or once again.
func (w *world) put(p *parcel, at time.Duration, again bool) {
	p.under++
	told := w.tellSent(p.link.key[0], p.link.key[1], p.about)
	if told != untold {
		w.run.Messages[told].Copy = again
	}
	if p.kind != history.Heartbeat { // they never end
		w.inFlight++
	}
	w.loop.At(at, func() { w.arrive(p, told) })
}

// arrive hands a copy of a parcel over, if the receiver lives.
func (w *world) arrive(p *parcel, told int32) {
	if p.kind != history.Heartbeat {
		w.inFlight--
	}
	p.under--
	from, to := p.link.key[0], p.to.m.id
	if p.to.dead {
		w.note(pointDropped, uint32(to), uint64(from), 0)
		w.tellLost(told)
		w.run.Counters["messages_dropped"]++
		p.gone()
		return
	}
	w.note(pointMessage, uint32(to), uint64(from), 0)
	w.tellArrived(told)
	if !p.arrived && p.number < p.link.newest && p.kind != history.Heartbeat {
		w.count(reorderedCounter, 1)
	}
	if p.kind != history.Heartbeat {
		p.link.newest = max(p.link.newest, p.number)
	}
	p.arrived = true
	p.deliver()
}

// gone runs what follows when no copy of a parcel has arrived, and none will.
func (p *parcel) gone() {
	if p.under == 0 && !p.arrived && p.lost != nil {
		p.lost()
	}
}

// hold keeps a message until it gets through.
func (w *world) hold(l *link, m message) {
	w.inFlight++
	l.held = append(l.held, m)
	if len(l.held) == 1 {
		w.loop.After(w.cfg.retry(), func() { w.retry(l) })
	}
}

// retry sends what is held, in order. What a dead process wanted to send is gone,
// and so is what belongs to a connection that its sender has given up.
func (w *world) retry(l *link) {
	for len(l.held) > 0 {
		m := l.held[0]
		given := m.from.dead || !m.conn.kept(m.from)
		if !given && w.controls.delivery(faults.Message{Kind: m.kind, From: l.key[0], To: l.key[1], Checkpoint: m.checkpoint}).Cut {
			w.loop.After(w.cfg.retry(), func() { w.retry(l) })
			return
		}
		l.held = l.held[1:]
		w.inFlight--
		if given {
			w.run.Counters["messages_dropped"]++
			w.tellLost(w.tellSent(l.key[0], l.key[1], m.about))
			if m.lost != nil {
				m.lost()
			}
			continue
		}
		w.carry(l, m, faults.Delivery{})
	}
}

// retry is after how long a message is sent again that did not get through.
func (c *Config) retry() time.Duration { return 2*c.Cluster.NetworkDelay + time.Millisecond }
