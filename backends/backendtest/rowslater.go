package backendtest

// queryRows are reads from outside of the task.
var queryRows = []row{
	{
		id: "K14", says: "state may be read from outside, where a backend can and the job asks; Flink forbids it beside a time to live",
		tests: []string{"QueriesTellWhatEntriesTell", "QueriesThatCannotBeAnsweredAreRefused", "backends/heap.TestQueriesThatCannotBeAnsweredAreErrors", "backends/ttl.TestQueryableStateHasNoTimeToLive"},
	},
	{
		id: "K15", says: "such reads disturb nobody",
		tests: []string{
			"QueriesLeaveTheTaskAlone", "backends/heap.TestQueriesSeeNothingThatTheTaskHasNotWrittenBack",
			"backends/heap.TestQueriesRunBesideTheTask",
		},
	},
}

// ttlRows are time to live, which package ttl gives to state on any backend.
var ttlRows = []row{
	{
		id: "T1", says: "a lifetime, an update type, a visibility, and what may be cleaned up",
		tests: []string{"backends/ttl.TestImpossibleConfigurationsAreRefused", "StateWithATimeToLiveEqualsTheModel"},
	},
	{
		id: "T2", says: "a stamp beside each value, element and map value",
		tests: []string{"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestEntriesOfStampedStateAreSplit", "backends/ttl.TestEachElementAndUserKeyHasAStampOfItsOwn"},
	},
	{
		id: "T3", says: "expired at stamp + lifetime, that moment included",
		tests: []string{"backends.TestExpiredIsSafeAgainstOverflow", "StateWithATimeToLiveEqualsTheModel"},
	},
	{
		id: "T4", says: "reading a value clears or stamps it",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestReadingClearsWhatHasExpired",
			"backends/ttl.TestDefaultsDoNotExpire",
		},
	},
	{
		id: "T5", says: "reading a list drops and stamps its elements",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestReadingSetsTheStampIfToldTo",
			"backends/ttl.TestReadingClearsWhatHasExpired",
		},
	},
	{
		id: "T6", says: "map entries expire one by one, and IsEmpty does not look",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestReadingSetsTheStampIfToldTo",
			"backends/ttl.TestReadingClearsWhatHasExpired",
		},
	},
	{
		id: "T7", says: "what has expired is absent from folds; here a merge keeps the stamp of the side that is left",
		tests: []string{"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestAddingToWhatHasExpiredBeginsAnew", "backends/ttl.TestMergingNamespacesLeavesOutWhatHasExpired"},
	},
	{
		id: "T8", says: "full snapshots may leave out what has expired",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestFullSnapshotsLeaveOutWhatNobodyWillRead", "backends/heap.TestFullSnapshotsLeaveOutWhatHadExpired",
			"backends/kv.TestFullSnapshotsLeaveOutWhatHadExpired", "backends/kv.TestSavepointsWithoutExpiredValuesAreEqualOnEveryBackend",
		},
	},
	{
		id: "T9", says: "accesses may drop what has expired elsewhere, on the heap",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/heap.TestAccessesDropWhatHasExpiredElsewhere", "backends/heap.TestCleanUpKeepsOpenSnapshotsAsTheyWere",
			"backends/ttl.TestAccessesToOneKeyDropWhatOthersLeftBehind",
		},
	},
	{
		id: "T10", says: "compactions may leave out what has expired, in RocksDB",
		tests: []string{
			"StateWithATimeToLiveEqualsTheModel", "backends/rocksdb.TestCompactionsLeaveOutWhatHasExpired", "backends/rocksdb.TestWhatIsReadDoesNotDependOnCompactions",
			"backends/kv.TestEngineIsAskedToLeaveOutOnlyWhatHasStamps",
		},
	},
	{
		id: "T11", says: "a time to live is given, taken and changed at a restore; Flink's heap refuses the first two",
		tests: []string{
			"backends/ttl.TestStateGetsATimeToLiveAtARestore", "backends/ttl.TestStateLosesItsTimeToLiveAtARestore",
			"backends/ttl.TestLifetimesMayChangeAtARestore", "backends/kv.TestTimeToLiveIsGivenAndTakenAwayAtARestore",
		},
	},
	{id: "T12", says: "the clock is not restored", tests: []string{"StateWithATimeToLiveEqualsTheModel", "backends/ttl.TestTimeGoesOnWhileTheJobIsDown"}},
}

// evolutionRows are schema evolution.
var evolutionRows = []row{
	{
		id: "S1", says: "as is, after migration, incompatible; codecs are made with their configuration, so none is reconfigured",
		tests: []string{
			"StateIsTakenOverAsItIs", "ListsAreTakenOverWhetherCodecsSayTheirLengthOrNot",
			"MigratedStateIsAsIfTheNewCodecHadWrittenIt", "MigratedStateRescales", "IncompatibleCodecsAreRefusedByName",
		},
	},
	{
		id: "S2", says: "a codec made of others is as compatible as they are; a simple one with itself",
		tests: []string{"EveryKindRefusesAnotherCodecAfterARestore", "backends/ttl.TestStampedStateEvolvesAsItsValuesDo"},
	},
	{
		id: "S3", says: "values of keyed state evolve; kinds, timers and keys do not; operator state does, keys of broadcast maps as well",
		tests: []string{
			"KindsNeverChange", "SnapshotsOfOtherKeysAreRefused", "MapsKeepTheTypeOfTheirUserKeys", "MigratedStateIsAsIfTheNewCodecHadWrittenIt",
			"backends/operator.TestOperatorStateIsTakenOverByOtherCodecs", "backends/operator.TestKeysOfBroadcastMapsEvolve",
			"backends/operator.TestIncompatibleCodecsOfOperatorStateChangeNothing",
			"backends/operator.TestOperatorStateNobodyRegistersKeepsItsCodec", "backends/operator.TestOperatorStateOfTwoCodecsIsNotJoined",
		},
	},
	{
		id: "S4", says: "when a restored state is registered first",
		tests: []string{"StatesEvolveWhenTheyAreRegisteredFirst", "StatesNobodyRegistersKeepTheirCodec", "MigratedStateIsSnapshottedUnderItsNewCodec", "PartsOfTwoCodecsAreNotJoined"},
	},
	{
		id: "S5", says: "a migration reads and writes all values, and leaves keys as they are",
		tests: []string{
			"MigratedStateIsAsIfTheNewCodecHadWrittenIt", "MigrationLeavesOpenSnapshotsAlone", "FailedMigrationChangesNothing",
			"backends/kv.TestMigrationIsOfAllValuesOrOfNone",
		},
	},
}
