package history

// Recount compares, at the end of a drained run, the files that the metadata of the
// retained checkpoints names with those on checkpoint storage. The metadata is read
// back from there, as whoever knows nothing else would.
type Recount struct {
	Retained []int64  // checkpoints
	Named    int      // files that they name, their metadata included
	Shared   int      // of those, the ones that several checkpoints may name
	Others   int      // files there that something else than a retained checkpoint needs
	Missing  []string // named, and not there
	Unnamed  []string // there, and not named
	// Unlogged are the files that are named by metadata and that, by the harness' own
	// log of what was acknowledged, no retained checkpoint has; or the other way round.
	Unlogged []string
	Error    string // metadata could not be read
}

// Exact tells whether exactly what is named is there.
func (r *Recount) Exact() bool {
	return r.Error == "" && len(r.Missing) == 0 && len(r.Unnamed) == 0 && len(r.Unlogged) == 0
}

// SharedFile is the life of a file that several checkpoints may name.
type SharedFile struct {
	Path        string
	First, Last int64 // completed checkpoints that named it
	Checkpoints int   // how many did
	// Gone is when the last of them was let go of; 0: the store's root still names one.
	Gone    Step
	Deleted Step // 0: it was not
}
