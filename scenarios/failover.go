package scenarios

var _ = register(Scenario{
	Name: "failover",
	Doc:  "task managers, the job manager and the storage crash or lose power at random moments and disk operations; half of the jobs come back with another parallelism",
	Generate: generate(traits{
		name: "failover", rescales: 2,
		faults: []maker{
			{3, crash},
			{2, crashJobManager},
			{2, crashAtIO},
			{2, crashAtPointer},
			{1, loseTaskManager},
			{1, loseJobManager},
			{1, loseStorage},
		},
	}),
})
