// Command flinch tells whether a state backend flinches when the power goes out.
// It knows the backends that this module brings; who has a backend of their own
// writes a main function like this one around app.Main.
package main

import (
	"os"

	"flinch/backends/heap"
	"flinch/backends/rocksdb"
	"flinch/cmd/flinch/app"
)

func main() { os.Exit(app.Main(heap.New(), rocksdb.New(), rocksdb.NewNative(""))) }
