package backends

import "fmt"

// Listed is a state and namespace whose keys are listed, and how encoded keys
// become keys again.
type Listed struct {
	State     string
	Namespace string
	Key       func(encoded string) (Key, error)
}

// ApplyToAllKeys calls fn for each key that has an entry of the state in the
// namespace, with that key current: Flink's applyToAllKeys. The keys are listed
// before the first call, so fn may change state, its own key's as well as
// others'. The last key stays current. It ends with the first error.
func ApplyToAllKeys(k Keyed, l Listed, fn func(Key) error) error {
	var encoded []string
	err := k.Keys(l.State, l.Namespace, func(key string) bool {
		encoded = append(encoded, key)
		return true
	})
	if err != nil {
		return fmt.Errorf("list the keys of state %q: %w", l.State, err)
	}
	for _, e := range encoded {
		key, err := l.Key(e)
		if err != nil {
			return fmt.Errorf("apply to all keys of state %q: %w", l.State, err)
		}
		if err := k.SetCurrentKey(key); err != nil {
			return fmt.Errorf("apply to all keys of state %q: %w", l.State, err)
		}
		if err := fn(key); err != nil {
			return fmt.Errorf("apply to all keys of state %q: key %q: %w", l.State, e, err)
		}
	}
	return nil
}

// DecodeStringKey turns the encoded form of a StringKey back into the key, with
// its hash. DecodeInt64Key does so for an Int64Key.
func DecodeStringKey(encoded string) (Key, error) {
	s, err := decodeStringKey(encoded)
	if err != nil {
		return Key{}, err
	}
	return StringKey(s), nil
}

// DecodeInt64Key turns the encoded form of an Int64Key back: see DecodeStringKey.
func DecodeInt64Key(encoded string) (Key, error) {
	v, err := decodeInt64Key(encoded)
	if err != nil {
		return Key{}, err
	}
	return Int64Key(v), nil
}
