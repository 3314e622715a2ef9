package checkpoint

import (
	"fmt"

	"flinch/backends"
	"flinch/backends/storage"
)

// metadataVersion is the newest layout of encoded metadata. A change of the
// layout gets a new number, and Decode goes on reading the old ones. Version 1 knew
// no channel state: metadata without any is written in it still.
const (
	metadataVersion     = 2
	metadataVersionOnce = 1
)

// Encode returns m as sealed bytes, the same for equal metadata.
func Encode(m Metadata) []byte {
	version := uint32(metadataVersionOnce)
	if m.hasChannels() {
		version = metadataVersion
	}
	e := encoder{version: version}
	e.int(int64(m.ID))
	e.int(int64(m.Parallelism))
	e.int(int64(m.MaxParallelism))
	e.int(int64(m.Attempt))
	encodeList(&e, m.Operators, encodeOperator)
	return storage.Seal(storage.MetadataKind, version, e.out)
}

// Decode reads what Encode wrote. Any other bytes are an error: damage wraps
// storage.ErrCorrupt, a newer version says so. The result shares no memory with
// data.
func Decode(data []byte) (Metadata, error) {
	version, payload, err := storage.Unseal(storage.MetadataKind, metadataVersion, data)
	if err != nil {
		return Metadata{}, fmt.Errorf("decode checkpoint metadata: %w", err)
	}
	d := newDecoder(payload)
	d.version = version
	m := Metadata{
		ID:             backends.CheckpointID(d.int()),
		Parallelism:    int(d.int()),
		MaxParallelism: int(d.int()),
		Attempt:        int(d.int()),
		Operators:      decodeList(d, decodeOperator),
	}
	if err := d.end(); err != nil {
		return Metadata{}, fmt.Errorf("decode checkpoint metadata: %w", err)
	}
	return m, nil
}

func encodeOperator(e *encoder, o Operator) {
	e.string(o.Name)
	e.int(int64(o.Parallelism))
	encodeList(e, o.Subtasks, encodeSubtask)
}

func decodeOperator(d *decoder) Operator {
	return Operator{
		Name:        d.string(),
		Parallelism: int(d.int()),
		Subtasks:    decodeList(d, decodeSubtask),
	}
}

func encodeSubtask(e *encoder, s Subtask) {
	encodeList(e, s.Keyed, encodeKeyed)
	encodeList(e, s.Operator, encodeOperatorHandle)
	if e.version > metadataVersionOnce {
		encodeList(e, s.Channels, encodeChannel)
	}
}

func decodeSubtask(d *decoder) Subtask {
	s := Subtask{
		Keyed:    decodeList(d, decodeKeyed),
		Operator: decodeList(d, decodeOperatorHandle),
	}
	if d.version > metadataVersionOnce {
		s.Channels = decodeList(d, decodeChannel)
	}
	return s
}

// hasChannels tells whether any subtask has channel state.
func (m Metadata) hasChannels() bool {
	for _, o := range m.Operators {
		for _, s := range o.Subtasks {
			if s.Channels != nil {
				return true
			}
		}
	}
	return false
}

func encodeChannel(e *encoder, h ChannelHandle) {
	e.bool(h.Output)
	encodeStream(e, h.Stream)
	encodeList(e, h.Parts, encodePart)
}

func decodeChannel(d *decoder) ChannelHandle {
	return ChannelHandle{Output: d.upTo(1) == 1, Stream: decodeStream(d), Parts: decodeList(d, decodePart)}
}

func encodePart(e *encoder, p ChannelPart) {
	e.int(int64(p.Peer))
	e.int(p.Offset)
	e.int(int64(p.Records))
}

func decodePart(d *decoder) ChannelPart {
	return ChannelPart{Peer: int(d.int()), Offset: d.int(), Records: int(d.int())}
}

func encodeKeyed(e *encoder, h backends.KeyedHandle) {
	e.string(h.Backend)
	e.string(h.Format)
	e.int(int64(h.Checkpoint))
	e.int(int64(h.KeyGroups.Start))
	e.int(int64(h.KeyGroups.End))
	encodeStream(e, h.Stream)
	encodeList(e, h.Offsets, (*encoder).int)
	encodeList(e, h.Files, encodeFile)
}

func decodeKeyed(d *decoder) backends.KeyedHandle {
	return backends.KeyedHandle{
		Backend:    d.string(),
		Format:     d.string(),
		Checkpoint: backends.CheckpointID(d.int()),
		KeyGroups:  backends.KeyGroupRange{Start: int(d.int()), End: int(d.int())},
		Stream:     decodeStream(d),
		Offsets:    decodeList(d, (*decoder).int),
		Files:      decodeList(d, decodeFile),
	}
}

func encodeFile(e *encoder, f backends.FileHandle) {
	e.string(f.Name)
	encodeStream(e, f.Stream)
}

func decodeFile(d *decoder) backends.FileHandle {
	return backends.FileHandle{Name: d.string(), Stream: decodeStream(d)}
}

func encodeStream(e *encoder, h backends.StreamHandle) {
	e.string(h.Path)
	e.bytes(h.Inline)
	e.int(h.SizeBytes)
	e.fixed(h.Sum)
	e.byte(byte(h.Scope))
	e.bool(h.Placeholder)
}

func decodeStream(d *decoder) backends.StreamHandle {
	return backends.StreamHandle{
		Path:        d.string(),
		Inline:      d.bytes(),
		SizeBytes:   d.int(),
		Sum:         d.fixed(),
		Scope:       backends.Scope(d.upTo(byte(backends.Shared))),
		Placeholder: d.upTo(1) == 1,
	}
}

func encodeOperatorHandle(e *encoder, h backends.OperatorHandle) {
	e.string(h.Format)
	encodeStream(e, h.Stream)
	encodeList(e, h.States, encodeOperatorState)
}

func decodeOperatorHandle(d *decoder) backends.OperatorHandle {
	return backends.OperatorHandle{
		Format: d.string(),
		Stream: decodeStream(d),
		States: decodeList(d, decodeOperatorState),
	}
}

func encodeOperatorState(e *encoder, h backends.OperatorStateHandle) {
	e.string(h.Name)
	e.byte(byte(h.Mode))
	e.string(h.Codec.Name)
	e.int(int64(h.Codec.Version))
	encodeList(e, h.Offsets, (*encoder).int)
}

func decodeOperatorState(d *decoder) backends.OperatorStateHandle {
	return backends.OperatorStateHandle{
		Name:    d.string(),
		Mode:    backends.DistributionMode(d.upTo(byte(backends.Broadcast))),
		Codec:   backends.CodecID{Name: d.string(), Version: int(d.int())},
		Offsets: decodeList(d, (*decoder).int),
	}
}
