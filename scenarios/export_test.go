package scenarios

import "flinch/backends"

// JudgeCanary is what Check does with the run of a canary.
func JudgeCanary(t TB, b backends.Backend, c Case, run *CanaryRun) {
	r := &checkRun{TB: t, backend: b, settings: settings{pkg: "./mine"}}
	r.judgeCanary(c, run)
}
