package faults

import (
	"fmt"

	"flinch/model/history"
)

var _ = register(CommitUnanswered{}, "the sink does not learn whether a commit took effect")

// Commit is the commit of a transaction, as it sets out for the store outside.
type Commit struct {
	From        history.Machine
	Transaction string
	Checkpoint  int64 // for whose completion it is committed
}

// Answer is what becomes of a commit. The zero value changes nothing.
type Answer struct {
	Lost   bool // the sink does not hear of the outcome
	Undone bool // because the request got lost: it had no effect
}

// CommitUnanswered keeps the answers of the nth commit, and of Count in all from
// there, from the sink.
type CommitUnanswered struct {
	Nth    int  `json:"nth"`              // from 1, over all commits
	Count  int  `json:"count"`            // in a row
	Before bool `json:"before,omitempty"` // the request is lost: there is no effect
}

// Kind returns "commit-unanswered".
func (CommitUnanswered) Kind() string { return "commit-unanswered" }

// String describes the fault.
func (f CommitUnanswered) String() string {
	what := "answer"
	if f.Before {
		what = "request"
	}
	text := fmt.Sprintf("the %s of the %s commit gets lost", what, ordinal(f.Nth))
	if f.Count > 1 {
		text += fmt.Sprintf(", and %d more", f.Count-1)
	}
	return text
}

// Arm loses the answers.
func (f CommitUnanswered) Arm(c Controls) {
	seen, last := 0, f.Nth+f.Count-1
	c.OnCommit(func(commit Commit) (Answer, bool) {
		seen++
		if seen < f.Nth {
			return Answer{}, false
		}
		c.Fired(f, commit.From, fmt.Sprintf("transaction %s for checkpoint %d", commit.Transaction, commit.Checkpoint))
		return Answer{Lost: true, Undone: f.Before}, seen >= last
	})
}

func (f CommitUnanswered) validate() error {
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkCount("count", f.Count)
}
