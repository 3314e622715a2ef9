package backends

// Queryable is implemented by Keyed instances whose state may be read from outside
// of the task, as Flink's queryable state is. Optional.
type Queryable interface {
	// Query returns what a state has under a key and namespace, as Entries reports
	// it; nil if nothing. The entries are the caller's. Goroutines other than the
	// task's may call it at any time: each call sees the state as it is between two
	// of the task's calls. It is an error if the job has not registered the state as
	// Descriptor.Queryable, if the key belongs to another instance, or after Close.
	Query(state string, key Key, namespace string) ([]Entry, error)
}
