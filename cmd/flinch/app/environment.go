package app

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"flinch/reports/pages"
)

// environment tells where and how this process runs.
func environment() pages.Environment {
	return pages.Environment{
		Revision: revision(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(),
		Command: quoted(slices.Concat([]string{self()}, os.Args[1:])), Date: time.Now(),
	}
}

// revision is the commit of which this program was built, with "+" if files had
// been changed; "" if nothing says so. go run notes none: there, it is the one
// that git has checked out.
func revision() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	hash, changed := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			hash = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if hash == "" && strings.HasPrefix(self(), "go run ") {
		text, err := exec.Command("git", "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty=+").Output()
		if err == nil {
			return strings.TrimSpace(string(text))
		}
	}
	if changed {
		hash += "+"
	}
	return hash
}
