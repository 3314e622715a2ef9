package scenarios_test

import (
	"strings"
	"testing"

	"flinch/scenarios"
	"flinch/sim/rng"
)

// edited returns a small valid case file with one piece of text replaced.
func edited(t *testing.T, old, new string) []byte {
	t.Helper()
	data, err := smallCase().JSON()
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if !strings.Contains(text, old) {
		t.Fatalf("the case file has no %q:\n%s", old, text)
	}
	return []byte(strings.Replace(text, old, new, 1))
}

// smallCase is the plainest failover case, with one record left.
func smallCase() scenarios.Case {
	s, _ := scenarios.ByName("failover")
	c := s.Generate(plainest{})
	c.Records = c.Records[:1]
	c.Seed = rng.Seed(0x2a)
	return c
}

func TestParseCaseNamesThePlaceAndTheMend(t *testing.T) {
	for _, tc := range []struct{ old, new, want string }{
		{`"schema": 1`, `"schema": 2`, "case: schema: 2: this flinch reads version 1: run the flinch that wrote the case"},
		{`"schema": 1,`, ``, "case: schema: has no value: give it one"},
		{`"schema": 1,`, `"schema": 1,,`, "case: line 2, column 15: no JSON: invalid character ','"},
		{`"pace"`, `"pacee"`, "case: job.pacee: unknown field: want one of keys, partitions, "},
		{`"tuning"`, `"tunings"`, "case: tunings: unknown field: want one of schema, scenario, "},
		{`"pace": "200µs"`, `"pace": 12`, `case: job.pace: is a number: want a span of time such as "250ms"`},
		{`"pace": "200µs"`, `"pace": "soon"`, `case: job.pace: "soon": want a span of time such as 1.2s or 250ms`},
		{`"task_managers": 1`, `"task_managers": "1"`, "case: cluster.task_managers: is a string: want a whole number in the range of int"},
		{`"task_managers": 1`, `"task_managers": 0`, "case: cluster.task_managers: 0: want 1 to 64"},
		{`"partition":0`, `"partition":1`, "case: records[0].partition: 1: want 0 to 0"},
		{`"op":"value.get"`, `"op":"value.got"`, `case: records[0].ops[0][0].op: operation "value.got": want one of value.get, `},
		{`"op":"value.get"`, `"op":"list.merge"`, `case: records[0].ops[0][0]: list.merge: state 1 is of kind value: want an operation on that kind`},
		{`"op":"value.get"`, `"op":"value.get","namespace":1`, `case: records[0].ops[0][0]: value.get: namespace 1: want 0 to 0, the namespaces of state 1`},
		{`"op":"value.get"`, `"op":"value.get","sources":[0]`, `case: records[0].ops[0][0]: value.get: sources: want none, as only merges have some`},
		{`"shape":"int","register":true`, `"shape":"int","register":true,"default":[1]`, `case: job.operators[0][0].register: a register has one namespace and no default`},
		{`"shape":"int","register":true`, `"shape":"int","namespaces":5`, `case: job.operators[0][0].namespaces: 5: want 0 to 4`},
		{`"ops":[[`, `"ops":[[],[`, "case: records[0].ops: has 3 elements: want 2"},
		{`"faults": []`, `"faults": [{"kind":"rain"}]`, `case: faults: fault 0: field "kind": "rain" is not known`},
		{`"faults": []`, `"faults": [{"kind":"crash-at","machine":"task-manager-7","at":"1s"}]`, "case: faults[0]: crash-at: task-manager-7 is not there: the last one is task-manager-1"},
		{`"kind": "filesystem"`, `"kind": "floppy"`, `case: storage.kind: "floppy": want filesystem, job-manager-memory or object-store`},
	} {
		_, err := scenarios.ParseCase(edited(t, tc.old, tc.new))
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s instead of %s:\n got %v\nwant %s", tc.new, tc.old, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s instead of %s: more than one line: %v", tc.new, tc.old, err)
		}
	}
}

func TestCaseFileKeepsOneRecordOnALine(t *testing.T) {
	c := smallCase()
	data, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `    {"partition":0,"key":0,"ops":[[{"op":"value.get","state":1}],[{"op":"value.set","state":1,"args":[0]}]]}`
	if !strings.Contains(string(data), "\n"+want+"\n") {
		t.Errorf("no line\n%s\nin\n%s", want, data)
	}
}
