package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// requestsMax is how often a request is made: a service that fails for longer than
// the pauses between them declines the checkpoint.
const requestsMax = 5

// Pauses between repeated requests double from the one to the other.
const (
	pauseLeast     = time.Millisecond
	pauseThrottled = 4 * time.Millisecond
)

// do carries a request out, repeating it while the service is unavailable. repeated
// tells that an earlier one may have had the effect already.
func (o *ObjectStore) do(ctx context.Context, r Request) (resp Response, repeated bool, err error) {
	for n := range requestsMax {
		if err := ctx.Err(); err != nil {
			return Response{}, n > 0, err
		}
		resp, err = o.client.Do(ctx, r)
		pause := pauseLeast
		switch {
		case errors.Is(err, ErrThrottled):
			pause = pauseThrottled
		case !errors.Is(err, ErrUnavailable):
			return resp, n > 0, err
		}
		if n+1 == requestsMax {
			break
		}
		if err := o.client.Wait(ctx, pause<<n); err != nil {
			return Response{}, true, err
		}
	}
	return Response{}, true, fmt.Errorf("given up after %d requests: %w", requestsMax, err)
}

// create makes an object that must not be there yet. That it is there after a
// repeated request may be the work of the first: then its content tells.
func (o *ObjectStore) create(ctx context.Context, r Request, sum uint64) error {
	r.IfAbsent = true
	_, repeated, err := o.do(ctx, r)
	gone := r.Verb == VerbComplete && errors.Is(err, fs.ErrNotExist)
	if err == nil || !repeated || !gone && !errors.Is(err, fs.ErrExist) {
		return err
	}
	found, _, readErr := o.do(ctx, Request{Verb: VerbGet, Key: r.Key})
	if readErr != nil || sumOf(found.Data) != sum {
		return errors.Join(err, readErr)
	}
	return nil
}

// delete removes an object; one that is missing is fine.
func (o *ObjectStore) delete(ctx context.Context, key string) error {
	_, _, err := o.do(ctx, Request{Verb: VerbDelete, Key: key})
	return err
}

// get reads an object.
func (o *ObjectStore) get(ctx context.Context, key string) ([]byte, error) {
	resp, _, err := o.do(ctx, Request{Verb: VerbGet, Key: key})
	return bytes.Clone(resp.Data), err
}
