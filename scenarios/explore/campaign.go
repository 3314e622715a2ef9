package explore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"flinch/sim/rng"
)

// Campaign is many seeds for each target.
type Campaign struct {
	Targets []Target
	First   rng.Seed
	// Count seeds for each target; 0: as many as begin within For, and the first
	// block of each target in any case.
	Count int
	For   time.Duration
	// Jobs is how many child processes work at once; 0: one for each core.
	Jobs int
	// Command makes a child process, whose main function calls World.Serve on
	// its standard input and output. See Command.
	Command func() *exec.Cmd
	// TwiceEvery has every seed that it divides run twice, to compare the
	// traces; 0: none. What fails is always run twice.
	TwiceEvery int
	// CanaryEvery has every seed that it divides run once more on its backend,
	// broken on purpose (see scenarios.Canary), if it passed; 0: none. Each backend
	// gets one in any case, if a seed among its first has something to break.
	CanaryEvery int
	// Watchdog is how long a run may take, in real time; 0: DefaultWatchdog.
	Watchdog time.Duration
	// Merge is called for each run, in an order that depends on the campaign
	// alone.
	Merge func(Ran)
	// Progress, if set, is called for each run but canaries as it ends, in any
	// order.
	Progress func()
}

// DefaultWatchdog is how long a child may be silent.
const DefaultWatchdog = 60 * time.Second

// blockSeeds is how many seeds a child is asked for at a time. It decides the
// order of merging, and so must not depend on the number of children.
const blockSeeds = 10

// block is a part of a campaign: some seeds of one target.
type block struct {
	index int
	request
}

// event is what a worker tells the merger: a finished run of a block or, with
// ran nil, the end of the block.
type event struct {
	block int
	ran   *Ran
}

// Run carries the campaign out. It returns the context's error if that ended
// it, after everything that had been finished by then was merged. Another error
// means that children could not be made to work.
func (c Campaign) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pool, err := newPool(c.Command, c.Watchdog)
	if err != nil {
		return err
	}
	defer pool.close()
	blocks := c.blocks()
	events := make(chan event, 64)
	var workers sync.WaitGroup
	for range c.jobs() {
		workers.Go(func() {
			if err := c.work(ctx, pool, blocks, events); err != nil {
				cancel(err)
			}
		})
	}
	go func() {
		workers.Wait()
		close(events)
	}()
	c.merge(events)
	return context.Cause(ctx)
}

func (c Campaign) jobs() int {
	if c.Jobs > 0 {
		return c.Jobs
	}
	return runtime.NumCPU()
}

// blocks returns a function that hands out the campaign block by block, all
// targets of some seeds before the next seeds. It may be called concurrently.
func (c Campaign) blocks() func() (block, bool) {
	var mu sync.Mutex
	next := 0
	deadline := time.Now().Add(c.For)
	return func() (block, bool) {
		mu.Lock()
		defer mu.Unlock()
		from := next / len(c.Targets) * blockSeeds
		count := blockSeeds
		if c.Count > 0 {
			count = min(count, c.Count-from)
		}
		if count <= 0 || c.Count == 0 && from > 0 && !time.Now().Before(deadline) {
			return block{}, false
		}
		target := next % len(c.Targets)
		b := block{index: next, request: request{
			Target: c.Targets[target], First: c.First + rng.Seed(from), Count: count, TwiceEvery: c.TwiceEvery,
			CanaryEvery: c.CanaryEvery, CanaryOwed: from == 0 && c.owesCanary(target),
		}}
		next++
		return b, true
	}
}

// work carries out blocks until there are none left.
func (c Campaign) work(ctx context.Context, p *pool, blocks func() (block, bool), events chan<- event) error {
	w := worker{pool: p}
	defer w.close()
	for b, ok := blocks(); ok && ctx.Err() == nil; b, ok = blocks() {
		err := w.runs(ctx, b.request, func(r Ran) { events <- event{b.index, &r} })
		if err != nil {
			return err
		}
		events <- event{b.index, nil}
	}
	return nil
}

// merge puts the runs back into the order of the blocks.
func (c Campaign) merge(events <-chan event) {
	waiting := map[int][]Ran{}
	ended := map[int]bool{}
	next := 0
	deliver := func(index int) {
		for _, r := range waiting[index] {
			c.Merge(r)
		}
		delete(waiting, index)
	}
	last := 0
	for e := range events {
		last = max(last, e.block)
		if e.ran != nil {
			waiting[e.block] = append(waiting[e.block], *e.ran)
			if c.Progress != nil && !e.ran.Summary.Canary {
				c.Progress()
			}
			continue
		}
		for ended[e.block] = true; ended[next]; next++ {
			deliver(next)
			delete(ended, next)
		}
	}
	for ; next <= last; next++ { // what an interrupted campaign has left
		deliver(next)
	}
}

// pool makes the child processes of a campaign, and a temporary folder for them.
type pool struct {
	command  func() *exec.Cmd
	watchdog time.Duration
	temp     string
}

func newPool(command func() *exec.Cmd, watchdog time.Duration) (*pool, error) {
	if watchdog == 0 {
		watchdog = DefaultWatchdog
	}
	temp, err := os.MkdirTemp("", "flinch-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for child processes: %w", err)
	}
	return &pool{command: command, watchdog: watchdog, temp: temp}, nil
}

func (p *pool) start() (*child, error) {
	return startChild(func() *exec.Cmd {
		cmd := p.command()
		if cmd.Env == nil {
			cmd.Env = os.Environ()
		}
		cmd.Env = append(cmd.Env, "TMPDIR="+p.temp)
		return cmd
	})
}

// close removes what dead children have left behind.
func (p *pool) close() { _ = os.RemoveAll(p.temp) }

// errBarren means that child processes die before they have begun a run.
var errBarren = errors.New("child processes end before they begin a run")

// barrenMax is how many children in a row may die without having begun a run.
const barrenMax = 3
