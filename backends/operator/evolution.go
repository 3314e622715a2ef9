package operator

import (
	"fmt"

	"flinch/backends"
)

// KeyEvolver is implemented by codecs of broadcast maps whose keys have changed as
// well as their values. A map has one codec ID, which stands for the encoding of
// both: whoever writes keys in another way gives it another version. Without it keys
// stay as they are.
type KeyEvolver interface {
	backends.Evolver
	// EvolveKey returns what has become of a key that was written beside values of
	// the codec called stored. Two keys that become one are an error of the
	// registration.
	EvolveKey(stored backends.CodecID, key string) (string, error)
}

// mixedCodecs is the error of restoring a state of which other parts are of the codec
// known. Of a union list all parts come together whatever the parallelism, so that
// going back to the old one is no way out.
func mixedCodecs(h backends.OperatorStateHandle, known backends.CodecID) error {
	if h.Mode != backends.Union {
		return backends.MixedCodecs(h.Name, known, h.Codec)
	}
	return fmt.Errorf("union list %q was written by codec %s in one subtask and by %s in another, and cannot be joined: "+
		"restore an older checkpoint, and register the state in every subtask before the next", h.Name, known, h.Codec)
}

// reader returns the codec that reads what was restored, for a job that registers the
// state with another one.
func (m identity) reader(codec backends.Codec) (backends.Codec, error) {
	read, err := backends.EvolveCodec(m.name, m.codec, codec)
	if err == nil && read == nil {
		read = codec
	}
	return read, err
}

// renaming returns what a job's codec makes of restored keys.
func (m identity) renaming(codec backends.Codec) func(string) (string, error) {
	if e, ok := codec.(KeyEvolver); ok && m.codec != codec.ID() {
		return func(key string) (string, error) { return e.EvolveKey(m.codec, key) }
	}
	return func(key string) (string, error) { return key, nil }
}
