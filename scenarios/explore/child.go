package explore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// answerBytesMax bounds one line from a child: a large case, and its story.
const answerBytesMax = 256 << 20

// child is one child process, seen from the parent.
type child struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	answers chan answer // closed when the process has closed its output
	stderr  *tail
}

// startChild starts a process that Serve runs in.
func startChild(command func() *exec.Cmd) (*child, error) {
	c := &child{cmd: command(), answers: make(chan answer, 64), stderr: &tail{}}
	c.cmd.Stderr = c.stderr
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start child process: %w", err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start child process: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start child process: %w", err)
	}
	go c.listen(stdout)
	return c, nil
}

// listen turns lines into answers until the child's output ends. A line that is
// none was printed by somebody else, and counts as standard error.
func (c *child) listen(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(make([]byte, 64<<10), answerBytesMax)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			fmt.Fprintf(c.stderr, "%s\n", lines.Bytes())
			continue
		}
		c.answers <- a
	}
	close(c.answers)
}

// errHung is returned by talk when the watchdog bit.
var errHung = errors.New("no event")

// errDied is returned by talk when the child's output has ended.
var errDied = errors.New("the process died")

// talk sends a request and calls on for each answer until on returns true.
func (c *child) talk(ctx context.Context, r request, watchdog time.Duration, on func(answer) (done bool)) error {
	// A write error means that the process is dead: its answers say so, too.
	_ = json.NewEncoder(c.stdin).Encode(r)
	alarm := time.NewTimer(watchdog)
	defer alarm.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-alarm.C:
			return errHung
		case a, open := <-c.answers:
			if !open {
				return errDied
			}
			if on(a) {
				return nil
			}
			alarm.Reset(watchdog)
		}
	}
}

// quitGrace is how long a hung child may take to print its stacks.
const quitGrace = 5 * time.Second

// stop ends the process and says how it ended. With stacks, the process is
// asked for the stacks of its goroutines first.
func (c *child) stop(stacks bool) string {
	_ = c.stdin.Close()
	if stacks {
		_ = c.cmd.Process.Signal(quitSignal)
		kill := time.AfterFunc(quitGrace, func() { _ = c.cmd.Process.Kill() })
		defer kill.Stop()
	} else {
		_ = c.cmd.Process.Kill()
	}
	return c.end()
}

// end waits for a process that is dying, and says how it ended.
func (c *child) end() string {
	for range c.answers { // the output must be drained before Wait closes it
	}
	err := c.cmd.Wait()
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// childDefaults are environment variables of child processes, unless they are
// set already: one processor each, since there is a child for each core, and a
// lazier garbage collector, since a run needs little memory but allocates a lot
// (a third of the processor time was the collector's at its own default).
var childDefaults = [...]struct{ name, value string }{{"GOMAXPROCS", "1"}, {"GOGC", "400"}}

// Command returns a maker of child processes: this binary with the given
// arguments.
func Command(args ...string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], args...)
		if self, err := os.Executable(); err == nil {
			// The path alone: some binaries look at their name to learn what to do.
			cmd.Path, cmd.Err = self, nil
		}
		cmd.Env = os.Environ()
		for _, d := range childDefaults {
			if os.Getenv(d.name) == "" {
				cmd.Env = append(cmd.Env, d.name+"="+d.value)
			}
		}
		return cmd
	}
}
