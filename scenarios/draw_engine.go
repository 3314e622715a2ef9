package scenarios

import (
	"maps"

	"flinch/sim/rng"
)

// engines draws what hides boundaries inside engines that keep their state in
// files: small ones, so that flushes, compactions and several levels fall within
// some hundred operations. Backends without an engine pass it over.
func (g *generator) engines() {
	maps.Copy(g.c.Tuning, map[string]int64{
		"kv.chunk_bytes":            rng.Pick[int64](g, "kv chunk", 1024, 64, 256),
		"kv.page_entries":           rng.Pick[int64](g, "page", 128, 1, 3, 16),
		"rocksdb.flush_bytes":       rng.Pick[int64](g, "flush", 1<<10, 1<<10, 2<<10, 4<<10, 16<<10, 64<<10),
		"rocksdb.target_file_bytes": rng.Pick[int64](g, "target file", 4<<10, 8<<10, 64<<10),
		"rocksdb.level_base_bytes":  rng.Pick[int64](g, "level base", 16<<10, 64<<10),
		"rocksdb.level0_trigger":    rng.Pick[int64](g, "level 0 trigger", 2, 3, 4),
		"rocksdb.block_bytes":       rng.Pick[int64](g, "block", 4<<10, 256, 1<<10),
		"rocksdb.chunk_bytes":       rng.Pick[int64](g, "upload chunk", 16<<10, 4<<10, 1<<10),
	})
	if !g.chance("options files", 1, 4) {
		g.c.Tuning["rocksdb.options_files"] = 0
	}
	if g.chance("stepped jobs", 1, 3) {
		g.c.Tuning["rocksdb.stepped"] = 1
	}
	if g.chance("full snapshots", 1, 8) {
		g.c.Tuning["rocksdb.full"] = 1
	}
	if g.chance("small timer cache", 1, 2) {
		g.c.Tuning["kv.timer_cache"] = rng.Pick[int64](g, "timer cache", 1, 2, 8)
	}
	if g.pure {
		// What blocks look like depends on the compressor's version, so that only what
		// is read back from them can be compared between machines.
		g.c.Tuning["rocksdb.compression"] = rng.Pick[int64](g, "compression", 0, 1, 2)
	}
	// Engines do hundreds of operations where checkpoints do some: local disks are
	// fast.
	c := &g.c.Cluster
	c.LocalIODelay = g.span("local io delay", c.IODelay/1000, c.IODelay/20)
	c.BackgroundDelay = g.span("background delay", 0, 4*g.c.Job.Pace)
}
