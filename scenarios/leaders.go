package scenarios

var _ = register(Scenario{
	Name: "leaders",
	Doc:  "another job manager is elected at moments and in phases of a checkpoint while the old one lives on without knowing, and processes crash beside that",
	Generate: generate(traits{
		name: "leaders", rescales: 1, contends: true,
		faults: []maker{{4, changeLeader}, {4, changeLeaderInPhase}, {2, crashJobManager}, {1, crash}, {1, crashInPhase}, {1, failRecovery}},
	}),
})
