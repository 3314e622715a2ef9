package scenarios

var _ = register(Scenario{
	Name: "resubmission",
	Doc:  "the user cancels the job and begins it anew, from its newest checkpoint or from savepoints old and new, more than once from the same, claiming them or not; work that lies behind an older one is a fork's to do again",
	Generate: generate(traits{
		name: "resubmission", rescales: 2, incremental: true, actions: resubmits,
		faults: []maker{{3, crash}, {2, crashInPhase}, {2, crashJobManager}, {1, crashAtPointer}, {1, failIO}, {1, loseJobManager}},
	}),
})
