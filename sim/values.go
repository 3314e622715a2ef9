package sim

import (
	"encoding/binary"
	"fmt"

	"flinch/backends"
	"flinch/model"
)

// words is a value that the job changes in place through a pointer.
type words struct{ list []int64 }

// codecOf returns a codec for values of one shape. Every shape encodes to the
// model's canonical words, so that dumps compare without decoding.
func codecOf(shape model.Shape) backends.Codec {
	switch shape {
	case model.Ints:
		return backends.TypedCodec[[]int64]{
			ID:     backends.CodecID{Name: "ints", Version: 1},
			Append: func(dst []byte, v []int64) ([]byte, error) { return model.AppendWords(dst, v), nil },
			Decode: decodeWords,
		}.Codec()
	case model.Cell:
		return backends.TypedCodec[*words]{
			ID:     backends.CodecID{Name: "cell", Version: 1},
			Append: func(dst []byte, v *words) ([]byte, error) { return model.AppendWords(dst, v.list), nil },
			Decode: func(src []byte) (*words, error) {
				list, err := decodeWords(src)
				return &words{list}, err
			},
		}.Codec()
	case model.Text:
		return backends.TypedCodec[string]{
			ID:        backends.CodecID{Name: "text", Version: 1},
			Append:    func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
			Decode:    func(src []byte) (string, error) { return string(src), nil },
			Immutable: true,
		}.Codec()
	}
	return backends.Int64Codec().Codec()
}

func decodeWords(src []byte) ([]int64, error) {
	if len(src) == 0 || len(src)%8 != 0 {
		return nil, fmt.Errorf("%d bytes: want a positive multiple of 8", len(src))
	}
	list := make([]int64, 0, max(len(src)/8, model.BumpWordsMax))
	for ; len(src) > 0; src = src[8:] {
		list = append(list, int64(binary.BigEndian.Uint64(src)))
	}
	return list, nil
}

// valueOf makes the live value that the job stores for some words.
func valueOf(shape model.Shape, list []int64) any {
	switch shape {
	case model.Ints:
		return append(make([]int64, 0, model.BumpWordsMax), list...)
	case model.Cell:
		return &words{append(make([]int64, 0, model.BumpWordsMax), list...)}
	case model.Text:
		return string(model.AppendWords(nil, list))
	}
	return list[0]
}

// appendWordsOf appends the words of a live value.
func appendWordsOf(dst []int64, v any) []int64 {
	switch v := v.(type) {
	case int64:
		return append(dst, v)
	case []int64:
		return append(dst, v...)
	case *words:
		return append(dst, v.list...)
	case string:
		for ; len(v) >= 8; v = v[8:] {
			dst = append(dst, int64(binary.BigEndian.Uint64([]byte(v[:8]))))
		}
		return dst
	}
	panic(fmt.Sprintf("sim: value of type %T", v))
}

// answerOf appends a live value, nil for none, to an answer.
func answerOf(answer []int64, v any) []int64 {
	if v == nil {
		return model.AppendAbsent(answer)
	}
	at := len(answer)
	answer = appendWordsOf(append(answer, 0), v)
	answer[at] = int64(len(answer) - at - 1)
	return answer
}

// bumped changes a live value, in place where its shape allows, and returns
// what to write back.
func bumped(shape model.Shape, v any, x int64) any {
	switch v := v.(type) {
	case nil:
		return valueOf(shape, []int64{x})
	case []int64:
		return model.Bump(shape, v, x)
	case *words:
		v.list = model.Bump(shape, v.list, x)
		return v
	}
	return valueOf(shape, model.Bump(shape, appendWordsOf(make([]int64, 0, model.BumpWordsMax), v), x))
}

// pair is an element of the job's operator state, changed in place: partition
// and next offset of a source, or number and epoch of a transaction.
type pair struct{ a, b int64 }

func pairCodec() backends.Codec {
	return backends.TypedCodec[*pair]{
		ID: backends.CodecID{Name: "pair", Version: 1},
		Append: func(dst []byte, v *pair) ([]byte, error) {
			return model.AppendWords(dst, []int64{v.a, v.b}), nil
		},
		Decode: func(src []byte) (*pair, error) {
			if len(src) != 16 {
				return nil, fmt.Errorf("%d bytes: want 16", len(src))
			}
			return &pair{int64(binary.BigEndian.Uint64(src)), int64(binary.BigEndian.Uint64(src[8:]))}, nil
		},
	}.Codec()
}

// encodePair is the harness' own encoding of an element, as dumps show it.
func encodePair(p pair) string { return string(model.AppendWords(nil, []int64{p.a, p.b})) }
