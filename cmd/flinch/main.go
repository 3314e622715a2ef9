// Command flinch tells whether a state backend flinches when the power goes out.
// It knows the backends that this module brings; who has a backend of their own
// writes a main function like this one around app.Main.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"flinch/backends/heap"
	"flinch/backends/rocksdb"
	"flinch/cmd/flinch/app"
)

func main() { os.Exit(app.Main(heap.New(), rocksdb.New(), rocksdb.NewNative(nativeDir()))) }

// nativeDir is a folder of this process alone. Runs are carried out by child
// processes, whose temporary folder is removed when they have ended.
func nativeDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("flinch-rocksdb-%d", os.Getpid()))
}
