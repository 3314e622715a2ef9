package backendtest

import "flinch/backends"

// coordinator is what the job manager does with checkpoints: it keeps the last
// completed one, knows the files of what it keeps, and deletes the others.
type coordinator struct {
	streams *Streams
	kept    []backends.KeyedHandle
}

// resolve completes handles. It returns false if a file is unknown, which
// declines the checkpoint.
func (c *coordinator) resolve(handles []backends.KeyedHandle) ([]backends.KeyedHandle, bool) {
	out := make([]backends.KeyedHandle, len(handles))
	for i, h := range handles {
		var known bool
		if out[i], known = c.streams.Resolve(h); !known {
			return nil, false
		}
	}
	return out, true
}

// drop deletes the files of handles that nothing kept has.
func (c *coordinator) drop(handles []backends.KeyedHandle) {
	needed := make(map[string]bool)
	for _, h := range c.kept {
		for _, path := range paths(h) {
			needed[path] = true
		}
	}
	for _, h := range handles {
		for _, path := range paths(h) {
			if !needed[path] {
				delete(c.streams.Files, path)
			}
		}
	}
}

func paths(h backends.KeyedHandle) []string {
	out := []string{h.Stream.Path}
	for _, f := range h.Files {
		out = append(out, f.Stream.Path)
	}
	return out
}

// complete keeps the handles and deletes what was kept before.
func (c *coordinator) complete(handles []backends.KeyedHandle) {
	older := c.kept
	c.kept = handles
	c.drop(older)
}
