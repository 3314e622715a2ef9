package sim

import "strings"

// framesMax is how many frames of a panic's stack are kept.
const framesMax = 10

// framesOf returns the frames of a stack, as runtime/debug prints it, from where a
// panic came up: "function file:line". What the runtime does to panic is left out.
func framesOf(stack string) []string {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	first := 0
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") {
			first = i + 2 // behind its file
			break
		}
	}
	var frames []string
	for i := first; i+1 < len(lines) && len(frames) < framesMax; i++ {
		place, is := strings.CutPrefix(lines[i+1], "\t")
		if !is {
			continue
		}
		function := lines[i]
		if at := strings.LastIndexByte(function, '('); at > 0 {
			function = function[:at] // the arguments are addresses
		}
		place, _, _ = strings.Cut(place, " +0x")
		if len(frames) > 0 || !strings.HasPrefix(function, "runtime.") {
			frames = append(frames, function+" "+place)
		}
	}
	return frames
}
