package sim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"flinch/backends"
	"flinch/checks"
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
)

// The harness' own senses: backends that each do one thing wrong, and what has to
// notice it. Whatever sense is switched off, some row here fails.

// finding is what has to be said: a check that fails, and words of its message or
// details, so that no other sense of the same check is taken for the one meant.
type finding struct{ check, says string }

// sense is one wrong backend in one run.
type sense struct {
	name  string
	cfg   func() sim.Config
	wrong func() *crooked // made anew for every run: it may have a memory
	finds []finding
}

// calm has no faults.
func calm() sim.Config { return smallConfig(120) }

// brief has few checkpoints, so that a verdict lists all that is wrong with them.
func brief() sim.Config { return smallConfig(12) }

// strangers is restored with records of which no two have a key in common: what is
// restored lacks keys that were touched after the checkpoint.
func strangers() sim.Config {
	c := restored()
	c.Job.Keys = nil
	for i := range c.Records {
		c.Job.Keys = append(c.Job.Keys, fmt.Sprint("key ", i))
		c.Records[i].Key = i
	}
	return c
}

// restored loses a task manager and goes on at another parallelism.
func restored() sim.Config {
	return with(faults.CrashAt{Machine: history.FirstTaskManager, At: faults.Duration(50 * time.Millisecond)})
}

// killed loses task managers in the middle of what they write for a checkpoint.
func killed() sim.Config {
	phase := history.Asynchronous
	return with(
		faults.CrashAtIO{Machine: history.FirstTaskManager, Nth: 30, Phase: &phase},
		faults.CrashAtIO{Machine: history.FirstTaskManager + 1, Nth: 50, Phase: &phase})
}

// refused has a file that cannot be synced, so that a checkpoint is aborted.
func refused() sim.Config {
	return with(faults.FailedIO{Disk: history.Storage, Op: faults.OpSync, Nth: 9, Count: 1})
}

func with(plan ...faults.Fault) sim.Config {
	c := calm()
	c.Faults = plan
	return c
}

var errMade = errors.New("made up")

func TestHarnessNoticesWhatABackendDoesWrong(t *testing.T) {
	for _, rows := range [][]sense{wrongAnswers, wrongKinds, wrongTimers, wrongSnapshots, wrongFiles, wrongErrors} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				c := row.cfg()
				c.Backend = row.wrong()
				expect(t, run(t, c), row.finds)
			})
		}
	}
}

func TestHarnessFindsNothingInAnHonestBackend(t *testing.T) {
	for i, cfg := range []func() sim.Config{calm, brief, strangers, restored, killed, refused, everyKind, alarmed} {
		c := cfg()
		c.Backend = &crooked{}
		judge(t, fmt.Sprint("configuration ", i), run(t, c))
	}
}

// expect fails the test for each finding that was not made.
func expect(t *testing.T, r *sim.Result, finds []finding) {
	t.Helper()
	verdicts := checks.Judge(context.Background(), r.Evidence)
	for _, want := range finds {
		for _, v := range verdicts {
			if v.Check != want.check {
				continue
			}
			said := strings.Join(append([]string{v.Message}, v.Details...), "\n")
			if v.Outcome != checks.Fail || !strings.Contains(said, want.says) {
				t.Errorf("%s: %s, want a failure that says %q; it says: %s", v.Check, v.Outcome, want.says, said)
			}
		}
	}
	if t.Failed() {
		for _, v := range verdicts {
			t.Logf("%s: %s %s", v.Check, v.Outcome, v.Message)
		}
	}
}

// Answers are compared as they come, and absent keys are read. What these
// backends say is wrong; what they keep is right, but for the reversed list.
var wrongAnswers = []sense{
	{"a value stays what was read first", calm, func() *crooked {
		return &crooked{value: func(in *instance, _ backends.Descriptor, s backends.RawValue) backends.RawValue {
			return &firstRead{s, in, map[backends.Key]any{}}
		}}
	}, []finding{{"restored-state", "gave a wrong answer"}, {"linearizable", ""}}},
	{"a range leaves its first user key out", calm, func() *crooked {
		return &crooked{mapped: func(s backends.RawMap) backends.RawMap { return headless{s} }}
	}, []finding{{"restored-state", "gave a wrong answer"}}},
	{"a list is read from its end", calm, func() *crooked {
		return &crooked{list: func(s backends.RawList) backends.RawList { return reversed{s} }}
	}, []finding{{"restored-state", "gave a wrong answer"}}},
	{"a key that was not restored is there for readers", strangers, func() *crooked {
		return &crooked{value: func(in *instance, d backends.Descriptor, s backends.RawValue) backends.RawValue {
			if len(in.params.Restore) == 0 || d.Name != "text" {
				return s
			}
			return ghost{s, "boo"}
		}}
	}, []finding{{"restored-state", "came back in subtask"}}},
}

