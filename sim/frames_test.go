package sim

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

func TestFramesBeginWhereAPanicCameUp(t *testing.T) {
	for name, panics := range map[string]func(){
		"reachesTooFar": reachesTooFar,
		"says":          says,
	} {
		frames := framesOf(stackOf(panics))
		if len(frames) < 2 || !strings.Contains(frames[0], "sim."+name+" ") || !strings.Contains(frames[0], "frames_test.go:") {
			t.Errorf("%s: %q, want its own function first", name, frames)
		}
		if len(frames) > framesMax || strings.Contains(strings.Join(frames, " "), "0x") {
			t.Errorf("%s: %q, want %d frames at most, without addresses", name, frames, framesMax)
		}
	}
}

func reachesTooFar() {
	list := []string{}
	list[len(os.Args)] = ""
}

func says() { panic("oh") }

func stackOf(panics func()) (stack string) {
	defer func() {
		_ = recover()
		stack = string(debug.Stack())
	}()
	panics()
	return ""
}
