package sched

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"flinch/sim/rng"
	"flinch/sim/trace"
)

// TestScheduleGolden runs the worlds in testdata/schedule. Each line of a world is
// "task NAME: step; step" or "at TIME: step"; see script.step for the steps.
func TestScheduleGolden(t *testing.T) {
	datadriven.RunTest(t, "testdata/schedule", func(t *testing.T, d *datadriven.TestData) string {
		var seed uint64
		d.ScanArgs(t, "seed", &seed)
		s := newScript(rng.Seed(seed))
		defer s.loop.Close()
		for line := range strings.Lines(d.Input) {
			s.line(t, strings.TrimSpace(line))
		}
		if err := s.loop.Run(nil); err != nil {
			s.say("", "error: %v", err)
		}
		for task := s.loop.tasks.first; task != nil; task = task.next {
			s.say("", "left: %s %v", task.Name(), task.state)
		}
		return s.text.String() + fmt.Sprintf("sum %#x after %d events\n", s.loop.Trace().Sum(), s.loop.Events())
	})
}

// script is a world whose tasks do what lines of text say.
type script struct {
	loop  *Loop
	tasks map[string]*Task
	text  strings.Builder
}

func newScript(seed rng.Seed) *script {
	s := &script{tasks: make(map[string]*Task)}
	s.loop = New(Params{Seed: seed, Trace: new(trace.Log), OnPanic: func(t *Task, value any, _ []byte) {
		s.say(t.Name(), "panicked: %v", value)
	}})
	return s
}

func (s *script) say(who, format string, args ...any) {
	fmt.Fprintf(&s.text, "%4v %-5s %s\n", s.loop.Now(), who, fmt.Sprintf(format, args...))
}

func (s *script) line(t *testing.T, line string) {
	head, steps, _ := strings.Cut(line, ":")
	kind, arg, _ := strings.Cut(head, " ")
	switch kind {
	case "task":
		s.tasks[arg] = s.loop.Spawn(arg, uint64(rng.Seed(0).Derive(arg)), func(task *Task) {
			s.say(arg, "starts")
			for step := range strings.SplitSeq(steps, ";") {
				s.step(task, strings.Fields(step))
			}
			s.say(arg, "ends")
		})
	case "at":
		at, err := time.ParseDuration(arg)
		if err != nil {
			t.Fatal(err)
		}
		s.loop.At(at, func() { s.step(nil, strings.Fields(steps)) })
	default:
		t.Fatalf("unknown line %q", line)
	}
}

// step does one step of a task, or of a plain call if task is nil.
func (s *script) step(task *Task, words []string) {
	who := "call"
	if task != nil {
		who = task.Name()
	}
	switch verb := words[0]; verb {
	case "say":
		s.say(who, "%s", words[1])
	case "yield":
		ms, _ := strconv.Atoi(words[1])
		task.Yield(1, time.Duration(ms)*time.Millisecond)
		s.say(who, "goes on")
	case "park":
		task.Park(2)
		s.say(who, "woken")
	case "wake":
		s.say(who, "wakes %s", words[1])
		s.tasks[words[1]].Wake()
	case "kill":
		s.say(who, "kills %s", words[1])
		s.tasks[words[1]].Kill()
	case "guard": // a deferred function that yields, as Close of a backend would
		s.guard(task, words[1:])
	case "swallow": // foreign code that recovers
		defer func() { s.say(who, "recovers kill=%v", IsKill(recover())) }()
		s.step(task, words[1:])
	case "panic":
		panic(words[1])
	case "draw":
		s.say(who, "draws %d", task.Draw(1, 1000))
	default:
		panic("unknown step " + verb)
	}
}

func (s *script) guard(task *Task, words []string) {
	defer func() {
		s.say(task.Name(), "defers, dead=%v", task.Dead())
		task.Yield(3, time.Millisecond)
		s.say(task.Name(), "deferred yield passed")
	}()
	s.step(task, words)
}
