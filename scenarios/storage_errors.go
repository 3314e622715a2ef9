package scenarios

var _ = register(Scenario{
	Name: "storage-errors",
	Doc:  "the disks below checkpoints fail before or after the effect, tear writes and lose power; task managers crash, so that what was kept is read",
	Generate: generate(traits{
		name: "storage-errors", rescales: 1,
		faults: []maker{{3, failIO}, {1, failPointer}, {2, stallIO}, {2, tearWrite}, {1, loseStorage}, {3, crash}},
	}),
})
