package disk

import "testing"

func TestLockIsHeldByAProcessAndEndsWithIt(t *testing.T) {
	d := New(nil, Options{})
	unlock, err := d.Lock("/db/LOCK")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Atomic().Lock("db/LOCK"); err == nil {
		t.Error("the process has locked the name twice")
	}
	unlock()
	if _, err := d.Lock("/db/LOCK"); err != nil {
		t.Errorf("after it was given up: %v", err)
	}
	d.Detach()
	if _, err := d.View(nil).Lock("/db/LOCK"); err != nil {
		t.Errorf("the lock of a dead process is in the way of the next: %v", err)
	}
}
