package history

// Submission is a job that its user began anew, from a checkpoint or savepoint that
// he named.
type Submission struct {
	Number int64 // of the user's request, from 1
	Named  int64 // savepoint that he named; 0: the newest retained checkpoint
	Claim  bool  // the job was to own what it begins with
	Asked  Step
	// Adopted is when the root of the store durably said so; 0: never. What is below
	// is known from then on.
	Adopted Step
	Source  int64 // checkpoint or savepoint that the root named
	Fork    int   // see Attempt
}

// Borrowed is a completed checkpoint that names a file of a snapshot which the job
// does not own.
type Borrowed struct {
	Step       Step
	Checkpoint int64
	Path       string
	From       string // "not-owned checkpoint 3", "savepoint 2"
}
