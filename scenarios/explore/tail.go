package explore

import (
	"slices"
	"strings"
	"sync"
)

// stderrTailBytes is how much of a child's standard error is kept.
const stderrTailBytes = 64 << 10

// tail keeps the last bytes written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
	lost bool
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - stderrTailBytes; over > 0 {
		t.text, t.lost = append(t.text[:0], t.text[over:]...), true
	}
	return len(p), nil
}

// lines returns at most limit whole lines: the last ones or, if the Go runtime
// has written stacks, the first ones of those.
func (t *tail) lines(limit int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if t.lost && len(lines) > 1 {
		lines = lines[1:]
	}
	if i := slices.IndexFunc(lines, beginsDump); i >= 0 {
		lines = withoutRuntime(lines[i:])
		return lines[:min(limit, len(lines))]
	}
	return lines[max(0, len(lines)-limit):]
}

// beginsDump tells whether the Go runtime begins its last words with this line:
// what matters then comes first.
func beginsDump(line string) bool {
	return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "SIG")
}

// withoutRuntime returns stacks without the frames of the Go runtime, which are
// the same in all of them, and without empty lines.
func withoutRuntime(lines []string) []string {
	var kept []string
	inside := false
	for _, line := range lines {
		switch {
		case line == "", strings.HasPrefix(line, "PC="), strings.HasPrefix(line, "goroutine 0 "):
		case strings.HasPrefix(line, "runtime."):
			inside = true
		case inside && strings.HasPrefix(line, "\t"):
		default:
			inside = false
			kept = append(kept, line)
		}
	}
	return kept
}
