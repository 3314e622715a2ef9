// Package trace is the step log of a run: what happened, in order, as records of
// fixed size, with a checksum that rolls over them.
//
// A [Log] numbers each [Record] and folds it into its sum; two runs that should
// be equal have equal sums. A run that failed, or that should have been equal and
// was not, is run again with a log that keeps its records; [Diverge] then finds
// the first one that differs, and [Names] puts it into words. What a record is
// about is a [Point], a number, so that writing one costs a few nanoseconds.
package trace

import (
	"math/bits"
	"time"
)

// Record is one thing that happened.
type Record struct {
	At    time.Duration // virtual time
	Actor uint32        // who; its owner says what the numbers mean
	Point Point         // what
	A, B  uint64        // the point's own particulars
}

// Log takes the records of one run. The zero value keeps only their number and
// sum. It belongs to one goroutine at a time.
type Log struct {
	sum    uint64
	steps  int64
	keep   bool
	chunks [][]Record
}

// chunkRecords is how many kept records share one allocation (32 KiB or so):
// growing one slice would copy a long log over and over.
const chunkRecords = 1024

// Keeping returns a log that also keeps every record.
func Keeping() *Log { return &Log{keep: true} }

// Continuing returns a log that goes on counting from a step of another one.
func Continuing(step int64) *Log { return &Log{steps: step} }

// Add appends r and returns its step, counted from 1.
func (l *Log) Add(r Record) int64 {
	l.sum = roll(l.sum, &r)
	l.steps++
	if l.keep {
		l.retain(r)
	}
	return l.steps
}

// Sum returns the checksum of all records so far, in their order.
func (l *Log) Sum() uint64 { return l.sum }

// Steps returns how many records there were so far.
func (l *Log) Steps() int64 { return l.steps }

// Records returns a copy of what was kept: the record of step n is at n-1. It is
// empty unless the log was made by [Keeping].
func (l *Log) Records() []Record {
	var all []Record
	for _, chunk := range l.chunks {
		all = append(all, chunk...)
	}
	return all
}

func (l *Log) retain(r Record) {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == chunkRecords {
		l.chunks = append(l.chunks, make([]Record, 0, chunkRecords))
		last++
	}
	l.chunks[last] = append(l.chunks[last], r)
}

// roll folds r into sum. The two products stand apart from sum, so that only a
// rotation and one multiplication of each record wait for the record before.
func roll(sum uint64, r *Record) uint64 {
	h1, l1 := bits.Mul64(uint64(r.At)^0x2d358dccaa6c78a5, uint64(r.Actor)<<16^uint64(r.Point)^0x8bb84b93962eacc9)
	h2, l2 := bits.Mul64(r.A^0x4b33a62ed433d4a3, r.B^0x4d5a2da51de1aa47)
	return (bits.RotateLeft64(sum, 29) ^ h1 ^ l1 ^ bits.RotateLeft64(h2^l2, 17)) * 0x9e3779b97f4a7c15
}

// Diverge returns the index of the first record in which a and b differ. Where
// one goes on after the other has ended, that is the index of its next record.
// ok is false if they are equal.
func Diverge(a, b []Record) (index int, ok bool) {
	shorter := min(len(a), len(b))
	for i := range shorter {
		if a[i] != b[i] {
			return i, true
		}
	}
	return shorter, len(a) != len(b)
}
