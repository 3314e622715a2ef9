package sim_test

import (
	"context"
	"errors"

	"flinch/backends"
)

// Files that checkpoints need are watched, and compared with their handles; the
// others have to go.
var wrongFiles = []sense{
	{"a stream in the checkpoint's place is not handed over", calm, leaks(backends.Exclusive), []finding{{"left-over-files", "never acknowledged"}}},
	{"a stream in the shared place is not handed over", calm, leaks(backends.Shared), []finding{{"left-over-files", "/shared/"}}},
	{"the stream of the checkpoint before is discarded", calm, func() *crooked {
		return &crooked{snapshot: func(in *instance, _ backends.CheckpointID) error {
			return in.params.Storage.Discard(context.Background(), in.last.Stream)
		}}
	}, []finding{{"needed-files", " did unlink on "}}},
	{"the stream of the checkpoint before is handed over again", calm, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			if h := p.in.last; h.Checkpoint != 0 {
				return h, p.Discard()
			}
			return p.honest(ctx)
		}}
	}, []finding{{"needed-files", " did unlink on "}, {"restored-state", "In checkpoint"}}},
	{"streams are discarded once their checkpoint is complete", brief, func() *crooked {
		return &crooked{complete: func(in *instance, id backends.CheckpointID) error {
			if in.last.Checkpoint != id || in.params.Subtask != 0 {
				return nil
			}
			return in.params.Storage.Discard(context.Background(), in.last.Stream)
		}}
	}, []finding{{"needed-files", ` At "quiesce", `}, {"restored-state", "read back at the end (parallelism 2)"}}},
	{"a stream is discarded before it is handed over", calm, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			h, err := p.honest(ctx)
			return h, errors.Join(err, p.in.params.Storage.Discard(ctx, h.Stream))
		}}
	}, []finding{{"needed-files", `At "published"`}, {"restored-state", "could not be read"}}},
	{"a handle has another size", calm, mislabels(func(h *backends.StreamHandle) { h.SizeBytes++ }), []finding{
		{"needed-files", "and its handle says"}, {"restored-state", "could not be read"},
	}},
	{"a handle has another checksum", calm, mislabels(func(h *backends.StreamHandle) { h.Sum++ }), []finding{
		{"needed-files", " has checksum "}, {"restored-state", "could not be read"},
	}},
	{"a handle names another stream", calm, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			h, err := p.honest(ctx)
			if err != nil {
				return h, err
			}
			other, err := p.stray(ctx, backends.Exclusive)
			h.Stream.Path = other.Path
			return h, err
		}}
	}, []finding{{"needed-files", "and its handle says"}, {"left-over-files", "never acknowledged"}}},
}

// leaks makes backends that leave a stream behind with every snapshot.
func leaks(scope backends.Scope) func() *crooked {
	return func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			if _, err := p.stray(ctx, scope); err != nil {
				return backends.KeyedHandle{}, errors.Join(err, p.Discard())
			}
			return p.honest(ctx)
		}}
	}
}

// mislabels makes backends that hand over wrong handles.
func mislabels(change func(*backends.StreamHandle)) func() *crooked {
	return func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			h, err := p.honest(ctx)
			if err == nil {
				change(&h.Stream)
			}
			return h, err
		}}
	}
}
