package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
)

// linesMax is what fits a screen.
const linesMax = 70

func (c *checker) checkLengths(f file) {
	for _, d := range f.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first, last := f.line(function), f.fset.Position(function.End()).Line
		if lines := last - first + 1; lines > linesMax {
			c.report(finding{
				f.path, first, ruleLength,
				fmt.Sprintf("%s has %d lines", function.Name.Name, lines), fmt.Sprintf("split it: %d lines fit a screen", linesMax),
			})
		}
	}
}

var todo = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)

func (c *checker) checkTodos(f file) {
	for _, group := range f.Comments {
		for _, comment := range group.List {
			if word := todo.FindString(comment.Text); word != "" {
				c.report(finding{f.path, f.line(comment), ruleTodo, "has a " + word, "do it, or open an issue"})
			}
		}
	}
}

// checkPackageComment wants one in the file that is named after the package.
func (c *checker) checkPackageComment(f folder) {
	first, documented, wanted := -1, false, ""
	for i, file := range f.files {
		if file.test {
			continue
		}
		if first < 0 {
			first = i
		}
		wanted = file.Name.Name + ".go"
		base := path.Base(file.path)
		documented = documented || (file.Doc != nil && (base == wanted || base == "doc.go"))
	}
	if first >= 0 && !documented {
		c.report(finding{
			f.files[first].path, 1, ruleDoc, "package " + f.files[first].Name.Name + " has no comment in " + wanted,
			"say what it is for, where to start, and the rule of use",
		})
	}
}

// selfEvident are methods whose meaning the standard library fixes.
var selfEvident = map[string]bool{"Error": true, "String": true, "Unwrap": true, "Is": true, "Len": true, "Less": true, "Swap": true}

// checkDocs wants a comment on every exported name. One above a group of
// constants or variables, or at the end of a line, will do for them.
func (c *checker) checkDocs(f file) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) && !selfEvident[d.Name.Name] {
				c.undocumented(f, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				c.checkSpec(f, d, spec)
			}
		}
	}
}

func (c *checker) checkSpec(f file, d *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
			c.undocumented(f, spec.Name)
		}
	case *ast.ValueSpec:
		if spec.Doc != nil || spec.Comment != nil || d.Doc != nil || d.Tok == token.IMPORT {
			return
		}
		if i := slices.IndexFunc(spec.Names, (*ast.Ident).IsExported); i >= 0 {
			c.undocumented(f, spec.Names[i])
		}
	}
}

func (c *checker) undocumented(f file, name *ast.Ident) {
	c.report(finding{f.path, f.line(name), ruleDoc, name.Name + " has no comment", "say what it is: units, errors, ownership"})
}

// exportedReceiver tells whether d is a function, or a method of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		ident, ok := n.(*ast.Ident)
		exported = exported || (ok && ident.IsExported())
		return !ok
	})
	return exported
}
