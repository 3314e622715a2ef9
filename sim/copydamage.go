package sim

import (
	"cmp"
	"fmt"
	"os"
	"slices"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
)

// LocalCopies implements faults.Controls.
func (c *controls) LocalCopies(m history.Machine) []faults.LocalCopy {
	if int(m) >= len(c.w.machines) {
		return nil
	}
	var files []faults.LocalCopy
	for f := range c.w.machines[m].disk.Files() {
		if isCopy(f.Path) {
			files = append(files, faults.LocalCopy{Path: f.Path, SizeBytes: f.Size})
		}
	}
	slices.SortFunc(files, func(a, b faults.LocalCopy) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// DamageLocalCopy implements faults.Controls.
func (c *controls) DamageLocalCopy(m history.Machine, path string, at int64, cut bool) {
	target := c.w.machines[m]
	target.scathed = true
	if err := damage(target.disk, path, at, cut); err != nil {
		panic(fmt.Sprintf("sim: damage a file of a disk that nothing asks: %v", err))
	}
}

// damage flips a bit of one byte of a file, or cuts the file off there.
func damage(d *disk.Disk, path string, at int64, cut bool) error {
	f, err := d.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if cut {
		err = f.Truncate(at)
	} else {
		b := []byte{0}
		if _, err = f.ReadAt(b, at); err == nil {
			b[0] ^= 1
			_, err = f.WriteAt(b, at)
		}
	}
	return cmp.Or(err, f.Close())
}
