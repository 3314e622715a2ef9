package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// folder is a folder with Go files.
type folder struct {
	dir   string // slashes, from the module's root
	files []file
}

// file is a parsed Go file.
type file struct {
	*ast.File
	path string // slashes, from the module's root
	fset *token.FileSet
	test bool
}

func (f file) line(n ast.Node) int { return f.fset.Position(n.Pos()).Line }

// load parses every Go file below root, whatever its build constraints are.
func load(root string) ([]folder, error) {
	byDir := make(map[string]*folder)
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case entry.IsDir() && skipped(rel):
			return filepath.SkipDir
		case entry.IsDir() || path.Ext(rel) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse %s: %w", rel, err)
		}
		dir := path.Dir(rel)
		if byDir[dir] == nil {
			byDir[dir] = &folder{dir: dir}
		}
		test := strings.HasSuffix(rel, "_test.go")
		byDir[dir].files = append(byDir[dir].files, file{File: parsed, path: rel, fset: fset, test: test})
		return nil
	})
	if err != nil {
		return nil, err
	}
	var folders []folder
	for _, f := range byDir {
		folders = append(folders, *f)
	}
	slices.SortFunc(folders, func(a, b folder) int { return strings.Compare(a.dir, b.dir) })
	return folders, nil
}

// skipped tells which folders are none of the module's packages.
func skipped(dir string) bool {
	base := path.Base(dir)
	return dir != "." && (base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_' || ignored(dir))
}

// ignored folders hold what is built; git does not see them.
func ignored(dir string) bool { return dir == "out" || dir == "bin" }

// topFolders returns the folders at the top that git would see.
func topFolders(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name()[0] != '.' && !ignored(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
