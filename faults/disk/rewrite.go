package disk

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/spf13/afero"
	"github.com/tidwall/btree"
)

type inodes = btree.Map[uint64, *node]

// shape is what one path holds: rewriting leaves alone what is the same before
// and after.
type shape struct {
	ino  uint64   // 0: a directory, and any is as good as another
	data *content // nil: a directory
}

// rewrite turns the real folder from one tree into another.
func (m *mirror) rewrite(before, after *inodes) error {
	if m == nil {
		return nil
	}
	was, wasOrder := shapes(before)
	is, isOrder := shapes(after)
	for _, name := range slices.Backward(wasOrder) {
		if now, ok := is[name]; ok && now == was[name] {
			continue
		}
		if err := m.base.Remove(name); err != nil {
			return fmt.Errorf("rewrite a disk after power loss: remove %s: %w", name, err)
		}
	}
	there := map[uint64]string{} // inodes that have a right name already
	for _, name := range isOrder {
		if now := is[name]; now.data != nil && now == was[name] {
			there[now.ino] = name
		}
	}
	for _, name := range isOrder {
		now := is[name]
		if old, ok := was[name]; ok && now == old {
			continue
		}
		if err := m.restore(name, now, there); err != nil {
			return fmt.Errorf("rewrite a disk after power loss: restore %s: %w", name, err)
		}
	}
	return nil
}

func (m *mirror) restore(name string, now shape, there map[uint64]string) error {
	if now.data == nil {
		return m.base.Mkdir(name, 0o755)
	}
	if other, ok := there[now.ino]; ok {
		return m.links.Link(other, name)
	}
	there[now.ino] = name
	b := make([]byte, now.data.size)
	now.data.readAt(b, 0)
	return afero.WriteFile(m.base, name, b, fs.FileMode(0o644))
}

// shapes lists a current tree, directories before what is in them.
func shapes(inos *inodes) (map[string]shape, []string) {
	all, order := map[string]shape{}, []string(nil)
	var walk func(dir string, ino uint64)
	walk = func(dir string, ino uint64) {
		n, _ := inos.Get(ino)
		n.side[current].names.m.Scan(func(name string, child uint64) bool {
			at := path.Join(dir, name)
			c, _ := inos.Get(child)
			order = append(order, at)
			if c.dir {
				all[at] = shape{}
				walk(at, child)
			} else {
				all[at] = shape{child, c.side[current].data}
			}
			return true
		})
	}
	walk("/", rootIno)
	return all, order
}
