package scenarios

var _ = register(Scenario{
	Name: "snapshot-crash",
	Doc:  "processes die and machines lose power in a chosen phase of a checkpoint, from trigger to restore",
	Generate: generate(traits{
		name: "snapshot-crash", rescales: 1, busy: true,
		faults: []maker{{4, crashInPhase}, {3, loseInPhase}, {2, crashAtIO}, {2, crashAtPointer}},
	}),
})
