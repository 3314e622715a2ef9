package backends

// ReducingState folds what is added into one value of type T, for each key and
// namespace. What Get returns is lent until the next call, as RawValue says.
type ReducingState[T any] struct{ raw RawMerging }

// Reducer is how a reducing state writes its value and makes one of two.
type Reducer[T any] struct {
	Codec  TypedCodec[T]
	Reduce func(a, b T) T // the older first; either may be changed in place and returned
}

// NewReducingState returns the reducing state of that name, registering it on
// first use.
func NewReducingState[T any](k Keyed, name string, r Reducer[T]) (ReducingState[T], error) {
	raw, err := k.Reducing(Descriptor{
		Name: name, Kind: ReducingKind, Value: r.Codec.Codec(),
		Reduce: func(a, b any) any { return r.Reduce(a.(T), b.(T)) },
	})
	return ReducingState[T]{raw: raw}, err
}

// SetNamespace chooses the namespace of the calls that follow.
func (s ReducingState[T]) SetNamespace(ns string) { s.raw.SetNamespace(ns) }

// Get returns the value, or false if nothing was added.
func (s ReducingState[T]) Get() (T, bool, error) { return typed[T](s.raw.Get()) }

// Add folds v in and takes ownership of it.
func (s ReducingState[T]) Add(v T) error { return s.raw.Add(v) }

// Clear removes the value.
func (s ReducingState[T]) Clear() error { return s.raw.Clear() }

// MergeNamespaces folds the sources' values into the target's: see RawMerging.
func (s ReducingState[T]) MergeNamespaces(target string, sources []string) error {
	return s.raw.MergeNamespaces(target, sources)
}

// AggregatingState folds values of type In into an accumulator, for each key and
// namespace, and answers with what results from it.
type AggregatingState[In, Out any] struct{ raw RawMerging }

// Aggregator is how an aggregating state writes its accumulators, and what it does
// with them: see Aggregate for what each function may change.
type Aggregator[In, Acc, Out any] struct {
	Codec  TypedCodec[Acc]
	Create func() Acc
	Add    func(accumulator Acc, v In) Acc
	Merge  func(a, b Acc) Acc // the older first
	Result func(accumulator Acc) Out
}

// NewAggregatingState returns the aggregating state of that name, registering it
// on first use.
func NewAggregatingState[In, Acc, Out any](k Keyed, name string, a Aggregator[In, Acc, Out]) (AggregatingState[In, Out], error) {
	raw, err := k.Aggregating(Descriptor{
		Name: name, Kind: AggregatingKind, Value: a.Codec.Codec(),
		Aggregate: &Aggregate{
			Create: func() any { return a.Create() },
			Add:    func(accumulator, v any) any { return a.Add(accumulator.(Acc), v.(In)) },
			Merge:  func(x, y any) any { return a.Merge(x.(Acc), y.(Acc)) },
			Result: func(accumulator any) any { return a.Result(accumulator.(Acc)) },
		},
	})
	return AggregatingState[In, Out]{raw: raw}, err
}

// SetNamespace chooses the namespace of the calls that follow.
func (s AggregatingState[In, Out]) SetNamespace(ns string) { s.raw.SetNamespace(ns) }

// Get returns the result of what was added, or false if nothing was.
func (s AggregatingState[In, Out]) Get() (Out, bool, error) { return typed[Out](s.raw.Get()) }

// Add folds v into the accumulator and takes ownership of it.
func (s AggregatingState[In, Out]) Add(v In) error { return s.raw.Add(v) }

// Clear removes the accumulator.
func (s AggregatingState[In, Out]) Clear() error { return s.raw.Clear() }

// MergeNamespaces folds the sources' accumulators into the target's: see
// RawMerging.
func (s AggregatingState[In, Out]) MergeNamespaces(target string, sources []string) error {
	return s.raw.MergeNamespaces(target, sources)
}
