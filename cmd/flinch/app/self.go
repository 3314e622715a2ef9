package app

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// self returns how this program is called in a shell: as "go run ./folder" if
// go run has built it, else by its path.
func self() string {
	path, err := os.Executable()
	info, known := debug.ReadBuildInfo()
	// go run keeps what it builds in a folder go-build..., temporary or cached; go
	// test does, too, but names it otherwise.
	if err == nil && known && strings.Contains(filepath.ToSlash(path), "/go-build") && !strings.HasSuffix(info.Path, ".test") {
		if folder, inside := strings.CutPrefix(info.Path, info.Main.Path); inside {
			return "go run ." + folder
		}
	}
	return os.Args[0]
}

// quoted joins words to a command for a shell.
func quoted(words []string) string {
	for i, w := range words {
		if i > 0 && (w == "" || strings.ContainsAny(w, " \t\n'\"\\$`!*?[]{}()<>|&;#~")) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
