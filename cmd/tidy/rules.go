package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The rules, by the names under which they are reported.
const (
	ruleLayer     = "layer"     // imports from higher layers, or barred ones
	ruleModule    = "module"    // other modules that a package may not use
	ruleFolder    = "folder"    // folders that are not wanted
	ruleCall      = "call"      // calls that are different in each run
	ruleGoroutine = "goroutine" // go statements in deterministic code
	ruleLength    = "length"    // functions that fit no screen
	ruleDoc       = "doc"       // what is exported and not documented
	ruleTodo      = "todo"      // work left in comments
	ruleMapOrder  = "map-order" // loops over maps whose order may be seen
)

// finding is one breach of a rule.
type finding struct {
	path    string
	line    int
	rule    string
	message string
	mend    string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s (%s)", f.path, f.line, f.rule, f.message, f.mend)
}

// checker collects what the rules find.
type checker struct {
	layout layout
	found  []finding
}

// check holds the module at root against the layout.
func check(root string, l layout) ([]finding, error) {
	folders, err := load(root)
	if err != nil {
		return nil, err
	}
	top, err := topFolders(root)
	if err != nil {
		return nil, err
	}
	c := &checker{layout: l}
	c.checkTop(top)
	for _, f := range folders {
		c.checkFolder(f)
	}
	if err := c.checkMapOrder(root, folders); err != nil {
		return nil, err
	}
	slices.SortFunc(c.found, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.line, b.line), strings.Compare(a.message, b.message))
	})
	return c.found, nil
}

func (c *checker) checkFolder(f folder) {
	c.checkNames(f)
	c.checkPackageComment(f)
	layer, known := c.layout.layer(f.dir)
	for _, file := range f.files {
		c.checkModules(f.dir, file)
		c.checkTodos(file)
		if file.test {
			continue
		}
		c.checkLayers(f.dir, file)
		c.checkLengths(file)
		c.checkDocs(file)
		if known && layer < layerCommands {
			c.checkCalls(file)
			c.checkGoroutines(file)
		}
	}
}

// report notes a finding, unless the file is exempt from the rule.
func (c *checker) report(f finding) {
	for _, e := range c.layout.exempt {
		if ok, _ := path.Match(e.files, f.path); ok && slices.Contains(e.rules, f.rule) {
			return
		}
	}
	c.found = append(c.found, f)
}

// layer returns the layer of a package.
func (l layout) layer(dir string) (int, bool) {
	for pattern, layer := range l.layers {
		if covers(pattern, dir) {
			return layer, true
		}
	}
	return 0, false
}

// covers tells whether a folder pattern is dir, or "x/..." with dir x or below.
func covers(pattern, dir string) bool {
	above, all := strings.CutSuffix(pattern, "/...")
	return dir == above || (all && strings.HasPrefix(dir, above+"/"))
}

func anyCovers(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, dir) })
}
