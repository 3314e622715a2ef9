package backendtest

import "slices"

// row says how one row of the contract is kept. The contract is what Apache
// Flink's state backends do, in numbered rows: K keyed state, T time to live, Q
// timers, O operator state, G key groups and rescaling, S schema evolution.
// Either tests or none is there.
type row struct {
	id    string
	says  string   // in a few words
	tests []string // clauses of this suite, or "folder.Test" of another package
	none  string   // why it has no counterpart here
}

// rows is the whole table.
func rows() []row {
	return slices.Concat(keyedRows, queryRows, kindRows, layoutRows, ttlRows, timerRows, operatorRows, groupRows, evolutionRows)
}

// keyedRows are what all keyed state has in common.
var keyedRows = []row{
	{
		id: "K1", says: "an instance owns the key groups of one subtask",
		tests: []string{"ImpossibleParamsAreRefused", "KeysOfOtherSubtasksAreRefused"},
	},
	{
		id: "K2", says: "a key of a foreign group is refused, here at once",
		tests: []string{"KeysOfOtherSubtasksAreRefused", "EveryKindRefusesKeysAndNamespacesThatAreNone"},
	},
	{
		id: "K3", says: "nothing can be done without a key",
		tests: []string{"KeysOfOtherSubtasksAreRefused", "EveryKindRefusesKeysAndNamespacesThatAreNone"},
	},
	{
		id: "K4", says: "an entry has a key, a namespace, and in maps a user key; one name is one state",
		tests: []string{"OneNameIsOneState", "NamespacesAreApart", "KeysAndElementsMayHoldAnyBytes"},
	},
	{
		id: "K5", says: "a namespace is never nothing",
		tests: []string{"EmptyNamespacesAreRefused", "EveryKindRefusesKeysAndNamespacesThatAreNone", "TimersRefuseForeignNamesAndPlaces", "KeysOfAnEmptyNamespaceAreRefused"},
	},
	{
		id: "K6", says: "a state keeps its kind and codec, after a restore as well",
		tests: []string{
			"OneNameIsOneState", "EveryKindRefusesTheNameOfAnother", "EveryKindRefusesAnotherCodecAfterARestore",
			"RegistrationLeavesOpenSnapshotsAlone", "FunctionsAndDefaultsAreThoseOfTheFirstRegistration",
		},
	},
	{
		id: "K7", says: "the keys of a state in a namespace",
		tests: []string{
			"KeysListsEachKeyOnceInOrder", "KeysStopsWhenToldTo",
			"UnknownStatesAndTimersHaveNoKeys", "KeysOfStatesThatAreNotRegisteredAreListed",
		},
	},
	{id: "K8", says: "the keys and namespaces of a state", tests: []string{"KeysAndNamespacesListsEachPairOnceInOrder"}},
	{id: "K9", says: "a function for all keys", tests: []string{"ApplyToAllKeysVisitsTheKeysOfBefore"}},
	{id: "K10", says: "the number of entries", none: "a hook for Flink's own tests, which differs between its backends: here Entries tells all of them"},
	{
		id: "K11", says: "closing releases all, twice does no harm, and no checkpoint is deleted",
		tests: []string{
			"ClosedStateFails", "EveryKindFailsWhenClosed", "IteratorEndsWithTheState", "SnapshotIsWrittenOnce",
			"backends/rocksdb.TestManyInstancesLeaveNothing",
		},
	},
	{
		id: "K12", says: "what is read is lent, and may be changed in place if it is written back",
		tests: []string{
			"StateAndSnapshotsEqualTheModel", "SnapshotHoldsTheMomentItWasTaken",
			"FoldingInPlaceLeavesOpenSnapshotsAlone", "backends/heap.TestValuesAreLiveWhileNoSnapshotIsOpen",
		},
	},
	{id: "K13", says: "users see typed state", tests: []string{"TypedStatesStandOnTheRawOnes", "DefaultsAreCopies"}},
}

// kindRows are the five kinds of keyed state, and merging.
var kindRows = []row{
	{
		id: "ValueState", says: "a value, or a copy of the default",
		tests: []string{"DefaultsAreCopies", "DefaultsAreNoEntries", "NamespacesAreApart", "ClearOfNothingLeavesNothing"},
	},
	{
		id: "ListState", says: "elements in the order of adding, none of them null",
		tests: []string{"ListRefusesNilAndAddsNothing", "ListKeepsTheOrderOfAdding", "ClearOfNothingLeavesNothing"},
	},
	{
		id: "MapState", says: "a map, here in the order of the user keys, and its iterators",
		tests: []string{
			"MapWithoutUserKeysIsGone", "MapClearRemovesAllUserKeysOfOneKey",
			"RangeGoesInOrderUntilItIsStopped", "RangeNoticesChangesOfTheMap", "RangeAllowsAllElse",
			"IteratorGoesInOrderAndIsNowhereAtItsEnds", "IteratorRemovesAndReplaces", "IteratorWithoutAnEntryRefusesChanges",
			"IteratorRemovesTheLastEntryAndTheMap", "IteratorNoticesChangesOfTheMap", "IteratorStaysWithKeyAndNamespace",
			"IteratorChangesLeaveOpenSnapshotsAlone",
		},
	},
	{
		id: "ReducingState", says: "one value of all that is added; null, undefined in Flink, is refused",
		tests: []string{
			"ReducingFoldsTheOlderBeforeTheYounger", "FoldingRefusesNilAndChangesNothing",
			"FoldingGoesOnAfterARestore", "StatesWithoutTheirFunctionsAreRefused",
		},
	},
	{
		id: "AggregatingState", says: "the result of an accumulator that may change in place or not",
		tests: []string{
			"AggregatingAnswersWithItsResult", "FoldingRefusesNilAndChangesNothing",
			"FoldingGoesOnAfterARestore", "StatesWithoutTheirFunctionsAreRefused",
		},
	},
	{
		id: "K16", says: "namespaces are merged, here in one order on all backends",
		tests: []string{
			"MergeFoldsTheSourcesInOrderIntoTheTarget", "MergeLeavesTheTargetIfThereIsNothing",
			"MergeRefusesEmptyNamespacesAndChangesNothing", "MergeIsOfTheCurrentKeyAndKeepsTheNamespace",
			"MergeLeavesOpenSnapshotsAlone",
		},
	},
}
