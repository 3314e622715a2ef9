package sim

import (
	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
)

// Point is a moment of a run at which every process could have died: one image
// per machine, taken at the same step.
type Point struct {
	Step   history.Step
	Site   faults.Site
	Op     faults.Op // that was about to happen
	Images []disk.Image
}

func (w *world) point(site faults.Site, op faults.Op) Point {
	p := Point{Step: w.step(), Site: site, Op: op, Images: make([]disk.Image, len(w.machines))}
	for i, m := range w.machines {
		p.Images[i] = m.disk.Image()
	}
	return p
}
