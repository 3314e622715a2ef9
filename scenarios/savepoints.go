package scenarios

var _ = register(Scenario{
	Name: "savepoints",
	Doc:  "the user takes savepoints of both formats, and deletes some, between periodic checkpoints that share files; machines crash, lose power and stall meanwhile",
	Generate: generate(traits{
		name: "savepoints", rescales: 1, incremental: true, actions: onlySavepoints,
		faults: []maker{{3, crash}, {2, crashInPhase}, {2, crashJobManager}, {1, stallIO}, {1, failIO}, {1, loseTaskManager}},
	}),
})
