package sim

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"flinch/backends"

	"github.com/cespare/xxhash/v2"
)

// copyIndex says which streams a local copy holds, and of which snapshot. Its file
// ends with a checksum of its own, and whoever reads another one ignores the copy.
type copyIndex struct {
	Checkpoint int64                  `json:"checkpoint"`
	Operator   string                 `json:"operator"`
	Subtask    int                    `json:"subtask"`
	KeyGroups  backends.KeyGroupRange `json:"key_groups"`
	Files      []copiedFile           `json:"files"`
}

// copiedFile is the copy of one stream.
type copiedFile struct {
	Path      string `json:"path"` // of the stream on checkpoint storage
	Name      string `json:"name"` // of the copy, beside the index
	SizeBytes int64  `json:"size_bytes"`
	Sum       uint64 `json:"sum"`
}

var errTornIndex = errors.New("the index is torn")

func (x *copyIndex) encode() []byte {
	data, err := json.Marshal(x)
	if err != nil {
		panic(fmt.Sprintf("sim: index of a local copy: %v", err)) // plain data always marshals
	}
	return binary.LittleEndian.AppendUint64(data, xxhash.Sum64(data))
}

func decodeIndex(data []byte) (x copyIndex, err error) {
	body := len(data) - 8
	if body < 0 || binary.LittleEndian.Uint64(data[body:]) != xxhash.Sum64(data[:body]) {
		return x, errTornIndex
	}
	if err := json.Unmarshal(data[:body], &x); err != nil {
		return x, fmt.Errorf("%w: %w", errTornIndex, err)
	}
	return x, nil
}

// belongs tells whether the copy is of the snapshot that is restored.
func (x *copyIndex) belongs(checkpoint int64, operator string, subtask int) error {
	if x.Checkpoint != checkpoint || x.Operator != operator || x.Subtask != subtask {
		return fmt.Errorf("it is of checkpoint %d of %s, subtask %d: want checkpoint %d of %s, subtask %d",
			x.Checkpoint, x.Operator, x.Subtask, checkpoint, operator, subtask)
	}
	return nil
}

// find returns the copy of a stream.
func (x *copyIndex) find(stream string) (copiedFile, bool) {
	if x != nil {
		for _, f := range x.Files {
			if f.Path == stream {
				return f, true
			}
		}
	}
	return copiedFile{}, false
}
