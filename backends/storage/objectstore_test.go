package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/backends"
)

// fakeService is an object service in a map. fate tells what becomes of the n-th
// request: an error before or after its effect.
type fakeService struct {
	objects  map[string][]byte
	uploads  map[string]map[int][]byte
	begun    int
	requests []Request
	fate     func(n int, r Request) (before, after error)
	waited   time.Duration
}

func newFakeService() *fakeService {
	return &fakeService{objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}}
}

func (f *fakeService) Wait(_ context.Context, d time.Duration) error {
	f.waited += d
	return nil
}

func (f *fakeService) Do(_ context.Context, r Request) (Response, error) {
	f.requests = append(f.requests, r)
	var before, after error
	if f.fate != nil {
		before, after = f.fate(len(f.requests), r)
	}
	if before != nil {
		return Response{}, before
	}
	resp, err := f.serve(r)
	if after != nil {
		return Response{}, after
	}
	return resp, err
}

func (f *fakeService) serve(r Request) (resp Response, err error) {
	if _, there := f.objects[r.Key]; r.IfAbsent && there {
		return resp, fs.ErrExist
	}
	parts, begun := f.uploads[r.Upload]
	switch r.Verb {
	case VerbPut:
		f.objects[r.Key] = bytes.Clone(r.Data)
	case VerbGet:
		data, there := f.objects[r.Key]
		if !there {
			return resp, fs.ErrNotExist
		}
		resp.Data = data
	case VerbDelete:
		delete(f.objects, r.Key)
	case VerbList:
		for _, key := range slices.Sorted(maps.Keys(f.objects)) {
			if strings.HasPrefix(key, r.Key) {
				resp.Keys = append(resp.Keys, key)
			}
		}
	case VerbBegin:
		f.begun++
		resp.Upload = fmt.Sprint("upload-", f.begun)
		f.uploads[resp.Upload] = map[int][]byte{}
	case VerbAbort:
		delete(f.uploads, r.Upload)
	case VerbPart, VerbComplete:
		if !begun {
			return resp, fs.ErrNotExist
		}
		if r.Verb == VerbPart {
			parts[r.Part] = bytes.Clone(r.Data)
			return resp, nil
		}
		var data []byte
		for part := range r.Part {
			data = append(data, parts[part+1]...)
		}
		f.objects[r.Key] = data
		delete(f.uploads, r.Upload)
	}
	return resp, nil
}

func newTestObjectStore(t testing.TB, f *fakeService, p ObjectStoreParams) *ObjectStore {
	t.Helper()
	p.Client, p.Root, p.JobID, p.Writer = f, "/root", "job", "w"
	o, err := NewObjectStore(p)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// lifecycle writes a whole object and one in parts, publishes, reads all of it back
// and drops what was written for another checkpoint.
func lifecycle(o *ObjectStore) error {
	ctx := context.Background()
	small, large := []byte("a few bytes"), bytes.Repeat([]byte("0123456789abcdef"), 20)
	var handles []backends.StreamHandle
	for id := range backends.CheckpointID(2) {
		for _, data := range [][]byte{small, large} {
			h, err := writeStream(o, id+1, backends.Exclusive, data[:5], data[5:])
			if err != nil {
				return err
			}
			handles = append(handles, h)
		}
	}
	metadata := Seal(MetadataKind, 1, []byte("where it is"))
	pointer, err := o.Publish(ctx, 2, metadata)
	if err != nil {
		return err
	}
	if err := errors.Join(o.Discard(ctx, handles[0]), o.DiscardCheckpoint(ctx, 1)); err != nil {
		return err
	}
	for i, want := range [][]byte{small, large} {
		if got, err := readStream(o, handles[2+i]); err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("stream %d: %q, %w", i, got, err)
		}
	}
	got, err := o.ReadMetadata(ctx, pointer)
	if err != nil || !bytes.Equal(got, metadata) {
		return fmt.Errorf("metadata %q, %w", got, err)
	}
	return nil
}

// TestRequestThatIsRepeatedHasTheSameOutcome fails each request of a lifecycle, up to
// as often as it is repeated, before its effect and after.
func TestRequestThatIsRepeatedHasTheSameOutcome(t *testing.T) {
	honest := newFakeService()
	if err := lifecycle(newTestObjectStore(t, honest, ObjectStoreParams{PartBytes: 64, Transfers: 2})); err != nil {
		t.Fatal(err)
	}
	if len(honest.objects) != 3 || len(honest.uploads) != 0 || len(honest.requests) < 20 {
		t.Fatalf("%d objects, %d uploads, %d requests", len(honest.objects), len(honest.uploads), len(honest.requests))
	}
	for _, cause := range []error{ErrUnavailable, ErrThrottled} {
		for at := range honest.requests {
			for times := range requestsMax - 1 {
				for _, after := range []bool{false, true} {
					f := newFakeService()
					f.fate = func(n int, _ Request) (error, error) {
						switch {
						case n < at+1 || n > at+1+times:
							return nil, nil
						case after && cause == ErrUnavailable:
							return nil, cause
						}
						return cause, nil
					}
					err := lifecycle(newTestObjectStore(t, f, ObjectStoreParams{PartBytes: 64, Transfers: 2}))
					what := fmt.Sprintf("request %d, %s, fails %d times (after its effect: %v)", at, honest.requests[at].Verb, times+1, after)
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
					if !maps.EqualFunc(f.objects, honest.objects, bytes.Equal) {
						t.Errorf("%s: objects %v, want %v", what, slices.Sorted(maps.Keys(f.objects)), slices.Sorted(maps.Keys(honest.objects)))
					}
					// A BEGIN that took effect unseen leaves an upload without parts.
					if len(f.uploads) > 0 && honest.requests[at].Verb != VerbBegin || f.waited == 0 {
						t.Errorf("%s: %d uploads left, waited %v", what, len(f.uploads), f.waited)
					}
				}
			}
		}
	}
}

