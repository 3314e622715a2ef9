package backends

import "context"

// Runner runs do for 0 to n-1, several at a time, and returns when all have ended:
// nil, or the error of the lowest number that failed by itself. The context that do
// gets is cancelled with the first failure; what has not begun then does not begin.
// It is for transfers to and from checkpoint storage: they take turns, as everything
// does, but wait at the same time.
type Runner func(ctx context.Context, n int, do func(ctx context.Context, i int) error) error

// OneByOne is the Runner that runs one at a time.
func OneByOne(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	for i := range n {
		if err := do(ctx, i); err != nil {
			return err
		}
	}
	return nil
}
