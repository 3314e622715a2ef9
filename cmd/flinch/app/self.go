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
	if slashed := filepath.ToSlash(path); err == nil && known && strings.Contains(slashed, "/go-build") && strings.Contains(slashed, "/exe/") {
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
