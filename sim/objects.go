package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"flinch/backends/storage"
	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"

	"github.com/cespare/xxhash/v2"
)

// The simulated object service keeps objects as files on the storage machine's
// disk, each written and made durable at one instant: nothing that happens there
// shows an object in part. A request is one operation to faults, crash points and
// the book of files: they see it when it comes and when it has had its effect.

const (
	requestsCounter  = "object_requests"
	multipartCounter = "multipart_uploads"
	lateCounter      = "late_requests"
	expiredUploads   = "multipart_parts_expired"
)

// uploadsRoot is where the parts of uploads are that are not complete.
const uploadsRoot = "/uploads"

// objects is one process' access to the service.
type objects struct {
	w    *world
	p    *process // nil: an auditor's, whom no fault strikes
	disk *disk.Disk
	hook disk.Hook
}

var _ storage.ObjectClient = (*objects)(nil)

// newObjects gives a process access, or with nil an auditor who looks at a clone.
func (w *world) newObjects(p *process, clone *disk.Disk) *objects {
	if p == nil {
		return &objects{w: w, disk: clone}
	}
	m := w.machines[history.Storage]
	return &objects{w: w, p: p, disk: m.disk, hook: p.hook(m)}
}

// Do implements storage.ObjectClient.
func (o *objects) Do(_ context.Context, r storage.Request) (storage.Response, error) {
	if o.p == nil {
		return o.serve(r)
	}
	o.w.count(requestsCounter, 1)
	op := operationOf(r)
	if out := o.hook(op); out.Err != nil {
		o.later(r, op, out.Late)
		return storage.Response{}, failedRequest(r, out.Err)
	}
	resp, err := o.serve(r)
	op.Done = true
	if out := o.hook(op); out.Err != nil {
		return storage.Response{}, failedRequest(r, out.Err)
	}
	return resp, err
}

// Wait implements storage.ObjectClient.
func (o *objects) Wait(_ context.Context, d time.Duration) error {
	if t := o.w.tasks[o.w.loop.Current()]; t != nil {
		t.pass(pointIO, d)
	}
	return nil
}

// operationOf is how a request shows to faults and to the book of files.
func operationOf(r storage.Request) faults.Op {
	op := faults.Op{Verb: string(r.Verb), Path: path.Clean(r.Key), Bytes: len(r.Data), Sum: xxhash.Sum64(r.Data)}
	switch r.Verb {
	case storage.VerbPut, storage.VerbComplete:
		op.Kind = faults.OpCreate
	case storage.VerbPart:
		op.Kind, op.Path = faults.OpCreate, partPath(r.Upload, r.Part)
	case storage.VerbGet:
		op.Kind = faults.OpRead
	case storage.VerbList:
		op.Kind = faults.OpList
	case storage.VerbBegin:
		op.Kind = faults.OpMkdir
	case storage.VerbDelete:
		op.Kind = faults.OpUnlink
	case storage.VerbAbort:
		op.Kind, op.Path = faults.OpUnlink, path.Join(uploadsRoot, r.Upload)
	}
	return op
}

// failedRequest is what the client sees of a request that failed. What a dead
// process or a full disk means, a repetition would not change.
func failedRequest(r storage.Request, err error) error {
	switch {
	case errors.Is(err, errDead) || errors.Is(err, disk.ErrDetached) || errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s %s: %w", r.Verb, r.Key, err)
	case errors.Is(err, faults.ErrThrottled):
		return fmt.Errorf("%s %s: %w: %w", r.Verb, r.Key, storage.ErrThrottled, err)
	}
	return fmt.Errorf("%s %s: %w: %w", r.Verb, r.Key, storage.ErrUnavailable, err)
}

// later lets a request that was not answered take effect after a while, whatever
// has become of who made it.
func (o *objects) later(r storage.Request, op faults.Op, after time.Duration) {
	if after <= 0 || !op.Kind.Mutates() {
		return
	}
	w := o.w
	site := faults.Site{Disk: history.Storage, Process: o.p.m.id}
	if t := w.tasks[w.loop.Current()]; t != nil {
		site.Phase, site.Checkpoint = t.phase, t.checkpoint
	}
	w.loop.After(after, func() {
		if !w.machines[history.Storage].up || o.refuses(r) != nil {
			return
		}
		w.files.before(site, op, faults.Outcome{})
		if _, err := o.serve(r); err != nil {
			return
		}
		w.note(pointIO, uint32(site.Process)<<8|uint32(site.Disk), hashOf(op.Path)^op.Sum, uint64(op.Kind)<<32|uint64(op.Bytes))
		w.count(lateCounter, 1)
		w.tell(history.Storage, site.Checkpoint, "a late %s of %s takes effect", op.Verb, op.Path)
		w.files.after(site, op, o.p)
		w.files.cameLate(op.Path)
	})
}

