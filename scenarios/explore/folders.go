package explore

import (
	"os"
	"path/filepath"

	"flinch/model/history"

	"github.com/spf13/afero"
)

// folders are the real folders of one run's machines, below one temporary
// folder. With on unset there are none.
type folders struct {
	on   bool
	root string
}

// files returns what sim.Config.Files wants.
func (f *folders) files() func(history.Machine) (afero.Fs, error) {
	if !f.on {
		return nil
	}
	return f.folder
}

// folder makes the folder of a machine.
func (f *folders) folder(m history.Machine) (afero.Fs, error) {
	if f.root == "" {
		root, err := os.MkdirTemp("", "flinch-run-")
		if err != nil {
			return nil, err
		}
		f.root = root
	}
	dir := filepath.Join(f.root, m.String())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return afero.NewBasePathFs(afero.NewOsFs(), dir), nil
}

// remove deletes everything. What cannot be deleted is left to the system's own
// clean-up of temporary folders.
func (f *folders) remove() {
	if f.root != "" {
		_ = os.RemoveAll(f.root)
	}
}
