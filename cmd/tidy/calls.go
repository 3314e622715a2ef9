package main

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// ban says what of a package deterministic code may not use: the names that match
// one pattern, or all but those that match the other. With neither it may not
// even import the package.
type ban struct {
	names, allBut *regexp.Regexp
	mend          string
}

const (
	mendTime   = "take virtual time from the loop or from Params.Now"
	mendRandom = "draw from the seed: sim/rng, or the one-method interface that sim/rng satisfies"
	mendFiles  = "use the FS that is passed in"
	mendLog    = "return an error, or write to the history"
	mendWorld  = "leave it to a command, or exempt the file in cmd/tidy/layout.go with its reason"
)

// bans lists what differs between two runs of one seed, or reaches out of them.
var bans = map[string]ban{
	"time":          {names: regexp.MustCompile(`^(Now|Sleep|After|AfterFunc|Since|Until|NewTimer|NewTicker|Tick)$`), mend: mendTime},
	"context":       {names: regexp.MustCompile(`^With(Timeout|Deadline)`), mend: mendTime},
	"math/rand":     {mend: mendRandom},
	"math/rand/v2":  {mend: mendRandom},
	"crypto/rand":   {mend: mendRandom},
	"hash/maphash":  {mend: "use sim/rng or xxhash: maphash is seeded anew in each process"},
	"os":            {allBut: osData, mend: "use the FS that is passed in; the rest of os belongs into commands"},
	"os/exec":       {mend: mendWorld},
	"os/signal":     {mend: mendWorld},
	"syscall":       {allBut: regexp.MustCompile(`^(E[A-Z0-9]+|Errno|O_[A-Z]+)$`), mend: mendWorld},
	"net":           {mend: mendWorld},
	"net/http":      {mend: mendWorld},
	"log":           {mend: mendLog},
	"log/slog":      {mend: mendLog},
	"io/ioutil":     {mend: mendFiles},
	"path/filepath": {names: regexp.MustCompile(`^(Walk|WalkDir|Glob|Abs|EvalSymlinks)$`), mend: mendFiles},
	afero:           {names: regexp.MustCompile(`^NewOsFs$`), mend: mendFiles},
}

// osData are the names of package os that do nothing.
var osData = regexp.MustCompile(`^(Err[A-Z].*|O_.*|SEEK_.*|Mode[A-Z].*|FileMode|FileInfo|DirEntry|PathError|LinkError|SyscallError|Is(Not)?Exist|IsPermission|IsTimeout|PathSeparator|DevNull)$`)

// hits tells whether the ban is on this name of its package.
func (b ban) hits(name string) bool {
	if b.allBut != nil {
		return !b.allBut.MatchString(name)
	}
	return b.names.MatchString(name)
}

// checkCalls finds the banned packages and names. It goes by the imports: a
// variable that hides a package's name may give a false finding, never hide one.
func (c *checker) checkCalls(f file) {
	imported := make(map[string]string) // local name to import path
	for _, spec := range f.Imports {
		name := importPath(spec)
		local := strings.TrimSuffix(path.Base(name), "/v2")
		if spec.Name != nil {
			local = spec.Name.Name
		}
		b, banned := bans[name]
		switch {
		case banned && (local == "." || (b.names == nil && b.allBut == nil)):
			c.report(finding{f.path, f.line(spec), ruleCall, "imports " + name, b.mend})
		case banned:
			imported[local] = name
		}
	}
	ast.Inspect(f.File, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := selector.X.(*ast.Ident)
		if !ok || imported[x.Name] == "" {
			return true
		}
		if b := bans[imported[x.Name]]; b.hits(selector.Sel.Name) {
			c.report(finding{f.path, f.line(selector), ruleCall, fmt.Sprintf("uses %s.%s", x.Name, selector.Sel.Name), b.mend})
		}
		return true
	})
}

func (c *checker) checkGoroutines(f file) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		if statement, ok := n.(*ast.GoStmt); ok {
			c.report(finding{f.path, f.line(statement), ruleGoroutine, "starts a goroutine", "spawn a task on the loop: the scheduler of Go follows no seed"})
		}
		return true
	})
}
