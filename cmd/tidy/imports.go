package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// importPath returns what an import names.
func importPath(spec *ast.ImportSpec) string {
	name, _ := strconv.Unquote(spec.Path.Value)
	return name
}

// own returns the folder of an import from this module.
func (l layout) own(importPath string) (dir string, ok bool) {
	if importPath == l.module {
		return ".", true
	}
	return strings.CutPrefix(importPath, l.module+"/")
}

// checkLayers holds the imports from this module against the layers and bars.
// Tests are free: what they import makes no cycle, or they do not compile.
func (c *checker) checkLayers(dir string, f file) {
	layer, known := c.layout.layer(dir)
	for _, spec := range f.Imports {
		to, ours := c.layout.own(importPath(spec))
		if !ours || !known {
			continue
		}
		found := finding{path: f.path, line: f.line(spec), rule: ruleLayer}
		lower, listed := c.layout.layer(to)
		switch {
		case !listed:
			found.message = fmt.Sprintf("%s imports %s, which has no layer", dir, to)
			found.mend = "give it a layer in cmd/tidy/layout.go"
		case lower >= layer && (layer < layerCommands || lower > layer):
			found.message = fmt.Sprintf("%s (layer %d) imports %s (layer %d)", dir, layer, to, lower)
			found.mend = "imports go to lower layers only: move the shared part down, or declare the interface that is needed"
		default:
			found.message, found.mend = c.barred(dir, to)
		}
		if found.message != "" {
			c.report(found)
		}
	}
}

func (c *checker) barred(from, to string) (message, mend string) {
	for _, b := range c.layout.barred {
		if anyCovers(b.from, from) && anyCovers(b.to, to) && !anyCovers(b.except, from) {
			return fmt.Sprintf("%s imports %s", from, to), b.why
		}
	}
	return "", ""
}

// checkModules holds the imports from other modules against what the package may
// use; those of the standard library have no dot in their first part.
func (c *checker) checkModules(dir string, f file) {
	for _, spec := range f.Imports {
		name := importPath(spec)
		first, _, _ := strings.Cut(name, "/")
		if _, ours := c.layout.own(name); ours || !strings.Contains(first, ".") {
			continue
		}
		var allowed []string
		for pattern, modules := range c.layout.modules {
			if covers(pattern, dir) {
				allowed = append(allowed, modules...)
			}
		}
		if f.test {
			allowed = append(allowed, c.layout.tests...)
		}
		if !slices.ContainsFunc(allowed, func(m string) bool { return covers(m+"/...", name) }) {
			c.report(finding{
				f.path, f.line(spec), ruleModule,
				fmt.Sprintf("%s imports %s", dir, name), "use the standard library, or allow the module in cmd/tidy/layout.go with a reason in the commit",
			})
		}
	}
}
