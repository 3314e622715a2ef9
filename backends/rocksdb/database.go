//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"fmt"

	"github.com/linxGnu/grocksdb"

	"flinch/backends/rocksdb/simenv"
)

// defaultColumn is the column family that every database has, and that is not
// used.
const defaultColumn = "default"

// database is an open database with the handles of its column families, and the
// machine that it runs on.
type database struct {
	*grocksdb.DB
	machine machine
	expiry  *simenv.Expiry
	// Options are made over those before them.
	base, filtered, options *grocksdb.Options

	columns []column
	read    *grocksdb.ReadOptions
	write   *grocksdb.WriteOptions
}

// column is an open column family.
type column struct {
	name   string // as the engine knows it
	handle *grocksdb.ColumnFamilyHandle
}

// opening says how a database is opened.
type opening struct {
	path     string
	restored bool // there are files already
	readOnly bool
}

// openDatabase opens a database on a machine of its own. The machine is released
// also if that fails.
func openDatabase(pl place, t tuning, how opening) (*database, error) {
	m, err := pl.machine()
	if err != nil {
		return nil, err
	}
	d := &database{machine: m, expiry: simenv.NewExpiry()}
	if err := d.open(t, how); err != nil {
		return nil, errors.Join(m.Join(err), d.close())
	}
	return d, nil
}

func (d *database) open(t tuning, how opening) error {
	d.base = grocksdb.NewDefaultOptions()
	d.base.SetCreateIfMissing(true)
	var err error
	if d.filtered, err = d.expiry.Options(d.base); err != nil {
		return err
	}
	if d.options, err = d.machine.Options(d.filtered); err != nil {
		return err
	}
	t.apply(d.options)
	names := []string{defaultColumn}
	if how.restored {
		if names, err = grocksdb.ListColumnFamilies(d.options, how.path); err != nil {
			return fmt.Errorf("list the column families of %s: %w", how.path, err)
		}
	}
	all := make([]*grocksdb.Options, len(names))
	for i := range all {
		all[i] = d.options
	}
	var handles grocksdb.ColumnFamilyHandles
	if how.readOnly {
		d.DB, handles, err = grocksdb.OpenDbForReadOnlyColumnFamilies(d.options, how.path, names, all, false)
	} else {
		d.DB, handles, err = grocksdb.OpenDbColumnFamilies(d.options, how.path, names, all)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", how.path, err)
	}
	if env, simulated := d.machine.(interface{ Sessions() []string }); simulated && len(env.Sessions()) == 0 {
		return fmt.Errorf("open %s: the library gave the session an id of its own, by chance: its GenerateDbSessionId was not replaced; link flinch against the shared library", how.path)
	}
	for i, name := range names {
		d.columns = append(d.columns, column{name: name, handle: handles[i]})
	}
	d.read = grocksdb.NewDefaultReadOptions()
	d.write = grocksdb.NewDefaultWriteOptions()
	// Without a log, what is not flushed is lost with the process: checkpoints are
	// what a task is restored from.
	d.write.DisableWAL(true)
	return nil
}

// addColumn makes a column family.
func (d *database) addColumn(name string) (column, error) {
	handle, err := d.CreateColumnFamily(d.options, name)
	if err != nil {
		return column{}, err
	}
	c := column{name: name, handle: handle}
	d.columns = append(d.columns, c)
	return c, nil
}

// close runs the jobs that wait and closes what was opened. Iterators and snapshots are gone by then: the
// library aborts the process otherwise.
func (d *database) close() error {
	if d.DB != nil {
		d.machine.Drain()
		for _, c := range d.columns {
			c.handle.Destroy()
		}
		d.DB.Close()
		d.read.Destroy()
		d.write.Destroy()
	}
	for _, o := range []*grocksdb.Options{d.options, d.filtered, d.base} {
		if o != nil {
			o.Destroy()
		}
	}
	d.expiry.Release()
	return d.machine.Release()
}
