package main

import (
	"path"
	"slices"
)

// catchAlls are folder names that say nothing of what is inside.
var catchAlls = []string{"pkg", "internal", "util", "utils", "common", "helper", "helpers", "misc"}

func (c *checker) checkTop(names []string) {
	for _, name := range names {
		if !slices.Contains(c.layout.top, name) {
			c.report(finding{name, 1, ruleFolder, name + " is not wanted at the top", "put it below one of the folders there, or list it in cmd/tidy/layout.go"})
		}
	}
}

func (c *checker) checkNames(f folder) {
	if slices.Contains(catchAlls, path.Base(f.dir)) {
		c.report(finding{f.dir, 1, ruleFolder, "the name " + path.Base(f.dir) + " says nothing", "name the folder after what it is about"})
	}
	if _, known := c.layout.layer(f.dir); !known {
		c.report(finding{f.dir, 1, ruleLayer, "the package has no layer", "give it one in cmd/tidy/layout.go"})
	}
}