// TestUploadThatIsGivenUpLeavesNothing: no object shows, and no part stays.
func TestUploadThatIsGivenUpLeavesNothing(t *testing.T) {
	for _, verb := range []Verb{VerbPut, VerbBegin, VerbPart, VerbComplete} {
		for _, after := range []bool{false, true} {
			for number := range 3 {
				f, failed := newFakeService(), 0
				f.fate = func(_ int, r Request) (error, error) {
					if r.Verb != verb || verb == VerbPart && r.Part != number+1 || failed == requestsMax {
						return nil, nil
					}
					failed++
					if after {
						return nil, ErrUnavailable
					}
					return ErrUnavailable, nil
				}
				o := newTestObjectStore(t, f, ObjectStoreParams{PartBytes: 64})
				data := bytes.Repeat([]byte("x"), 200)
				if verb == VerbPut {
					data = data[:50]
				}
				h, err := writeStream(o, 1, backends.Shared, data)
				what := fmt.Sprintf("%s %d (after its effect: %v)", verb, number+1, after)
				if failed != requestsMax {
					t.Fatalf("%s: failed %d times", what, failed)
				}
				// What was there before the service gave its last refusal is taken as done.
				if done := after && (verb == VerbPut || verb == VerbComplete); done {
					continue
				}
				if err == nil || !errors.Is(err, ErrUnavailable) || h.Path != "" {
					t.Errorf("%s: handle %+v, error %v", what, h, err)
				}
				if len(f.objects) > 0 || verb != VerbBegin && len(f.uploads) > 0 {
					t.Errorf("%s: %d objects and %d uploads are left", what, len(f.objects), len(f.uploads))
				}
			}
		}
	}
}

func TestMetadataIsPublishedOnceAndNeverReplaced(t *testing.T) {
	f := newFakeService()
	o := newTestObjectStore(t, f, ObjectStoreParams{})
	first, second := Seal(MetadataKind, 1, []byte("one")), Seal(MetadataKind, 1, []byte("two"))
	if _, err := o.Publish(t.Context(), 7, first); err != nil {
		t.Fatal(err)
	}
	for _, metadata := range [][]byte{first, second} {
		if _, err := o.Publish(t.Context(), 7, metadata); !errors.Is(err, fs.ErrExist) {
			t.Errorf("published again: %v", err)
		}
	}
	// A repeated request that finds another's metadata has not published.
	f.fate = func(n int, r Request) (error, error) {
		if r.Verb == VerbPut && n == len(f.requests) && f.requests[n-2].Verb != VerbPut {
			return ErrUnavailable, nil
		}
		return nil, nil
	}
	if _, err := o.Publish(t.Context(), 7, second); !errors.Is(err, fs.ErrExist) {
		t.Errorf("published over another's: %v", err)
	}
	if got, err := o.ReadMetadata(t.Context(), "/root/job/chk-7"); err != nil || !bytes.Equal(got, first) {
		t.Errorf("metadata %q, %v", got, err)
	}
}

func TestStreamsOfAnObjectStoreTravelAsTheirSizeSays(t *testing.T) {
	for _, tc := range []struct {
		bytes int
		verbs []Verb
	}{
		{0, nil},
		{16, nil},
		{17, []Verb{VerbPut}},
		{64, []Verb{VerbPut}},
		{65, []Verb{VerbBegin, VerbPart, VerbPart, VerbComplete}},
		{128, []Verb{VerbBegin, VerbPart, VerbPart, VerbComplete}},
	} {
		f := newFakeService()
		o := newTestObjectStore(t, f, ObjectStoreParams{PartBytes: 64, InlineThresholdBytes: 16})
		data := bytes.Repeat([]byte("y"), tc.bytes)
		h := mustWrite(t, o, backends.Shared, data)
		var verbs []Verb
		for _, r := range f.requests {
			verbs = append(verbs, r.Verb)
		}
		if !slices.Equal(verbs, tc.verbs) {
			t.Errorf("%d bytes: %v, want %v", tc.bytes, verbs, tc.verbs)
		}
		if got, err := readStream(o, h); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: read %d, %v", tc.bytes, len(got), err)
		}
	}
}

func TestDamagedObjectIsRefusedByName(t *testing.T) {
	f := newFakeService()
	o := newTestObjectStore(t, f, ObjectStoreParams{})
	h := mustWrite(t, o, backends.Exclusive, []byte("some bytes"))
	for name, damage := range map[string][]byte{"short": []byte("some byte"), "other": []byte("some bytez")} {
		f.objects[h.Path] = damage
		if _, err := readStream(o, h); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), h.Path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	delete(f.objects, h.Path)
	if _, err := readStream(o, h); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}