// Fresh instances dump what checkpoints hold, at their own parallelism and at
// others. No answer of these runs is wrong, unless they restore.
var wrongSnapshots = []sense{
	{"an entry is listed with another value", calm, func() *crooked {
		return &crooked{entry: func(_ *instance, e *backends.Entry) int {
			if e.State == "text" {
				e.Value = append([]byte(nil), e.Value...)
				e.Value[0]++
			}
			return 1
		}}
	}, []finding{{"restored-state", "wrong value"}}},
	{"an entry is not listed", calm, func() *crooked {
		return &crooked{entry: func(_ *instance, e *backends.Entry) int {
			if e.State == "list" && e.Index == 0 {
				return 0
			}
			return 1
		}}
	}, []finding{{"restored-state", "lost "}}},
	{"an entry is listed twice", calm, func() *crooked {
		return &crooked{entry: func(_ *instance, e *backends.Entry) int {
			if e.State == "map" {
				return 2
			}
			return 1
		}}
	}, []finding{{"restored-state", "too many"}}},
	{"a key group is lost when a snapshot is written", calm, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			h, err := p.honest(ctx)
			for i := range h.Offsets {
				if h.Offsets[i] >= 0 {
					h.Offsets[i] = -1
					break
				}
			}
			return h, err
		}}
	}, []finding{{"restored-state", "read back when it completed"}, {"exactly-once", ""}}},
	{"a snapshot holds what was written after it", calm, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			return p.late(ctx)
		}}
	}, []finding{{"restored-state", "read back when it completed"}, {"exactly-once", ""}}},
	{"nothing is restored", restored, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			p.Restore = nil
			return nil
		}}
	}, []finding{{"restored-state", "lost "}, {"exactly-once", ""}, {"linearizable", "read nothing"}}},
	{"a restored state loses entries when it is registered", restored, func() *crooked {
		late := map[*instance]bool{}
		return &crooked{
			value: func(in *instance, d backends.Descriptor, s backends.RawValue) backends.RawValue {
				late[in] = len(in.params.Restore) > 0 && d.Name == "text"
				return s
			},
			entry: func(in *instance, e *backends.Entry) int {
				if late[in] && e.State == "text" {
					return 0
				}
				return 1
			},
		}
	}, []finding{{"restored-state", "After restoring checkpoint"}}},
	{"an instance that is gone has kept a local file", restored, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			if p.Count == nil { // an auditor's
				return nil
			}
			if err := p.Local.MkdirAll(p.Dir, 0o755); err != nil {
				return err
			}
			f, err := p.Local.Create(p.Dir + "/kept")
			if err != nil {
				return err
			}
			return f.Close()
		}}
	}, []finding{{"left-over-files", "of an instance that is gone"}}},
	{"an instance for auditors panics", calm, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			if len(p.Restore) > 0 {
				panic("the files are not as expected")
			}
			return nil
		}}
	}, []finding{{"restored-state", "the files are not as expected"}}},
	{"one of several handles is restored", calm, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			p.Restore = p.Restore[:min(len(p.Restore), 1)]
			return nil
		}}
	}, []finding{{"restored-state", "read back at the end"}}},
	{"a restored store holds a key group of others", restored, func() *crooked {
		return &crooked{foreign: func(in *instance) ([]backends.ForeignGroup, error) {
			if in.params.Count == nil { // an auditor's
				return nil, nil
			}
			return []backends.ForeignGroup{{State: "text", Group: in.params.KeyGroups.End + 1}}, nil
		}}
	}, []finding{{"restored-state", "in the store"}, {"restored-state", "of operator first holds key group 8, outside [0..7]"}}},
	{"a store that auditors restore holds a key group of others", calm, func() *crooked {
		return &crooked{foreign: func(in *instance) ([]backends.ForeignGroup, error) {
			return []backends.ForeignGroup{{State: "text", Group: in.params.KeyGroups.End + 1}}, nil
		}}
	}, []finding{{"restored-state", "holds key groups outside ["}, {"restored-state", "group 4 of text"}}},
	{"a restored store cannot be searched", restored, func() *crooked {
		return &crooked{foreign: func(in *instance) ([]backends.ForeignGroup, error) {
			if in.params.Count == nil {
				return nil, nil
			}
			return nil, errMade
		}}
	}, []finding{{"restored-state", "search the store of operator first"}}},
	{"key groups of others are restored", calm, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			if len(p.Restore) > 0 {
				p.KeyGroups = backends.KeyGroupRange{Start: 0, End: p.MaxParallelism - 1}
			}
			return nil
		}}
	}, []finding{{"restored-state", "does not own the group"}}},
}
