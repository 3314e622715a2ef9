package checkpoint

// Kind is what sort of snapshot a request asks for. The zero value is a
// checkpoint as the job takes it of its own accord.
type Kind uint8

// The kinds.
const (
	Incremental        Kind = iota // a checkpoint that may name files of earlier ones
	Full                           // a checkpoint that writes every byte anew
	CanonicalSavepoint             // a savepoint that any backend is restored from
	NativeSavepoint                // a savepoint in the format of its backend
	kindCount
)

var kindNames = [kindCount]string{"checkpoint", "full checkpoint", "canonical savepoint", "native savepoint"}

// String returns the kind in words.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "unknown kind of snapshot"
}

// IsSavepoint tells whether the snapshot is the user's: no other one subsumes it,
// and it is not in the completed-checkpoint store.
func (k Kind) IsSavepoint() bool { return k == CanonicalSavepoint || k == NativeSavepoint }