// cameLate notes that an object came when who asked for it knew nothing of it any
// more: a delete that was made meanwhile is undone.
func (l *fileLog) cameLate(name string) {
	if f := l.known[name]; f != nil {
		f.Undone = l.w.step()
	}
}

// expireUploads does what a rule of the service does with uploads that were never
// completed: their parts go after a while. What nobody was kept from aborting stays,
// to be judged.
func (w *world) expireUploads() {
	service := w.machines[history.Storage].disk
	var expired []string
	for part := range service.Files() {
		f := w.files.known[part.Path]
		excused := f == nil || f.WriterDied != 0 || f.DeleteFailed != 0 || f.Undone != 0
		if excused && strings.HasPrefix(part.Path, uploadsRoot+"/") {
			expired = append(expired, part.Path)
		}
	}
	for _, name := range expired {
		_ = service.Remove(name) // no fault strikes the service itself
		w.count(expiredUploads, 1)
	}
}

// refuses tells why a request cannot have an effect, if so.
func (o *objects) refuses(r storage.Request) error {
	if r.IfAbsent {
		if _, err := o.disk.File(r.Key); err == nil {
			return fmt.Errorf("%s %s: %w", r.Verb, r.Key, fs.ErrExist)
		}
	}
	if r.Verb == storage.VerbPart || r.Verb == storage.VerbComplete {
		if _, err := o.disk.Stat(path.Join(uploadsRoot, r.Upload)); err != nil {
			return fmt.Errorf("%s %s: upload %s: %w", r.Verb, r.Key, r.Upload, fs.ErrNotExist)
		}
	}
	return nil
}

// serve carries a request out.
func (o *objects) serve(r storage.Request) (resp storage.Response, err error) {
	if err := o.refuses(r); err != nil {
		return resp, err
	}
	switch r.Verb {
	case storage.VerbPut:
		err = o.put(r.Key, r.Data)
	case storage.VerbGet:
		resp.Data, err = storage.ReadFile(o.disk, r.Key)
	case storage.VerbList:
		for f := range o.disk.Files() {
			if strings.HasPrefix(f.Path, r.Key) {
				resp.Keys = append(resp.Keys, f.Path)
			}
		}
		slices.Sort(resp.Keys)
	case storage.VerbDelete:
		err = o.remove(r.Key)
	case storage.VerbBegin:
		o.w.count(multipartCounter, 1)
		resp.Upload = fmt.Sprintf("%s-%d", path.Base(r.Key), o.w.step())
		err = storage.MakeDirs(o.disk, path.Join(uploadsRoot, resp.Upload))
	case storage.VerbPart:
		err = o.put(partPath(r.Upload, r.Part), r.Data)
	case storage.VerbComplete:
		err = o.complete(r)
	case storage.VerbAbort:
		err = o.drop(r.Upload)
	}
	return resp, err
}

func partPath(upload string, part int) string {
	return path.Join(uploadsRoot, upload, fmt.Sprintf("%06d", part))
}

// put writes an object. Nobody looks before it is whole and durable.
func (o *objects) put(key string, data []byte) error {
	if err := storage.MakeDirs(o.disk, path.Dir(key)); err != nil {
		return err
	}
	if err := storage.WriteFile(o.disk, key, data); err != nil {
		return err
	}
	return o.disk.SyncDir(path.Dir(key))
}

// remove deletes an object, and the folder that it leaves empty: the service knows
// no folders.
func (o *objects) remove(key string) error {
	if err := o.disk.Remove(key); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	dir := path.Dir(key)
	if err := o.disk.SyncDir(dir); err != nil {
		return err
	}
	if o.disk.Remove(dir) == nil { // it fails while another object is in it
		return o.disk.SyncDir(path.Dir(dir))
	}
	return nil
}

// complete makes an object of the parts of an upload.
func (o *objects) complete(r storage.Request) error {
	var data []byte
	for part := range r.Part {
		piece, err := storage.ReadFile(o.disk, partPath(r.Upload, part+1))
		if err != nil {
			return fmt.Errorf("%s %s: %w", r.Verb, r.Key, err)
		}
		data = append(data, piece...)
	}
	if err := o.put(r.Key, data); err != nil {
		return err
	}
	return o.drop(r.Upload)
}

// drop removes an upload and its parts.
func (o *objects) drop(upload string) error {
	if err := o.disk.RemoveAll(path.Join(uploadsRoot, upload)); err != nil {
		return err
	}
	if err := storage.MakeDirs(o.disk, uploadsRoot); err != nil {
		return err
	}
	return o.disk.SyncDir(uploadsRoot)
}
