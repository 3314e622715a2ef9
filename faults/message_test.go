package faults

import (
	"errors"
	"testing"
	"time"

	"flinch/model/history"

	"github.com/google/go-cmp/cmp"
)

// TestMessageFaultsStrikeTheirMessages: the nth of a kind and pair is struck, and
// no other one.
func TestMessageFaultsStrikeTheirMessages(t *testing.T) {
	jm, one, two := history.JobManager, history.TaskManager(0), history.TaskManager(1)
	ack := func(from history.Machine) Message {
		return Message{Kind: history.Ack, From: from, To: jm, Checkpoint: 3}
	}
	sent := []Message{ack(one), {Kind: history.Notify, From: jm, To: one}, ack(two), ack(one), ack(two), ack(one)}
	none, lost := Delivery{}, Delivery{Lost: true}
	doubled, late := Delivery{Copies: 2}, Delivery{Delay: time.Second}
	for _, test := range []struct {
		fault Fault
		want  []Delivery
	}{
		{MessageLost{Message: history.Ack, Nth: 2, Count: 1}, []Delivery{none, none, lost, none, none, none}},
		{MessageLost{Message: history.Ack, From: &one, Nth: 2, Count: 2}, []Delivery{none, none, none, lost, none, lost}},
		{MessageDuplicated{Message: history.Ack, From: &two, Nth: 2, Copies: 2}, []Delivery{none, none, none, none, doubled, none}},
		{MessageDelayed{Message: history.Notify, To: &one, Nth: 1, Delay: second}, []Delivery{none, late, none, none, none, none}},
		{MessageLost{Message: history.Notify, To: &two, Nth: 1, Count: 1}, []Delivery{none, none, none, none, none, none}},
	} {
		c := newFake(false)
		test.fault.Arm(c)
		var got []Delivery
		for _, m := range sent {
			got = append(got, c.send(m))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.fault, diff)
		}
	}
}

// TestPartitionCutsItsPairForItsTime: one way or both, and storage from whoever
// cannot reach it or hear its answer.
func TestPartitionCutsItsPairForItsTime(t *testing.T) {
	jm, one := history.JobManager, history.TaskManager(0)
	for _, both := range []bool{false, true} {
		c := newFake(false)
		Partition{From: jm, To: one, Both: both, At: second, Lasts: second}.Arm(c)
		for _, now := range []time.Duration{0, time.Second, 2 * time.Second} {
			c.advance(now)
			during := now == time.Second
			if got := c.send(Message{Kind: history.Deploy, From: jm, To: one}).Cut; got != during {
				t.Errorf("both %v, at %v: there: cut %v", both, now, got)
			}
			if got := c.send(Message{Kind: history.Ack, From: one, To: jm}).Cut; got != (during && both) {
				t.Errorf("both %v, at %v: back: cut %v", both, now, got)
			}
			if c.send(Message{Kind: history.Ack, From: history.TaskManager(1), To: jm}).Cut {
				t.Errorf("both %v, at %v: another pair is cut", both, now)
			}
		}
	}
	for _, there := range []bool{true, false} {
		c := newFake(false)
		p := Partition{From: one, To: history.Storage, At: 0, Lasts: second}
		if !there {
			p.From, p.To = p.To, p.From
		}
		p.Arm(c)
		c.advance(1)
		site := Site{Disk: history.Storage, Process: one}
		entry := c.ask(site, Op{Kind: OpWrite}).Err
		end := c.ask(site, Op{Kind: OpWrite, Done: true}).Err
		if (entry != nil) != there || (end != nil) == there {
			t.Errorf("there %v: entry %v, end %v: the request is lost, or its answer", there, entry, end)
		}
		if err := errors.Join(entry, end); !errors.Is(err, ErrInjected) {
			t.Errorf("%v is not injected", err)
		}
		if err := c.do(Site{Disk: one, Process: one}, Op{Kind: OpWrite}).Err; err != nil {
			t.Errorf("its own disk: %v", err)
		}
		if err := c.do(Site{Disk: history.Storage, Process: jm}, Op{Kind: OpWrite}).Err; err != nil {
			t.Errorf("another machine: %v", err)
		}
	}
}

// TestCommitsGoUnanswered: as many in a row as the fault says, with or without
// their effect.
func TestCommitsGoUnanswered(t *testing.T) {
	for _, before := range []bool{false, true} {
		c := newFake(false)
		CommitUnanswered{Nth: 2, Count: 2, Before: before}.Arm(c)
		var got []Answer
		for range 5 {
			var all Answer
			for _, fn := range c.commit {
				a, done := fn(Commit{})
				if all = a; done {
					c.commit = nil
				}
			}
			got = append(got, all)
		}
		lost := Answer{Lost: true, Undone: before}
		if diff := cmp.Diff([]Answer{{}, lost, lost, {}, {}}, got); diff != "" {
			t.Errorf("before %v: (-want +got)\n%s", before, diff)
		}
	}
}

// TestPartitionInPhaseCutsOffWhoEnters: the task manager that enters for the nth
// time, and no other one.
func TestPartitionInPhaseCutsOffWhoEnters(t *testing.T) {
	jm, one, two := history.JobManager, history.TaskManager(0), history.TaskManager(1)
	c := newFake(false)
	PartitionInPhase{Phase: history.Asynchronous, Nth: 2, Lasts: second}.Arm(c)
	cut := func(m history.Machine) bool { return c.send(Message{Kind: history.Ack, From: m, To: jm}).Cut }
	c.enter(one, history.Asynchronous)
	if cut(one) {
		t.Error("the first entry cuts")
	}
	c.enter(two, history.Asynchronous)
	if cut(one) || !cut(two) || !c.send(Message{Kind: history.Cancel, From: jm, To: two}).Cut {
		t.Error("want the second to enter cut off, and the first not")
	}
	c.advance(time.Second)
	if cut(two) {
		t.Error("it does not end")
	}
}
