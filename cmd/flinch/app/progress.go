package app

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressEvery is how often a line of progress is written where there is no
// terminal.
const progressEvery = 10 * time.Second

// meter shows how many runs have ended.
type meter struct {
	done    atomic.Int64
	bar     *mpb.Bar
	bars    *mpb.Progress
	ended   chan struct{}
	stopped chan struct{}
}

// progress begins to show how many of total runs have ended; total 0: not known.
func (a *app) progress(mode string, total int) *meter {
	m := &meter{}
	switch {
	case mode == "none":
	case mode == "auto" && isTerminal(a.log):
		m.bars = mpb.New(mpb.WithOutput(a.log))
		m.bar = m.bars.AddBar(int64(total),
			mpb.PrependDecorators(decor.Name("runs "), decor.CountersNoUnit("%d of %d")),
			mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)))
	default:
		m.ended, m.stopped = make(chan struct{}), make(chan struct{})
		go m.lines(a, total)
	}
	return m
}

// lines writes a line now and then.
func (m *meter) lines(a *app, total int) {
	defer close(m.stopped)
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-m.ended:
			return
		case <-tick.C:
			of := ""
			if total > 0 {
				of = fmt.Sprintf(" of %d", total)
			}
			fmt.Fprintf(a.log, "%d%s runs\n", m.done.Load(), of)
		}
	}
}

// step counts one run.
func (m *meter) step() {
	m.done.Add(1)
	if m.bar != nil {
		m.bar.Increment()
	}
}

// stop ends the display.
func (m *meter) stop() {
	if m.ended != nil {
		close(m.ended)
		<-m.stopped
	}
	if m.bars != nil {
		m.bar.Abort(true)
		m.bars.Wait()
	}
}

// isTerminal tells whether somebody may be watching.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
