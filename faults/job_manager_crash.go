package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(JobManagerCrash{}, "the job manager dies at a moment of virtual time")

// JobManagerCrash kills the job manager, and with it the coordinator, at a
// moment. If it is dead then, nothing happens.
type JobManagerCrash struct {
	At Duration `json:"at"` // since the run began
}

// Kind returns "job-manager-crash".
func (JobManagerCrash) Kind() string { return "job-manager-crash" }

// String describes the fault.
func (f JobManagerCrash) String() string {
	return fmt.Sprintf("%v crashes at %v", history.JobManager, f.At)
}

// Arm makes the crash happen at its time.
func (f JobManagerCrash) Arm(c Controls) {
	c.At(time.Duration(f.At), func() { crash(c, f, history.JobManager, "at "+f.At.String()) })
}

func (f JobManagerCrash) validate() error { return checkSpan("at", f.At) }
