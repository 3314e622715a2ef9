package checks

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/model"
	"flinch/model/history"
)

func TestAGoodRunPassesEveryCheckAndEachHasSomethingToJudge(t *testing.T) {
	e := goodEvidence()
	e.Reference = goodEvidence()
	for _, v := range Judge(context.Background(), e) {
		if v.Outcome != Pass || v.Message != "" || v.Judged == 0 {
			t.Errorf("%s: %s, %d judged: %s %q", v.Check, v.Outcome, v.Judged, v.Message, v.Details)
		}
	}
	if v, found := First(Judge(context.Background(), e)); found {
		t.Errorf("First = %+v, want nothing", v)
	}
	if !Strict(e) {
		t.Error("the run is not strict")
	}
}

func TestChecksAreJudgedInTheirOrder(t *testing.T) {
	want := []string{"no-regress", "restored-state", "backends-agree", "needed-files", "exactly-once", "channel-state", "operator-state", "timers", "sink", "linearizable", "left-over-files", "progress"}
	var got []string
	for _, c := range All() {
		got = append(got, c.Name)
		if c.Guarantee == "" {
			t.Errorf("%s has no guarantee", c.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

func TestJudgingThatWasInterruptedIsNoPass(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if v, found := First(Judge(ctx, goodEvidence())); !found || v.Outcome != Unknown {
		t.Errorf("First = %+v", v)
	}
	if v := judgeLinearizable(ctx, goodEvidence()); v.Outcome != Unknown {
		t.Errorf("linearizable = %+v", v)
	}
}

func TestTheFirstFailureComesBeforeWhatIsUnknown(t *testing.T) {
	v, _ := First([]Verdict{{Check: "a"}, {Check: "b", Outcome: Unknown}, {Check: "c", Outcome: Fail}, {Check: "d", Outcome: Fail}})
	if v.Check != "c" {
		t.Errorf("First = %q, want c", v.Check)
	}
}

func TestTheEarliestFindingNamesTheVerdict(t *testing.T) {
	e := goodEvidence()
	e.Audits[2].drop(`last["a"]`)
	e.Audits[1].drop(`last["b"]`)
	e.Run.Unexpected = []history.Unexpected{{During: "restore", Text: "nil"}, {Step: 40, During: "snapshot 1", Text: "nil"}}
	v := judgeRestoredState(context.Background(), e)
	if v.Step != 40 || !strings.Contains(v.Message, "snapshot 1") {
		t.Errorf("step %d: %s", v.Step, v.Message)
	}
	if len(v.Details) != 3 || !strings.HasPrefix(v.Details[0], "also: ") {
		t.Errorf("details %q", v.Details)
	}
}

func TestRestoredStateCountsWhatItCompared(t *testing.T) {
	e := goodEvidence()
	want := int64(18) // answers
	for _, a := range e.Audits {
		want += int64(len(a.Keyed[0].Expected) + len(a.Keyed[0].Dumps)) // each dump read one absent key
	}
	if v := judgeRestoredState(context.Background(), e); v.Judged != want {
		t.Errorf("judged %d, want %d", v.Judged, want)
	}
}

type change struct {
	name   string
	change func(e *Evidence)
	want   string // in the message or a detail; "": it passes
}

// judgeChanged judges goodEvidence with one change by one check.
func judgeChanged(t *testing.T, check string, changes []change) {
	t.Helper()
	i := slices.IndexFunc(All(), func(c Check) bool { return c.Name == check })
	c := All()[i]
	for _, x := range changes {
		t.Run(x.name, func(t *testing.T) {
			e := goodEvidence()
			x.change(e)
			v := c.Judge(context.Background(), e)
			if x.want == "" {
				if v.Outcome != Pass {
					t.Errorf("%s: %s %q, want a pass", v.Outcome, v.Message, v.Details)
				}
				return
			}
			text := v.Message + "\n" + strings.Join(v.Details, "\n")
			if v.Outcome != Fail || !strings.Contains(text, x.want) || len(v.Details) > DetailsMax {
				t.Errorf("%s, want fail with %q:\n%s", v.Outcome, x.want, text)
			}
		})
	}
}

func TestNoRegress(t *testing.T) {
	second := func(e *Evidence) *history.Attempt { return &e.Run.Attempts[1] }
	lost := func(e *Evidence) {
		e.Facts.Durable = false
		second(e).Incarnation, second(e).Restored, second(e).Empty = 2, 0, "its metadata died with the job manager"
	}
	judgeChanged(t, "no-regress", []change{
		{"restored although nobody had observed it", func(e *Evidence) { e.Run.Checkpoints[0].Observed = 0 }, ""},
		{"newer became known by the restore itself", func(e *Evidence) {
			e.Run.Checkpoints = slices.Insert(e.Run.Checkpoints, 0, history.Checkpoint{ID: -1, Attempt: 1, Incarnation: 1, Triggered: 3, FullyAcked: 4, PublishIssued: 5})
			e.Run.Checkpoints[1].Observed, e.Run.Checkpoints[1].ObservedBy, second(e).Restored = 51, "restore", -1
		}, ""},
		{"restored with an unknown outcome", func(e *Evidence) { e.Run.Checkpoints[0].Published, e.Run.Checkpoints[0].Observed = 0, 0 }, ""},
		{"empty before anything completed", func(e *Evidence) { e.Run.Checkpoints[0].Observed, second(e).Restored = 0, 0 }, ""},
		{"older than what was observed", func(e *Evidence) {
			e.Run.Checkpoints[0].ID, second(e).Restored = 2, 1
			e.Run.Checkpoints[1].ID = 3
			e.Run.Checkpoints = slices.Insert(e.Run.Checkpoints, 0, history.Checkpoint{ID: 1, Attempt: 1, Incarnation: 1, Triggered: 3, FullyAcked: 4, PublishIssued: 5, Observed: 6})
		}, "although checkpoint 2 was known to be complete (notify)"},
		{"from nothing", func(e *Evidence) { second(e).Restored = 0 }, "Attempt 2 started from nothing although checkpoint 1"},
		{"from nothing, with a reason that does not count", func(e *Evidence) { second(e).Restored, second(e).Empty = 0, "because" }, "started from nothing"},
		{"lost by design", lost, ""},
		{"lost by design, but the job manager had lived on", func(e *Evidence) { lost(e); second(e).Incarnation = 1 }, "started from nothing"},
		{"lost by design without a word", func(e *Evidence) { lost(e); second(e).Empty = "" }, "did not say why"},
		{"never triggered", func(e *Evidence) { second(e).Restored = 7 }, "never been triggered"},
		{"triggered later", func(e *Evidence) { second(e).Restored = 2 }, "never been triggered"},
		{"an ack was missing", func(e *Evidence) { e.Run.Checkpoints[0].FullyAcked = 0 }, "not every subtask had acknowledged"},
		{"acknowledged too late", func(e *Evidence) { e.Run.Checkpoints[0].FullyAcked = 70 }, "not every subtask had acknowledged"},
		{"not published", func(e *Evidence) { e.Run.Checkpoints[0].PublishIssued = 0 }, "publishing had not begun"},
		{"of itself", func(e *Evidence) { e.Run.Checkpoints[0].Attempt = 2 }, "no predecessor"},
		{"an id twice", func(e *Evidence) { e.Run.Checkpoints[1].ID = 1 }, "id 1 was given to two"},
		{"ids that fall", func(e *Evidence) { e.Run.Checkpoints[1].Triggered = 5 }, "Checkpoint 1 was triggered after checkpoint 2"},
	})
}

func TestRestoredState(t *testing.T) {
	keyed := func(e *Evidence) *KeyedAudit { return &e.Audits[1].Keyed[0] }
	judgeChanged(t, "restored-state", []change{
		{"dumps in another order", func(e *Evidence) {
			slices.Reverse(keyed(e).Dumps)
			for _, d := range keyed(e).Dumps {
				slices.Reverse(d.Entries)
			}
		}, ""},
		{"an answer", func(e *Evidence) {
			e.Run.Mismatches = []history.Mismatch{{Step: 9, Operator: "count", Key: "a", Op: "value.get", Want: "found 2", Got: "absent", Checkpoint: 3}}
		}, `value.get under key "a" gave a wrong answer, after restoring checkpoint 3.`},
		{"an answer of state with a time to live", func(e *Evidence) {
			e.Run.Mismatches = []history.Mismatch{{Key: "a", Op: "value.get", Lifetime: 328}}
		}, `value.get under key "a" gave a wrong answer; what that state holds lives for 328 ms.`},
		{"an answer, as a row", func(e *Evidence) {
			e.Run.Mismatches = []history.Mismatch{{Key: "a", Op: "value.get", Want: "found 2", Got: "absent"}}
		}, `value.get["a"]  found 2 | absent`},
		{"an error", func(e *Evidence) {
			e.Run.Unexpected = []history.Unexpected{{During: "snapshot 1", Text: "no such file"}}
		}, "On job-manager, snapshot 1 failed, and no fault explains it: no such file."},
		{"a panic", func(e *Evidence) {
			e.Run.Unexpected = []history.Unexpected{{Panic: true, During: "restore", Text: "nil"}}
		}, "restore panicked: nil"},
		{"a lost entry", func(e *Evidence) { e.Audits[1].drop(`last["a"]`) }, "After restoring checkpoint 1 (parallelism 2 -> 3), key group 1 of operator count lost 1 entry."},
		{"a lost entry, as a row", func(e *Evidence) { e.Audits[1].drop(`last["a"]`) }, `- group 1  last["a"]  0 | missing`},
		{"a wrong value", func(e *Evidence) { e.Audits[1].change(`last["a"]`, 2) }, `~ group 1  last["a"]  0 | 2`},
		{"a wrong stamp", func(e *Evidence) { d, i := e.Audits[1].entry(`last["a"]`); d.Entries[i].Stamp = 5 }, `~ group 1  last["a"]  0 | 0 @5`},
		{"an entry too many", func(e *Evidence) {
			d, i := e.Audits[1].entry(`ledger["a"]{0}`)
			extra := d.Entries[i]
			extra.UserKey = string(model.AppendWords(nil, []int64{2}))
			d.Entries = slices.Insert(d.Entries, i+1, extra)
		}, `+ group 1  ledger["a"]{2}  absent | 1`},
		{"an entry twice", func(e *Evidence) {
			d, i := e.Audits[1].entry(`last["a"]`)
			d.Entries = slices.Insert(d.Entries, i, d.Entries[i])
		}, "holds 1 entry too many"},
		{"several groups", func(e *Evidence) {
			e.Audits[1].drop(`last["a"]`)
			e.Audits[1].change(`last["b"]`, 9)
			e.Audits[1].change(`last["c"]`, 9)
		}, "key groups of operator count lost 1 entry and hold 2 wrong values"},
		{"an entry in two dumps", func(e *Evidence) {
			d, i := e.Audits[1].entry(`last["a"]`)
			other := &keyed(e).Dumps[(d.Subtask+1)%3]
			other.Entries = append(other.Entries, d.Entries[i])
		}, "which does not own the group"},
		{"a range that is not due", func(e *Evidence) { keyed(e).Dumps[0].Last++ }, "subtask 0 of operator count was given key groups [0..3]"},
		{"a subtask without a dump", func(e *Evidence) { keyed(e).Dumps = keyed(e).Dumps[:2] }, "key groups of subtask 2 of operator count are in 0 dumps"},
		{"a subtask with two", func(e *Evidence) { keyed(e).Dumps = append(keyed(e).Dumps, keyed(e).Dumps[1]) }, "subtask 1 of operator count are in 2 dumps"},
		{"a subtask too many", func(e *Evidence) { keyed(e).Dumps = append(keyed(e).Dumps, history.Dump{Subtask: 3}) }, "does not exist"},
		{"a key that came back", func(e *Evidence) { keyed(e).Dumps[1].Ghosts = []string{"old"} }, "1 key of operator count came back in subtask 1"},
		{"a store of a live instance with a key group of others", func(e *Evidence) {
			e.Run.Foreign = []history.Foreign{{Step: 9, Attempt: 2, Operator: "count", Subtask: 1, First: 3, Last: 5, State: "last", Group: 6, Checkpoint: 1}}
		}, "After restoring checkpoint 1, the store of subtask 1 of operator count holds key group 6, outside [3..5]."},
		{"such a store, as a row", func(e *Evidence) {
			e.Run.Foreign = []history.Foreign{{Step: 9, Machine: history.FirstTaskManager, Attempt: 2, Subtask: 1, State: "last", Group: 6, Checkpoint: 1}}
		}, "+ task-manager-1, attempt 2, subtask 1  group 6 of last  absent | in the store"},
		{
			"a store of an auditor's instance with a key group of others", func(e *Evidence) { keyed(e).Dumps[1].Foreign = []string{"group 0 of last"} },
			"After restoring checkpoint 1 (parallelism 2 -> 3), the store of subtask 1 of operator count holds key groups outside [",
		},
		{"a dump that failed", func(e *Evidence) { keyed(e).Dumps[1].Error = "checksum" }, "subtask 1 of operator count could not be read: checksum"},
		{"at the end", func(e *Evidence) { e.Audits[2].drop(`last["a"]`) }, "In checkpoint 2, read back at the end (parallelism 3), key group"},
	})
}

func TestNeededFiles(t *testing.T) {
	judgeChanged(t, "needed-files", []change{
		{"removed", func(e *Evidence) {
			e.Run.Damages = []history.Damage{{Step: 7, Machine: history.Storage, Path: "shared/1", Op: "unlink", NeededBy: "pending checkpoint 4"}}
		}, "storage did unlink on shared/1, which pending checkpoint 4 needs."},
		{"missing", func(e *Evidence) { e.Run.FileChecks[0].Missing = true }, "chk-1/_metadata, which checkpoint 1 needs, is missing"},
		{"cut", func(e *Evidence) { e.Run.FileChecks[0].GotBytes = 3 }, "has 3 bytes, and its handle says 9"},
		{"other content", func(e *Evidence) { e.Run.FileChecks[1].GotSum = 3 }, "has checksum"},
		{"fewer retained than promised", func(e *Evidence) { e.Facts.Retained = 2 }, "In the end 0 checkpoints are retained, and 2 were to be."},
	})
}

func TestExactlyOnce(t *testing.T) {
	atLeastOnce := func(e *Evidence) { e.Facts.ExactlyOnce = false }
	judgeChanged(t, "exactly-once", []change{
		{"a record lost", func(e *Evidence) { e.Audits[1].dropEverywhere(`ledger["a"]{0}`) }, `- record 0  key "a"  partition 0 offset 0, before its barrier  applied 0 times, not 1 time`},
		{"a record twice", func(e *Evidence) { e.Audits[1].change(`ledger["a"]{0}`, 2) }, "applied 2 times, not 1 time"},
		{"a record beyond the barrier", func(e *Evidence) { e.Run.Checkpoints[0].Offsets[0] = 1 }, `+ record 1  key "b"  partition 0 offset 1, beyond its barrier  applied 1 time, not 0 times`},
		{"under another key", func(e *Evidence) { d, i := e.Audits[1].entry(`ledger["a"]{0}`); d.Entries[i].Key = "b" }, "where it does not belong"},
		{"the newest checkpoint lacks a record", func(e *Evidence) { e.Run.Checkpoints[1].Offsets[1] = 1; e.Audits[2].dropEverywhere(`ledger["c"]{5}`) }, "read to its end  applied 0 times"},
		{"it may, if the run did not come to its end", func(e *Evidence) {
			e.Run.Quiesce.Done, e.Facts.Pure = false, false
			e.Run.Checkpoints[1].Offsets[1] = 1
			e.Audits[2].dropEverywhere(`ledger["c"]{5}`)
		}, ""},
		{"a value that no records explain", func(e *Evidence) { e.Audits[1].change(`sum["a"]`, 77) }, "measured by its records, key group 1 of operator count holds 1 wrong value"},
		{"such a value where nothing is pure", func(e *Evidence) { e.Audits[1].change(`sum["a"]`, 77); e.Facts.Pure = false }, ""},
		{"a dump that failed, which another check reports", func(e *Evidence) {
			d, _ := e.Audits[1].entry(`ledger["a"]{0}`)
			d.Error, d.Entries = "checksum", nil
		}, ""},
		{"twice, at least once", func(e *Evidence) { atLeastOnce(e); e.Audits[1].change(`ledger["a"]{0}`, 2) }, ""},
		{"lost, at least once", func(e *Evidence) { atLeastOnce(e); e.Audits[1].drop(`ledger["a"]{0}`) }, "applied 0 times"},
		{"beyond the barrier but sent, at least once", func(e *Evidence) {
			atLeastOnce(e)
			e.Run.Checkpoints[0].Offsets, e.Run.Checkpoints[0].Sent = []int64{1, 1}, []int64{2, 1}
		}, ""},
		{"beyond what had been sent, at least once", func(e *Evidence) {
			atLeastOnce(e)
			e.Run.Checkpoints[0].Offsets, e.Run.Checkpoints[0].Sent = []int64{1, 1}, []int64{1, 1}
		}, "beyond its barrier"},
	})
}

func TestChannelState(t *testing.T) {
	channel := func(e *Evidence) *ChannelAudit { return &e.Audits[1].Channels[0] }
	judgeChanged(t, "channel-state", []change{
		{"a record is lost", func(e *Evidence) { channel(e).Got = []int32{3} }, "does not hold what was in flight"},
		{"a record is there twice", func(e *Evidence) { channel(e).Got = []int32{3, 5, 5} }, "does not hold what was in flight"},
		{"two records change places", func(e *Evidence) { channel(e).Got = []int32{5, 3} }, "does not hold what was in flight"},
		{"recovered records may come in any order", func(e *Evidence) { channel(e).From, channel(e).Got = -1, []int32{5, 3} }, ""},
		{"a stream is damaged", func(e *Evidence) { channel(e).Error = "no record of the job" }, "could not be read"},
	})
}

func TestExactlyOnceIsUndecidedWithoutItsEvidence(t *testing.T) {
	for name, change := range map[string]func(e *Evidence){
		"offsets": func(e *Evidence) { e.Run.Checkpoints[0].Offsets = nil },
		"audit":   func(e *Evidence) { e.Audits = e.Audits[:2] },
	} {
		e := goodEvidence()
		change(e)
		if v := judgeExactlyOnce(context.Background(), e); v.Outcome != Unknown {
			t.Errorf("without %s: %+v", name, v)
		}
	}
}

func TestOperatorState(t *testing.T) {
	kept := func(e *Evidence) *ListAudit { return &e.Audits[1].Lists[0] }
	dealt := func(e *Evidence) *ListAudit { return &e.Audits[1].Lists[1] }
	union := func(e *Evidence) *ListAudit { return &e.Audits[1].Lists[2] }
	copies := func(e *Evidence) *ListAudit { return &e.Audits[1].Lists[3] }
	judgeChanged(t, "operator-state", []change{
		{"union not sent though parallelism was unchanged", func(e *Evidence) { union(e).New = union(e).Old }, "union list seen of sink (2 -> 2 subtasks) was not given to subtask 0 whole"},
		{"union not in order", func(e *Evidence) { union(e).New[1] = []string{"y", "x"} }, "was not given to subtask 1 whole and in order"},
		{"no copy", func(e *Evidence) { copies(e).New[1] = nil }, "broadcast map rules of sink (3 -> 3 subtasks) did not come to subtask 1 as the copy that was due"},
		{"another's copy", func(e *Evidence) { copies(e).New[1] = []string{"x"} }, "did not come to subtask 1"},
		{"copy not kept", func(e *Evidence) { copies(e).Old[1] = []string{} }, "did not come to subtask 1"},
		{"changed though parallelism was not", func(e *Evidence) { kept(e).New = [][]string{{"p1", "p0"}} }, "list offsets of source (1 -> 1 subtasks) changed in subtask 0"},
		{"lost", func(e *Evidence) { dealt(e).New = [][]string{{"x"}, {"y"}, {}} }, "lost 1 element"},
		{"doubled", func(e *Evidence) { dealt(e).New = [][]string{{"x"}, {"y"}, {"y", "z"}} }, "gained 1 element"},
		{"exchanged", func(e *Evidence) { dealt(e).New = [][]string{{"x"}, {"y"}, {"y"}} }, "other elements"},
		{"not in order", func(e *Evidence) { dealt(e).New = [][]string{{"y"}, {"x"}, {"z"}} }, "not dealt in order"},
		{"uneven", func(e *Evidence) { dealt(e).New = [][]string{{"x", "y"}, {"z"}, {}} }, "dealt unevenly, 0 to 2 elements"},
		{"unreadable", func(e *Evidence) { dealt(e).Error = "short file" }, "could not be read: short file"},
	})
}

func TestSink(t *testing.T) {
	at := func(e *Evidence, i int) *history.Transaction { return &e.Run.Transactions[i] }
	// Where state dies with the job manager, attempt 2 begins a life of its own.
	secondLife := func(e *Evidence) {
		e.Facts.Durable = false
		e.Run.Attempts[1].Restored, e.Run.Attempts[1].Empty = 0, "by design"
		at(e, 2).Records = []int64{0, 1, 2, 3, 4, 5}
	}
	judgeChanged(t, "sink", []change{
		{"committed open", func(e *Evidence) { at(e, 1).Aborted, at(e, 1).Committed = 0, 30 }, "t2 of sink subtask 0 was committed while it was open"},
		{"committed unprepared", func(e *Evidence) { at(e, 0).Prepared = 0 }, "without being prepared"},
		{"committed and aborted", func(e *Evidence) { at(e, 0).Aborted = 30 }, "both committed and aborted"},
		{"committed for an older checkpoint", func(e *Evidence) { at(e, 2).CommittedFor = 1 }, "committed for checkpoint 1, and belongs to checkpoint 2"},
		{"committed before the last ack", func(e *Evidence) { at(e, 0).Committed = 19 }, "before every subtask had acknowledged"},
		{"committed before it was published", func(e *Evidence) { e.Run.Checkpoints[0].PublishIssued = 0 }, "before that was published"},
		{"rolled back", func(e *Evidence) {
			// Checkpoint 2 belongs to attempt 1, and attempt 2 was restored from 1.
			e.Run.Checkpoints[1].Attempt, at(e, 2).Attempt = 1, 1
		}, "what attempt 1 did up to checkpoint 2 was rolled back"},
		{"aborted though due", func(e *Evidence) { at(e, 0).Committed, at(e, 0).Aborted = 0, 30 }, "was aborted, and checkpoint 1, which is complete, needs it"},
		{"one id twice", func(e *Evidence) { at(e, 2).ID = "t1" }, "so was another one of that id"},
		{"a gap", func(e *Evidence) {
			at(e, 0).Attempt, at(e, 0).Committed = 2, 0
		}, "t1 of sink subtask 0 (checkpoint 1) was not committed when a later one, t3 (checkpoint 2), was"},
		{"a gap for a while", func(e *Evidence) {
			at(e, 0).Attempt, at(e, 0).Committed = 2, 100
		}, "t1 of sink subtask 0 (checkpoint 1) was not committed when"},
		{"no gap where successors commit", func(e *Evidence) {
			at(e, 0).Attempt, at(e, 0).Committed = 2, 100
			e.Run.Attempts[1].End = 98
		}, ""},
		{"no gap where it holds no records", func(e *Evidence) {
			e.Run.Transactions = append(e.Run.Transactions, history.Transaction{ID: "t0", Attempt: 2, Epoch: 1, Prepared: 5})
		}, ""},
		{"a record twice", func(e *Evidence) { at(e, 2).Records = []int64{2, 3, 5, 0} }, "holds record 0, which had been committed before"},
		{"a record twice, at least once", func(e *Evidence) { at(e, 2).Records = []int64{2, 3, 5, 0}; e.Facts.ExactlyOnce = false }, ""},
		{"a record that no source has", func(e *Evidence) { at(e, 2).Records = []int64{2, 3, 5, 6} }, "record 6, which no source has sent"},
		{"a record missing", func(e *Evidence) { at(e, 2).Records = []int64{2, 3} }, `- record 5  key "c"  partition 1 offset 1  committed | missing`},
		{"a record missing before the end", func(e *Evidence) { at(e, 2).Records = []int64{2, 3}; e.Run.Quiesce.Done = false }, ""},
		{"again in a second life", secondLife, ""},
		{"twice within a second life", func(e *Evidence) { secondLife(e); at(e, 2).Records = []int64{0, 1, 2, 3, 4, 5, 5} }, "holds record 5, which had been committed before"},
	})
}

func TestLeftOverFiles(t *testing.T) {
	leave := func(l history.Leftover) func(e *Evidence) {
		l.Path, l.Checkpoint, l.Created = "shared/7", 1, 12
		return func(e *Evidence) { e.Run.Leftovers = append(e.Run.Leftovers, l) }
	}
	judgeChanged(t, "left-over-files", []change{
		{"without an excuse", leave(history.Leftover{AckAccepted: 20, DeleteIssued: 0}), "1 file is left over that nobody needs and no fault excuses: shared/7 of checkpoint 1."},
		{"its writer died too late for an excuse", leave(history.Leftover{AckAccepted: 20, WriterDied: 30}), "shared/7"},
		{"a delete alone is none", leave(history.Leftover{DeleteIssued: 30}), "delete issued at step 30"},
		{"not drained", func(e *Evidence) { leave(history.Leftover{})(e); e.Run.Quiesce.Done = false }, ""},
		{"writer died", leave(history.Leftover{WriterDied: 30}), ""},
		{"message lost", leave(history.Leftover{MessageLost: 30}), ""},
		{"owner died", leave(history.Leftover{AckAccepted: 20, OwnerDied: 30}), ""},
		{"delete failed", leave(history.Leftover{DeleteIssued: 30, DeleteFailed: 30}), ""},
		{"delete undone", leave(history.Leftover{DeleteIssued: 30, Undone: 40}), ""},
		{"publishing unknown", leave(history.Leftover{PublishUnknown: 30}), ""},
	})
}

func TestExcusesAreCountedAndEndStrictness(t *testing.T) {
	e := goodEvidence()
	e.Run.Leftovers = append(e.Run.Leftovers, history.Leftover{DeleteFailed: 3}, history.Leftover{DeleteFailed: 4}, history.Leftover{})
	got := Excuses(e)
	if len(got) != 2 || got[ExcuseRetained] != 1 || got[ExcuseDeleteFailed] != 2 {
		t.Errorf("excuses %v", got)
	}
	if Strict(e) {
		t.Error("strict in spite of a failed delete")
	}
	e = goodEvidence()
	e.Run.Quiesce.LegalStop = "restarts exhausted"
	if Strict(e) {
		t.Error("strict in spite of a legal stop")
	}
}

func TestProgress(t *testing.T) {
	judgeChanged(t, "progress", []change{
		{"not done", func(e *Evidence) {
			e.Run.Quiesce.Done, e.Run.Quiesce.Pending = false, []string{"source 1 is at 1 of 2"}
		}, "Faults were over at 1s, and by 10s the job had not finished: source 1 is at 1 of 2."},
		{"not done, for a reason", func(e *Evidence) { e.Run.Quiesce.Done, e.Run.Quiesce.LegalStop = false, "restarts exhausted" }, ""},
		{"too late", func(e *Evidence) { e.Run.Quiesce.DoneAt = 11 * time.Second }, "after its deadline"},
		{"no checkpoint", func(e *Evidence) { e.Run.Quiesce.First = 0 }, "no checkpoint completed"},
		{"an old checkpoint", func(e *Evidence) { e.Run.Quiesce.First = 1 }, "triggered before faults were over"},
		{"an incomplete one", func(e *Evidence) { e.Run.Checkpoints[1].PublishIssued = 0 }, "never completed"},
		{"a late one", func(e *Evidence) { e.Run.Quiesce.FirstAt = 11 * time.Second }, "after the deadline"},
	})
	e := goodEvidence()
	e.Run.Quiesce = history.Quiesce{}
	if v := judgeProgress(context.Background(), e); v.Outcome != Unknown {
		t.Errorf("a run without an end: %+v", v)
	}
}
