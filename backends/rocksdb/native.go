//go:build cgo && !norocksdb

package rocksdb

import (
	"github.com/linxGnu/grocksdb"
	"github.com/spf13/afero"

	"flinch/backends"
)

// threads is the real machine: the engine does what it likes.
type threads struct{}

var _ machine = threads{}

// nativeOptions are those that every database here needs.
const nativeOptions = "merge_operator={id=stringappendtest;delimiter=,};avoid_flush_during_shutdown=true;max_bgerror_resume_count=0"

func (threads) Options(base *grocksdb.Options) (*grocksdb.Options, error) {
	return grocksdb.GetOptionsFromString(base, nativeOptions)
}

func (threads) Backlog() int         { return 0 }
func (threads) Suspended() int       { return 0 }
func (threads) Step() bool           { return false }
func (threads) StepFlush() bool      { return false }
func (threads) Drain()               {}
func (threads) Jobs() (int64, int64) { return 0, 0 }
func (threads) Join(err error) error { return err }
func (threads) Release() error       { return nil }

// nativePlace makes a folder of an instance's own below dir.
func nativePlace(dir string) (place, error) {
	files := afero.NewOsFs()
	own, err := afero.TempDir(files, dir, nativeName)
	if err != nil {
		return place{}, err
	}
	return place{files: files, dir: own, waits: true, machine: func() (machine, error) { return threads{}, nil }}, nil
}

func nativeEngine(dir string) engine {
	return engine{name: nativeName, place: func(backends.KeyedParams) (place, error) { return nativePlace(dir) }}
}
