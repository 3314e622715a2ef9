package backendtest

// layoutRows are how Flink's two backends keep keyed state.
var layoutRows = []row{
	{
		id: "K17", says: "the layout of a key in an ordered store",
		tests: []string{"backends/kv.TestCompositeKeysHaveTheLayoutOfFlink", "backends/kv.TestCompositeKeysAreReadBackAndSortLikeTheirParts"},
	},
	{
		id: "K18", says: "the layout of a value in an ordered store",
		tests: []string{
			"backends/kv.TestValuesHaveTheLayoutOfFlink", "backends/kv.TestManyAppendsToOneListAreMerged",
			"backends/kv.TestTimersHaveTheLayoutOfFlink", "ListKeepsTheOrderOfAdding",
		},
	},
	{id: "K19", says: "each state has a column family", tests: []string{"backends/kv.TestEveryStateHasAFamilyOfItsOwn"}},
	{
		id: "K20", says: "the heap's table grows step by step",
		tests: []string{"backends/heap.TestSnapshotDuringRehashKeepsEveryEntry", "RangeNoticesChangesOfTheMap"},
	},
	{
		id: "K21", says: "a snapshot is of its moment, whatever changes, and any number may be open",
		tests: []string{
			"SnapshotHoldsTheMomentItWasTaken", "SnapshotsMayOverlap", "FailedSnapshotsLeaveNothing",
			"EachOperationOfASnapshotMayFail", "backends/heap.TestEverySnapshotIsReleased",
			"backends/heap.TestWriteReleasesEachKeyGroupAsSoonAsItIsWritten",
		},
	},
	{id: "K22", says: "the asynchronous phase has codecs of its own", tests: []string{"AsynchronousPhaseHasItsOwnCodec"}},
	{
		id: "K23", says: "keys, namespaces, user keys and elements may hold any bytes",
		tests: []string{"KeysAndElementsMayHoldAnyBytes", "backends.TestStringKeysArePrefixFreeAndNotEmpty"},
	},
}

// timerRows are timers.
var timerRows = []row{
	{
		id: "Q1", says: "a queue of timers is a set with an order",
		tests: []string{
			"TimersAreASet", "DeletingTheFirstTimerBringsTheNext", "TimersMayBeRegisteredWhilePolling",
			"TimersMayHaveAnyTime", "TimersRefuseForeignNamesAndPlaces", "QueuesAreApart", "EntriesReportsEveryKindOfStateAsEncoded",
		},
	},
	{
		id: "Q2", says: "the heap's queue; timers of one time have an order here",
		tests: []string{"TimersFireInOneOrderOverAllKeyGroups", "backends/heap.TestQueueHoldsWhatTheTablesHold"},
	},
	{
		id: "Q3", says: "the queue in an ordered store, and its cache",
		tests: []string{
			"TimersOfALongQueueKeepTheirOrder", "backends/kv.TestCachedTimersAreTheSetThatIsStored",
			"backends/kv.TestTimersHaveTheLayoutOfFlink", "backends/kv.TestTimersAreReadBackAndSortAsTheyFire",
		},
	},
	{id: "Q4", says: "the names of the queues", none: "whoever has a timer service names its queues; a backend takes any name"},
	{
		id: "Q5", says: "firing: all that is due, in order, and what callbacks ask for",
		tests: []string{"TimersMayBeRegisteredWhilePolling", "TimersFireInOneOrderOverAllKeyGroups"},
	},
	{
		id: "Q6", says: "timers are part of the keyed snapshot, by key group",
		tests: []string{"SnapshotHoldsTheTimersOfItsMoment", "TimersKeepTheirOrderAtAnotherParallelism", "QueuesThatAreNotRegisteredAreCarriedOn"},
	},
	{id: "Q7", says: "overdue timers fire after a restore", tests: []string{"TimersMayHaveAnyTime", "TimersKeepTheirOrderAtAnotherParallelism"}},
	{id: "Q8", says: "watermarks are not restored", none: "a backend knows no watermark: the job does"},
	{id: "Q9", says: "a barrier may come between two firings", tests: []string{"SnapshotHoldsTheTimersOfItsMoment"}},
}

