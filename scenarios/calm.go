package scenarios

var _ = register(Scenario{
	Name:     "calm",
	Doc:      "nothing goes wrong: every answer, checkpoint and left-over file is judged without excuses",
	Generate: generate(traits{name: "calm"}),
})
