package app

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"flinch/scenarios/explore"
	"flinch/sim/rng"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultSeed is where campaigns begin unless told otherwise; defaultCount is
// how many seeds each scenario and backend gets.
const (
	defaultSeed  = rng.Seed(1)
	defaultCount = 100
)

// seedFlags choose the seeds of a campaign.
type seedFlags struct {
	seed, seeds string
	count       int
	length      time.Duration
	fresh       string // what the first seed was made of, if it is nobody's choice
}

func (f *seedFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.seed, "seed", "", "`seed` to begin with, in hex, decimal, or as a commit hash (default "+defaultSeed.String()+"); without --count or --for, the only one")
	flags.StringVar(&f.seeds, "seeds", "", "all seeds from `A..B`, both included")
	flags.IntVar(&f.count, "count", defaultCount, "how many seeds, for each scenario and backend: the first one, and those that follow it")
	flags.DurationVar(&f.length, "for", 0, "begin new seeds for this `time`, as 10m, and some of each scenario and backend in any case; without --seed, from the commit on that git has checked out")
}

// apply sets the seeds of a campaign.
func (f *seedFlags) apply(cmd *cobra.Command, c *explore.Campaign) error {
	flags := cmd.Flags()
	if err := exclude(flags, [][2]string{{"seed", "seeds"}, {"seeds", "count"}, {"seeds", "for"}, {"count", "for"}}); err != nil {
		return err
	}
	c.First, c.Count, c.For = defaultSeed, f.count, f.length
	switch {
	case flags.Changed("seeds"):
		return f.applyRange(c)
	case flags.Changed("count") && f.count < 1:
		return fmt.Errorf("--count: %d: want 1 or more", f.count)
	case flags.Changed("for") && f.length <= 0:
		return fmt.Errorf("--for: %v: want a span of time such as 10m", f.length)
	case flags.Changed("for"):
		c.Count = 0
		if f.seed == "" {
			c.First, f.fresh = freshSeed(cmd.Context())
		}
	case f.seed != "" && !flags.Changed("count"):
		c.Count = 1
	}
	if f.seed == "" {
		return nil
	}
	seed, err := rng.ParseSeed(f.seed)
	if err != nil {
		return fmt.Errorf("--seed: %w", err)
	}
	c.First = seed
	return nil
}

// seedsMax bounds a range of seeds: more would not end.
const seedsMax = 1 << 40

func (f *seedFlags) applyRange(c *explore.Campaign) error {
	from, to, found := strings.Cut(f.seeds, "..")
	if !found {
		return fmt.Errorf("--seeds: %q: want two seeds with two dots between, as 1..100", f.seeds)
	}
	first, err := rng.ParseSeed(from)
	if err != nil {
		return fmt.Errorf("--seeds: %w", err)
	}
	last, err := rng.ParseSeed(to)
	if err != nil {
		return fmt.Errorf("--seeds: %w", err)
	}
	if last < first || last-first >= seedsMax {
		return fmt.Errorf("--seeds: %s: want the smaller seed first, and at most 2^40 of them", f.seeds)
	}
	c.First, c.Count = first, int(last-first)+1
	return nil
}

// freshSeed returns a seed that changes with the source: the commit that git has
// checked out in the working folder, or else the time; and which of them.
func freshSeed(ctx context.Context) (seed rng.Seed, from string) {
	if hash, err := exec.CommandContext(ctx, "git", "rev-parse", "HEAD").Output(); err == nil {
		if seed, err := rng.ParseSeed(strings.TrimSpace(string(hash))); err == nil {
			return seed, "the current commit"
		}
	}
	return rng.Seed(time.Now().UnixNano()), "the time"
}

// exclude returns an error if two flags are given of which one is too many.
func exclude(flags *pflag.FlagSet, pairs [][2]string) error {
	for _, pair := range pairs {
		if flags.Changed(pair[0]) && flags.Changed(pair[1]) {
			return fmt.Errorf("flags --%s and --%s exclude each other", pair[0], pair[1])
		}
	}
	return nil
}