// operatorRows are state without keys, which no backend of keyed state has.
var operatorRows = []row{
	{
		id: "O1", says: "three modes, each state has one",
		tests: []string{"backends/operator.TestOneNameHasOneMode", "backends/operator.TestEveryStateComesBack"},
	},
	{id: "O2", says: "lists are never null", tests: []string{"backends/operator.TestListRefusesNilAndIsNeverNil"}},
	{
		id: "O3", says: "the synchronous phase copies everything",
		tests: []string{
			"backends/operator.TestSnapshotHoldsTheListsOfItsMoment", "backends/operator.TestSnapshotHoldsTheMapOfItsMoment",
			"backends/operator.TestNothingAndEmptyListsNeedNoStream",
		},
	},
	{id: "O4", says: "restored lists are joined", tests: []string{"backends/operator.TestRedistributedElementsAreReadBack"}},
	{
		id: "O5", says: "split lists are dealt when the parallelism changes",
		tests: []string{"backends/operator.TestRedistributionIsFlinks", "backends/operator.TestEqualParallelismGivesEachItsOwn"},
	},
	{id: "O6", says: "union lists go to everyone", tests: []string{"backends/operator.TestUnionListsGoToEverySubtaskWhole"}},
	{id: "O7", says: "broadcast copies are dealt in turn", tests: []string{"backends/operator.TestBroadcastCopiesAreDealtInTurn"}},
	{id: "O8", says: "raw streams", none: "users write typed state alone: no stream is handed to them"},
}

// groupRows are key groups and rescaling.
var groupRows = []row{
	{id: "G1", says: "the key group of a key", tests: []string{"backends.TestHashesAreFlinks", "backends.TestKeyGroupsOfKeysAreFlinks"}},
	{id: "G2", says: "the subtask of a key group", tests: []string{"backends.TestRangesArePartitionsThatAgreeWithTheOwner"}},
	{id: "G3", says: "the key groups of a subtask", tests: []string{"backends.TestRangesAreFlinks"}},
	{id: "G4", says: "the number of key groups by default", tests: []string{"backends.TestRangesAreFlinks"}},
	{id: "G5", says: "ranges may be empty", tests: []string{"backends.TestRangeOfASubtaskWithoutGroupsIsEmpty"}},
	{id: "G6", says: "an offset for each key group", tests: []string{"FullSnapshotIsOneStreamWithOffsets", "SnapshotOfNothingRestores"}},
	{
		id: "G7", says: "handles are dealt by the ranges of their key groups",
		tests: []string{"RestoreKeepsOnlyOwnedKeyGroups", "ManyKeyGroupsRescale", "StateAndSnapshotsEqualTheModel"},
	},
	{
		id: "G8", says: "another number of key groups is refused",
		tests: []string{"ImpossibleRestoresAreRefused", "ImpossibleParamsAreRefused", "sim.TestAnotherMaxParallelismIsRefused"},
	},
	{
		id: "G9", says: "state that the job has no more: that of a state is carried on, that of an operator refused without leave",
		tests: []string{
			"UnregisteredStatesAreCarriedOn", "QueuesThatAreNotRegisteredAreCarriedOn", "sim/checkpoint.TestJobsThatDoNotFitAreToldWhyAndWhatToDo",
			"sim.TestStateOfAnOperatorThatTheJobHasNoMoreIsNotDroppedWithoutLeave", "sim.TestAddedOperatorStartsEmptyAndTheOtherIsRestoredInFull",
		},
	},
	{
		id: "G10", says: "what an incremental snapshot has of foreign key groups is clipped",
		tests: []string{
			"RestoreKeepsOnlyOwnedKeyGroups", "backends/kv.TestRestorePutsOnlyOwnedKeyGroupsIntoTheStore",
			"backends/kv.TestKeyGroupsOfOthersInTheStoreAreTold", "sim.TestStoresAreSearchedAfterRestoresThatClipThem",
			"backends/rocksdb.TestRescalesKeepTheStateAndNoForeignKey",
		},
	},
	{
		id: "G11", says: "many incremental snapshots become one store, without a history",
		tests: []string{
			"backends/rocksdb.TestRescaledInstanceSharesNothing", "backends/rocksdb.TestForeignKeysAreGoneAfterACompaction",
			"backends/rocksdb.TestRestoredInstanceBuildsOnWhatItWasRestoredFrom", "CheckpointsBuildOnConfirmedOnesAlone",
		},
	},
	{
		id: "G12", says: "many full snapshots become one by the names of their states",
		tests: []string{"RestoreMatchesStatesByNameNotById", "ManyKeyGroupsRescale", "backends/heap.TestRestoreMakesNoTablesForOtherKeyGroups"},
	},
}
