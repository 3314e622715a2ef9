package reports

import "slices"

// justBefore is how many steps before the broken one come next after faults.
const justBefore = 4

// chooser picks steps for a number of lines. A run of steps between two that are
// shown takes one line.
type chooser struct {
	steps []Step
	shown []bool
	lines int // taken
}

// chooseSteps returns, in order, the steps that tell most in n lines, of what may
// be thousands: the one at which the guarantee broke; the faults before it, the latest first; what
// happened just before; what happened to the checkpoint concerned; then all else
// that is no record, going backwards; then records.
func chooseSteps(steps []Step, checkpoint int64, n int) []int {
	c := &chooser{steps: steps, shown: make([]bool, len(steps)), lines: min(len(steps), 1)}
	broken := slices.IndexFunc(steps, func(s Step) bool { return s.Broken })
	if broken < 0 {
		broken = len(steps) - 1
	}
	all := func(Step) bool { return true }
	c.back(broken, n, func(s Step) bool { return s.Broken })
	c.back(broken, n*3/4, func(s Step) bool { return s.Fault })
	for i := broken; i >= max(0, broken-justBefore); i-- {
		c.show(i, n)
	}
	c.back(broken, n, func(s Step) bool { return checkpoint != 0 && s.Checkpoint == checkpoint })
	c.back(broken, n, func(s Step) bool { return !s.IsRecord() })
	c.back(broken, n, all)
	c.back(len(steps)-1, n, func(s Step) bool { return s.Fault })
	for i := range steps {
		c.show(i, n)
	}
	var chosen []int
	for i, shown := range c.shown {
		if shown {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// back shows the steps that are wanted, from one backwards, within n lines.
func (c *chooser) back(from, n int, wanted func(Step) bool) {
	for i := from; i >= 0; i-- {
		if wanted(c.steps[i]) {
			c.show(i, n)
		}
	}
}

// show shows a step unless that takes more than n lines.
func (c *chooser) show(i, n int) {
	if c.shown[i] {
		return
	}
	more := 0 // it takes the place of the line for those left out
	if i > 0 && !c.shown[i-1] {
		more++
	}
	if i+1 < len(c.steps) && !c.shown[i+1] {
		more++
	}
	if c.lines+more <= n {
		c.shown[i], c.lines = true, c.lines+more
	}
}
