package backends

// Searcher is implemented by Keyed instances over a store that may hold more than
// the instance shows: files that were restored as they are, say, with the key
// groups of other subtasks in them. Optional.
type Searcher interface {
	// ForeignGroups looks through the store itself, past every filter, for key groups
	// outside the instance's range. Of each state it returns at most two, the first
	// below the range and the first beyond it, in the order of states; none if the
	// store is clean. What was deleted counts as gone, whatever the files still hold
	// of it. It costs a few reads for each state, and changes nothing.
	ForeignGroups() ([]ForeignGroup, error)
}

// ForeignGroup is a key group in the store of an instance that does not own it.
type ForeignGroup struct {
	State string
	Group int
}
