package checkpoint

import (
	"context"
	"fmt"

	"flinch/backends"
)

// Submission is a job that is begun anew from a checkpoint or savepoint that its
// user names, in Flink's restore modes.
type Submission struct {
	// Number is the user's request. It rises from one submission to the next, so
	// that one that is repeated is known again.
	Number int64
	Source Completed
	// Claim hands the source to the job, which deletes it once it is subsumed.
	// Without it the source stays the user's: nothing of it is ever deleted, and
	// nothing is built on it.
	Claim bool
}

// Stop is the end of a job by a savepoint.
type Stop struct {
	Number int64 // the user's request
	Entry
}

// Adopt begins a submission: its source is the one checkpoint that is retained from
// now on. Ids go on behind all that were handed out, and behind the source's. What
// is handed back was retained before: see Add. Errors are those of Add.
func (s *Store) Adopt(ctx context.Context, sub Submission) ([]Completed, error) {
	s.enter()
	released, err := s.submit(ctx, sub)
	s.leave()
	if err != nil {
		return nil, fmt.Errorf("begin submission %d from checkpoint %d: %w", sub.Number, sub.Source.ID, err)
	}
	return released, nil
}

func (s *Store) submit(ctx context.Context, sub Submission) ([]Completed, error) {
	if err := s.resolve(ctx); err != nil {
		return nil, err
	}
	if sub.Number <= s.current.record.Submission {
		return nil, fmt.Errorf("submission %d has begun already", s.current.record.Submission)
	}
	next := s.next()
	sub.Source.Unclaimed = !sub.Claim
	next.retained = []Completed{sub.Source}
	next.record.Retained = entries(next.retained)
	next.record.NextID = max(next.record.NextID, sub.Source.ID+1)
	next.record.Submission, next.record.Stop = sub.Number, Stop{}
	if err := s.put(ctx, next); err != nil {
		return nil, err
	}
	released := s.released
	s.released = nil
	return released, nil
}

// End notes that the job has ended with a savepoint: whoever recovers the store
// does not begin it again. Errors are those of Add.
func (s *Store) End(ctx context.Context, by Stop) error {
	s.enter()
	err := s.resolve(ctx)
	if err == nil {
		next := s.next()
		next.record.Stop = by
		err = s.put(ctx, next)
	}
	s.leave()
	if err != nil {
		return fmt.Errorf("end the job with savepoint %d: %w", by.ID, err)
	}
	return nil
}

// Submission is the number of the submission that the retained checkpoints belong
// to; 0: the job's first one.
func (s *Store) Submission() int64 { return s.current.record.Submission }

// Stopped returns how the job ended, and false if it has not.
func (s *Store) Stopped() (Stop, bool) {
	stop := s.current.record.Stop
	return stop, stop.ID != 0
}

// Unclaimed returns the id of the source that the job does not own and has not
// replaced by a checkpoint of its own yet; 0: there is none. Until then every
// checkpoint must be full.
func (s *Store) Unclaimed() backends.CheckpointID {
	if n := len(s.current.retained); n > 0 && s.current.retained[n-1].Unclaimed {
		return s.current.retained[n-1].ID
	}
	return 0
}
