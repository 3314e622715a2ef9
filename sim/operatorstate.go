package sim

import (
	"context"
	"fmt"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/checks"
	"flinch/model"
)

// operatorModes are the kinds of operator state that the job has.
var operatorModes = [...]model.Distribution{model.Split, model.Union, model.Broadcast}

// operatorCounter counts the operations on one kind of operator state, repeated
// ones too.
func operatorCounter(d model.Distribution) string { return "operator_" + d.String() }

// openOperatorState opens the operator state of a subtask. Whether it writes its
// snapshots compressed is drawn for each subtask of each attempt.
func (s *subtask) openOperatorState(kind actorKind, name string, restore []backends.OperatorHandle) (*operator.Backend, error) {
	compress := s.w.draw(actor(kind, s.launch.number, s.index, 0), purposeCompress, 1) == 1
	return operator.Open(s.ctx, operator.Params{
		Operator: name, Subtask: s.index, Streams: s.streams, Restore: restore, Compress: compress,
	})
}

// auditLists dumps all operator state of a checkpoint: that of the source first.
func (c *cut) auditLists(p parts, streams backends.CheckpointStreams) []checks.ListAudit {
	source := []checks.ListAudit{{State: offsetList, Mode: model.Split, Old: c.sources}}
	sink := []checks.ListAudit{
		{State: commitList, Mode: model.Split, Old: c.sinks},
		{State: seenList, Mode: model.Union, Old: c.seen},
		{State: ruleMap, Mode: model.Broadcast, Old: c.rules},
	}
	auditOperator(sourceName, source, p.sources, streams)
	auditOperator(sinkName, sink, p.sinks, streams)
	return append(source, sink...)
}

// auditOperator fills in what each new subtask of an operator was dealt.
func auditOperator(name string, audits []checks.ListAudit, dealt [][]backends.OperatorHandle, streams backends.CheckpointStreams) {
	for i := range audits {
		audits[i].Operator = name
	}
	for subtask, handles := range dealt {
		states, err := dumpOperator(operator.Params{Operator: name, Subtask: subtask, Streams: streams, Restore: handles})
		for i := range audits {
			a := &audits[i]
			switch {
			case a.Error != "":
			case err != nil:
				a.Error = fmt.Sprintf("subtask %d of %s: %v", subtask, name, err)
			default:
				a.New = append(a.New, dumpedState(states, a))
			}
		}
	}
}

func dumpOperator(p operator.Params) ([]operator.State, error) {
	b, err := operator.Open(context.Background(), p)
	if err != nil {
		return nil, err
	}
	return b.Dump()
}

// dumpedState returns the elements of one state, as the harness freezes them.
func dumpedState(states []operator.State, a *checks.ListAudit) []string {
	for _, s := range states {
		if s.Name != a.State {
			continue
		}
		elements := make([]string, len(s.Elements))
		for i, e := range s.Elements {
			elements[i] = string(e)
			if a.Mode == model.Broadcast {
				elements[i] = s.Keys[i] + elements[i]
			}
		}
		return elements
	}
	return nil
}

// encodePairs encodes a list of elements.
func encodePairs(list []pair) []string {
	encoded := make([]string, len(list))
	for i, e := range list {
		encoded[i] = encodePair(e)
	}
	return encoded
}
