package storage

import (
	"context"
	"errors"
	"time"
)

// Verb is what a request to an object service does.
type Verb string

// The verbs. Objects are written whole and never changed in part: a PUT, or the
// COMPLETE of an upload in parts, is atomic and durable, and shows to everybody at
// once. Parts show to nobody.
const (
	VerbPut      Verb = "PUT"
	VerbGet      Verb = "GET"
	VerbList     Verb = "LIST"
	VerbDelete   Verb = "DELETE" // of what is not there: no error
	VerbBegin    Verb = "BEGIN"  // an upload in parts
	VerbPart     Verb = "PART"
	VerbComplete Verb = "COMPLETE"
	VerbAbort    Verb = "ABORT" // of an upload that is not there: no error
)

// Verbs are all verbs.
var Verbs = []Verb{VerbPut, VerbGet, VerbList, VerbDelete, VerbBegin, VerbPart, VerbComplete, VerbAbort}

// Request is one request to an object service.
type Request struct {
	Verb     Verb
	Key      string // of LIST: what the keys begin with
	Data     []byte // of PUT and PART
	IfAbsent bool   // PUT and COMPLETE refuse a key that is there, with fs.ErrExist
	Upload   string // of PART, COMPLETE and ABORT: what BEGIN returned
	Part     int    // of PART: its number, from 1; of COMPLETE: how many there are
}

// Response is what a request that succeeded brings.
type Response struct {
	Data   []byte   // of GET
	Keys   []string // of LIST, sorted
	Upload string   // of BEGIN
}

// ErrUnavailable is wrapped by errors of requests that may be repeated: the service
// failed or did not answer. Whether the request took effect is unknown.
var ErrUnavailable = errors.New("object service unavailable")

// ErrThrottled is wrapped by errors of requests that the service did not take: they
// may be repeated after a while.
var ErrThrottled = errors.New("object service asks to slow down")

// ObjectClient is one process' access to an object service.
type ObjectClient interface {
	// Do carries a request out. A missing key or upload is fs.ErrNotExist.
	Do(ctx context.Context, r Request) (Response, error)
	// Wait lets time pass before a request is repeated.
	Wait(ctx context.Context, d time.Duration) error
}
