package scenarios

var _ = register(Scenario{
	Name: "stop-with-savepoint",
	Doc:  "the user stops the job with a savepoint and begins it anew from that, claiming it or not, at another parallelism; machines crash before, meanwhile and after",
	Generate: generate(traits{
		name: "stop-with-savepoint", rescales: 3, actions: stopsAndGoesOn,
		faults: []maker{{2, crash}, {3, crashInPhase}, {3, crashJobManager}, {1, failIO}, {1, failPointer}, {1, crashAtPointer}},
	}),
})
