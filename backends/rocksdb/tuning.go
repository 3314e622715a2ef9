//go:build cgo && !norocksdb

package rocksdb

import "github.com/linxGnu/grocksdb"

// The names of what may be tuned; the package comment says what each does.
const (
	tuneFlushBytes      = "rocksdb.flush_bytes"
	tuneTargetFileBytes = "rocksdb.target_file_bytes"
	tuneLevelBaseBytes  = "rocksdb.level_base_bytes"
	tuneLevel0Trigger   = "rocksdb.level0_trigger"
	tuneBlockBytes      = "rocksdb.block_bytes"
	tuneCacheBytes      = "rocksdb.cache_bytes"
	tuneCompression     = "rocksdb.compression"
	tuneChunkBytes      = "rocksdb.chunk_bytes"
	tuneStepped         = "rocksdb.stepped"
	tuneFull            = "rocksdb.full"
	tuneOptionsFiles    = "rocksdb.options_files"
)

// levelMultiplier is how many times larger each level is than the one above it.
const levelMultiplier = 2

// tuning is KeyedParams.Tuning made usable.
type tuning struct {
	flushBytes      int64
	targetFileBytes int64
	levelBaseBytes  int64
	level0Trigger   int64
	blockBytes      int64
	cacheBytes      int64
	compression     int64
	chunkBytes      int64
	stepped         bool
	full            bool
	optionsFiles    bool
}

// knob is one number that may be tuned.
type knob struct {
	name               string
	usual, least, most int64
}

func (k knob) of(wanted map[string]int64) int64 {
	if v, given := wanted[k.name]; given {
		return min(max(v, k.least), k.most)
	}
	return k.usual
}

func newTuning(wanted map[string]int64) tuning {
	return tuning{
		flushBytes:      knob{tuneFlushBytes, 64 << 10, 1 << 10, 4 << 20}.of(wanted),
		targetFileBytes: knob{tuneTargetFileBytes, 4 << 10, 4 << 10, 64 << 20}.of(wanted),
		levelBaseBytes:  knob{tuneLevelBaseBytes, 16 << 10, 4 << 10, 256 << 20}.of(wanted),
		level0Trigger:   knob{tuneLevel0Trigger, 2, 2, 64}.of(wanted),
		blockBytes:      knob{tuneBlockBytes, 4 << 10, 64, 64 << 10}.of(wanted),
		cacheBytes:      knob{tuneCacheBytes, 0, 0, 1 << 30}.of(wanted),
		compression:     knob{tuneCompression, 0, 0, int64(len(compressions) - 1)}.of(wanted),
		chunkBytes:      knob{tuneChunkBytes, 16 << 10, 16, 1 << 20}.of(wanted),
		stepped:         knob{tuneStepped, 0, 0, 1}.of(wanted) == 1,
		full:            knob{tuneFull, 0, 0, 1}.of(wanted) == 1,
		optionsFiles:    knob{tuneOptionsFiles, 1, 0, 1}.of(wanted) == 1,
	}
}

// compressions are the values of tuneCompression.
var compressions = [...]grocksdb.CompressionType{grocksdb.NoCompression, grocksdb.LZ4Compression, grocksdb.ZSTDCompression}

// apply sets what is tuned, over what the machine needs.
func (t tuning) apply(o *grocksdb.Options) {
	o.SetTargetFileSizeBase(uint64(t.targetFileBytes))
	o.SetMaxBytesForLevelBase(uint64(t.levelBaseBytes))
	o.SetMaxBytesForLevelMultiplier(levelMultiplier)
	o.SetLevel0FileNumCompactionTrigger(int(t.level0Trigger))
	o.SetCompression(compressions[t.compression])
	table := grocksdb.NewDefaultBlockBasedTableOptions()
	table.SetBlockSize(int(t.blockBytes))
	t.limitCache(table)
	o.SetBlockBasedTableFactory(table)
	table.Destroy() // the options have a copy
}

// limitCache gives a database a cache of its own. The files' indexes go into it:
// beside it they would grow with the state.
func (t tuning) limitCache(table *grocksdb.BlockBasedTableOptions) {
	if t.cacheBytes == 0 {
		return
	}
	cache := grocksdb.NewLRUCache(uint64(t.cacheBytes))
	table.SetBlockCache(cache)
	cache.Destroy() // the table's options share it
	table.SetCacheIndexAndFilterBlocks(true)
}
