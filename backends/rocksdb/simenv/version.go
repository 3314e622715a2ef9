//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import "fmt"

// Version is RocksDB's, as in 7.8.3: bytes of different versions are not to be
// compared.
func Version() string {
	_, library := versions()
	return library
}

func versions() (headers, library string) {
	var h, l [3]C.int32_t
	C.simenv_version(&h[0], &l[0])
	return fmt.Sprintf("%d.%d.%d", h[0], h[1], h[2]), fmt.Sprintf("%d.%d.%d", l[0], l[1], l[2])
}

// checkVersion refuses a library that is not the one of the headers: the layout of
// the engine's classes is compiled into this package.
func checkVersion() error {
	if headers, library := versions(); headers != library {
		return fmt.Errorf("open a simulated Env: built for RocksDB %s, but the library is %s", headers, library)
	}
	return nil
}
