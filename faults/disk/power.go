package disk

// PowerLoss crashes the store behind all views where it stands: its contents
// become one of those that Image().Crash(p, src) may return, and every open file
// is invalid from then on. Views stay usable, for the processes of the next
// boot. With Strict, contents and pending operations stay as they are. Over a
// real folder, what differs is rewritten; only that can fail.
func (d *Disk) PowerLoss(p Profile, src Chooser) error {
	s := d.s
	after := d.Image().crash(p, src)
	for _, proc := range s.procs {
		files := proc.files
		proc.files = nil
		for _, f := range files {
			f.slot = 0
			f.release()
		}
	}
	before := s.inos
	s.epoch++
	s.own, s.inos, s.next = after.own, after.inos, after.next
	s.log, s.logOwn, s.split, s.stale, s.orphans = after.log, nil, after.split, after.stale, nil
	return s.real.rewrite(before, s.inos)
}
