package scenarios

var _ = register(Scenario{
	Name: "split-brain",
	Doc:  "a job manager that leads no more goes on for long, often cut off from the coordination service, with several checkpoints under way, beside the one that was elected",
	Generate: generate(traits{
		name: "split-brain", rescales: 1, contends: true, splits: true, busy: true, overlapping: 3,
		faults: []maker{{3, changeLeader}, {4, changeLeaderInPhase}, {1, crash}, {1, crashInPhase}, {1, stallIO}},
	}),
})
