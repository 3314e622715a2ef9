// Package explore runs scenarios over many seeds on all cores, and makes what
// fails small.
//
// Start at Campaign, which hands out seeds to child processes of the same
// binary, and at World.Serve, which is what a child does. A child announces each
// seed before it runs it; one that dies or hangs is a finding of that seed, is
// replaced, and the campaign goes on. Results are merged in the order of the
// seeds, so that a report does not depend on the number of processes. Shrink
// makes a failing case smaller; World.Small puts it into words as well.
//
// Processes, goroutines and real time are in campaign.go, child.go, findings.go,
// worker.go, tail.go and small.go, the real file system in folders.go; everything
// else is as deterministic as the simulation.
package explore
