package sim

import (
	"time"

	"flinch/model/history"
)

// link carries the messages between two machines, in order, while both
// processes live.
type link struct{ last time.Duration }

// message is what one process sends to another.
type message struct {
	about
	from, to *process
	deliver  func() // runs on the loop when it arrives
	lost     func() // unless nil, runs if it never does, because the receiver is dead
}

// send sends a message on its way.
func (w *world) send(m message) {
	to, deliver, lost := m.to, m.deliver, m.lost
	key := [2]history.Machine{m.from.m.id, to.m.id}
	l := w.links[key]
	if l == nil {
		l = new(link)
		w.links[key] = l
	}
	who := actor(actorLink, int(key[0]), int(key[1]), 0)
	at := w.loop.Now() + w.draw(who, purposeNetwork, w.cfg.Cluster.NetworkDelay)
	// Later by a tick than the one before: events of one time come in any order.
	l.last = max(l.last+1, at)
	w.inFlight++
	from, number := key[0], w.tellSent(key[0], key[1], m.about)
	w.loop.At(l.last, func() {
		w.inFlight--
		if to.dead {
			w.note(pointDropped, uint32(to.m.id), uint64(from), 0)
			w.tellLost(number)
			w.run.Counters["messages_dropped"]++
			if lost != nil {
				lost()
			}
			return
		}
		w.note(pointMessage, uint32(to.m.id), uint64(from), 0)
		w.tellArrived(number)
		deliver()
	})
}
