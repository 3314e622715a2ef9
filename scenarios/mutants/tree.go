package mutants

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// moduleLine is how the go.mod of this project begins.
const moduleLine = "module flinch"

// FindRoot returns the root of the source tree around a folder; "" is the current
// one.
func FindRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), moduleLine) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("folder %s is not within the source tree of flinch: go there, since mutants are built from it", start)
		}
	}
}

// copyTree copies the sources below root: what git knows or would add, or, where
// there is no repository, everything that is not hidden.
func copyTree(ctx context.Context, root, to string) error {
	names, err := sources(ctx, root)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := copyFile(filepath.Join(root, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("copy the source tree: %w", err)
		}
	}
	return nil
}

// sources lists the files to be copied, relative to root.
func sources(ctx context.Context, root string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
	}
	var names []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return filepath.SkipDir
			}
		case e.Type().IsRegular():
			name, err := filepath.Rel(root, path)
			names = append(names, name)
			return err
		}
		return nil
	})
	return names, err
}

// copyFile copies one file. One that was deleted and is still in git's index is
// passed over.
func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// apply applies a patch to a copy of the tree.
func apply(ctx context.Context, tree, patch string) error {
	if err := command(ctx, tree, withoutRepository(tree), "git", "apply", "--whitespace=nowarn", patch); err != nil {
		return fmt.Errorf("the patch does not apply, bring it into step with the code: %w", err)
	}
	return nil
}

// withoutRepository is an environment in which git takes a tree for a mere
// folder. In a repository around it, git apply would find that the files of the
// patch are none of its own, pass over them, and report success.
func withoutRepository(tree string) []string {
	return append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(tree))
}

// build builds the command of a copy of the tree. Trimmed paths let copies share
// the build cache.
func build(ctx context.Context, tree, binary string) error {
	err := command(ctx, tree, nil, "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/flinch")
	if err != nil {
		return fmt.Errorf("the patched tree does not build: %w", err)
	}
	return nil
}

// command runs a program and puts what it complains of into the error.
func command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	var complaint bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &complaint, &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	return nil
}
