package sim

import (
	"fmt"

	"flinch/model"
)

// enter chooses a namespace of a state. It is set only where another one was:
// nothing that an operation does may change it.
func (k *keyed) enter(state, namespace int) {
	if k.spaces[state] == namespace {
		return
	}
	k.spaces[state] = namespace
	name := model.Namespace(namespace)
	switch k.specs[state].Kind {
	case model.Value:
		k.values[state].SetNamespace(name)
	case model.List:
		k.lists[state].SetNamespace(name)
	case model.Map:
		k.maps[state].SetNamespace(name)
	case model.Timers: // have no current one
	default:
		k.merging[state].SetNamespace(name)
	}
}

// atNamespace writes a namespace behind a state's name; the first one goes without
// saying.
func atNamespace(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("@%d", i)
}

// merge moves what is in namespaces of a state to another one.
func (k *keyed) merge(op *model.Op) error {
	k.sources = k.sources[:0]
	for _, i := range op.Sources {
		k.sources = append(k.sources, model.Namespace(i))
	}
	target := model.Namespace(op.Namespace)
	if op.Kind == model.ListMerge {
		return k.lists[op.State].MergeNamespaces(target, k.sources)
	}
	return k.merging[op.State].MergeNamespaces(target, k.sources)
}

// list appends the keys, or the keys and namespaces, that a state has entries
// under. What the case does not have is -1.
func (k *keyed) list(op *model.Op, answer []int64) ([]int64, error) {
	at := len(answer)
	answer = append(answer, 0)
	state := k.specs[op.State].Name
	if op.Kind == model.ListKeys {
		err := k.backend.Keys(state, model.Namespace(op.Namespace), func(key string) bool {
			answer[at]++
			answer = append(answer, k.w.job.keyIndex(key))
			return true
		})
		return answer, err
	}
	err := k.backend.KeysAndNamespaces(state, func(key, namespace string) bool {
		answer[at]++
		answer = append(answer, k.w.job.keyIndex(key), namespaceIndex(namespace))
		return true
	})
	return answer, err
}

// keyIndex returns which key of the case an encoded one is.
func (j *job) keyIndex(encoded string) int64 {
	if i, ok := j.byEncoded[encoded]; ok {
		return int64(i)
	}
	return -1
}

func namespaceIndex(name string) int64 {
	for i := range model.NamespacesMax {
		if model.Namespace(i) == name {
			return int64(i)
		}
	}
	return -1
}
