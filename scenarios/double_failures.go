package scenarios

var _ = register(Scenario{
	Name: "double-failures",
	Doc:  "several task managers die at one moment, or the job manager with them, and processes die while the job restores; what a new job manager reads fails now and then",
	Generate: generate(traits{
		name: "double-failures", rescales: 1,
		faults: []maker{{4, crashTogether}, {3, crashInRestore}, {2, failRecovery}},
	}),
})
