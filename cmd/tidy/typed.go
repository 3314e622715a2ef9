package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// listed is what go list says of a package.
type listed struct {
	ImportPath        string
	Export            string // file with the types of what it exports
	GoFiles, CgoFiles []string
}

// checkMapOrder looks at the loops of deterministic packages with their types,
// which it takes from the go command's build cache. A tree without a go.mod has
// none, and what does not compile is passed over: other tools speak of that.
func (c *checker) checkMapOrder(root string, folders []folder) error {
	if _, err := os.Stat(filepath.Join(root, "go.mod")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	packages, err := goList(root)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	if len(folders) > 0 {
		fset = folders[0].files[0].fset
	}
	imports := importer.ForCompiler(fset, "gc", func(name string) (io.ReadCloser, error) {
		if packages[name].Export == "" {
			return nil, fmt.Errorf("no types of %s", name)
		}
		return os.Open(packages[name].Export)
	})
	for _, f := range folders {
		layer, known := c.layout.layer(f.dir)
		p, built := packages[path.Join(c.layout.module, f.dir)]
		if !known || layer >= layerCommands || !built {
			continue
		}
		info := typesOf(fset, imports, p, f)
		for _, file := range f.files {
			if !file.test {
				c.checkLoops(file, info)
			}
		}
	}
	return nil
}

// goList asks for the packages of a module and all that they import.
func goList(root string) (map[string]listed, error) {
	command := exec.Command("go", "list", "-e", "-export", "-deps", "-json=ImportPath,Export,GoFiles,CgoFiles", "./...")
	command.Dir = root
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, complaint.String())
	}
	packages := make(map[string]listed)
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages[p.ImportPath] = p
	}
}

// typesOf checks the files of a package that belong to this build.
func typesOf(fset *token.FileSet, imports types.Importer, p listed, f folder) *types.Info {
	chosen := make(map[string]bool)
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		chosen[path.Join(f.dir, name)] = true
	}
	var files []*ast.File
	for _, file := range f.files {
		if chosen[file.path] {
			files = append(files, file.File)
		}
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Importer: imports, FakeImportC: true, Error: func(error) {}}
	_, _ = config.Check(p.ImportPath, fset, files, info) // with Error set it goes on
	return info
}
