package pages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"flinch/model/history"
	"flinch/reports"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

// TestGoldenPictures draws findings that are given as JSON, and lists what stands
// where.
func TestGoldenPictures(t *testing.T) {
	datadriven.RunTest(t, "testdata/timeline.txt", func(t *testing.T, d *datadriven.TestData) string {
		var given struct {
			Steps  []reports.Step
			Run    history.Run
			Broken history.Step
		}
		decoder := json.NewDecoder(strings.NewReader(d.Input))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&given); err != nil {
			d.Fatalf(t, "%v", err)
		}
		for _, s := range given.Steps {
			given.Run.Events = append(given.Run.Events, history.Event{Step: s.Number, At: s.At, Machine: s.Machine, Fault: s.Fault, Text: s.Text})
		}
		return outline(newTimeline(told(&given.Run, given.Broken)))
	})
}

// told makes a finding of a narrated run.
func told(r *history.Run, broken history.Step) reports.Finding {
	return reports.Finding{
		Check: "check", Scenario: "scenario", Backend: "heap", Seed: "0x1", Fingerprint: "F-0000", Message: "It broke.", Replay: "flinch replay",
		Steps: reports.Steps(r.Events, broken), Picture: reports.NewPicture(r, broken),
	}
}

// outline lists a picture, lane by lane.
func outline(t *timeline) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d columns", len(t.columns))
	if t.broken >= 0 {
		fmt.Fprintf(&b, ", broken at step %d", t.columns[t.broken].step)
	}
	b.WriteByte('\n')
	for _, l := range t.lanes {
		fmt.Fprintf(&b, "lane %s\n", l.name)
		for _, v := range l.lives {
			fmt.Fprintf(&b, "  lives %d-%d\n", t.columns[v.first].step, t.columns[v.last].step)
		}
		for _, m := range l.marks {
			fmt.Fprintf(&b, "  mark %s [%s] at step %d\n", m.label, m.class, t.columns[m.column].step)
		}
		for _, x := range l.labels {
			fmt.Fprintf(&b, "  label %q %s\n", x.text, x.class)
		}
		for _, r := range l.rows {
			fmt.Fprintf(&b, "  row %s\n", r.name)
			for _, x := range r.bars {
				fmt.Fprintf(&b, "    %q [%s] %d-%d line %d%s\n", x.label, x.class, t.columns[x.first].step, t.columns[x.last].step, x.line, map[bool]string{true: " killed"}[x.killed])
			}
		}
	}
	for _, a := range t.arrows {
		fmt.Fprintf(&b, "arrow [%s] %s\n", a.class, a.text)
	}
	for _, c := range t.crashes {
		fmt.Fprintf(&b, "crash %s\n", c.text)
	}
	return b.String()
}

// drawnRun draws a run with anything in it.
func drawnRun(t *rapid.T) *history.Run {
	r := &history.Run{}
	machine := rapid.Custom(func(t *rapid.T) history.Machine { return history.Machine(rapid.IntRange(0, 4).Draw(t, "machine")) })
	word := rapid.SampledFrom([]string{
		"record 1 of partition 0", "", "is up", "takes its snapshot of checkpoint 7", "DAMAGE: x", "crash-at: at 7 s", "<b>&amp;",
		strings.Repeat("long ", 30), "\x00\x1b[31m\u202e",
	})
	steps := rapid.IntRange(1, 60).Draw(t, "steps")
	at := func(step int) time.Duration { return time.Duration(step) * time.Millisecond }
	for step := 1; step <= steps; step++ {
		for range rapid.IntRange(0, 2).Draw(t, "events") {
			r.Events = append(r.Events, history.Event{
				Step: int64(step), At: at(step), Machine: machine.Draw(t, "where"), Fault: rapid.IntRange(0, 4).Draw(t, "fault") == 0, Text: word.Draw(t, "text"),
			})
		}
	}
	until := func() (begin, end int64) {
		begin = rapid.Int64Range(1, int64(steps)).Draw(t, "begin")
		if end = rapid.Int64Range(begin-1, int64(steps)+3).Draw(t, "end"); end < begin {
			end = 0
		}
		return begin, end
	}
	for range rapid.IntRange(0, 30).Draw(t, "messages") {
		begin, end := until()
		m := history.Message{
			Kind: rapid.SampledFrom([]string{history.Barrier, history.Ack, "<script>"}).Draw(t, "kind"), From: machine.Draw(t, "from"), To: machine.Draw(t, "to"),
			Sender: rapid.SampledFrom([]string{"", "source 0", "chain 1"}).Draw(t, "sender"), Sent: begin, SentAt: at(int(begin)), EndAt: at(int(end)),
		}
		if rapid.Bool().Draw(t, "lost") {
			m.Lost = end
		} else {
			m.Arrived = end
		}
		r.Messages = append(r.Messages, m)
	}
	for range rapid.IntRange(0, 30).Draw(t, "spans") {
		begin, end := until()
		r.Spans = append(r.Spans, history.Span{
			Machine: machine.Draw(t, "of"), Task: rapid.SampledFrom([]string{"source 0", "chain 1", "clean-up"}).Draw(t, "task"), Begin: begin, End: end,
			Phase: history.Phase(rapid.IntRange(1, int(history.PhaseCount)-1).Draw(t, "phase")), Checkpoint: rapid.Int64Range(0, 3).Draw(t, "checkpoint"),
			Killed: rapid.Bool().Draw(t, "killed"), BeginAt: at(int(begin)), EndAt: at(int(end)),
		})
	}
	for id := range rapid.Int64Range(0, 4).Draw(t, "checkpoints") {
		begin, end := until()
		r.Checkpoints = append(r.Checkpoints, history.Checkpoint{ID: id, Triggered: begin, Observed: end})
		r.Attempts = append(r.Attempts, history.Attempt{Number: int(id), Begin: begin, End: end})
		r.Lives = append(r.Lives, history.Life{Machine: machine.Draw(t, "lives"), Begin: begin, End: end})
		r.Crashes = append(r.Crashes, history.Crash{Step: begin, Machine: machine.Draw(t, "crashes")})
	}
	return r
}

// box is a rectangle that something takes.
type box struct {
	what       string
	x, y, w, h int
}

func (b box) meets(o box) bool {
	return b.x < o.x+o.w && o.x < b.x+b.w && b.y < o.y+o.h && o.y < b.y+b.h
}

// boxes are all texts of a lane, and the bars and marks that they are on.
func (t *timeline) boxes(l *lane) []box {
	var all []box
	for _, x := range l.labels {
		all = append(all, box{"label " + x.text, x.x, x.y, x.w, labelH})
	}
	for _, m := range l.marks {
		all = append(all, box{"mark " + m.label, t.columns[m.column].x + m.dx - m.w/2, l.marksY - markH/2, m.w, markH})
	}
	for _, r := range l.rows {
		for _, b := range r.bars {
			all = append(all, box{"bar " + b.label, b.x, b.y, b.w, barH})
		}
	}
	return all
}

func TestNothingInAPictureOverlaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newTimeline(told(drawnRun(rt), rapid.Int64Range(0, 60).Draw(rt, "broken")))
		if p == nil {
			return
		}
		for _, l := range p.lanes {
			all := p.boxes(l)
			for i, b := range all {
				if b.x < 0 || b.x+b.w > p.width || b.y < l.y || b.y+b.h > l.y+l.h {
					rt.Fatalf("%s of lane %s leaves it: %+v", b.what, l.name, b)
				}
				for _, o := range all[:i] {
					if b.meets(o) {
						rt.Fatalf("%s and %s of lane %s overlap: %+v %+v", b.what, o.what, l.name, b, o)
					}
				}
			}
			for _, r := range l.rows {
				for _, b := range r.bars {
					if b.label != "" && textWidth(b.label, barSize)+barPad > b.w {
						rt.Fatalf("%q does not fit into a bar of %d", b.label, b.w)
					}
				}
			}
		}
	})
}

func TestArrowsBeginAndEndInTheLanesOfTheirMachines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newTimeline(told(drawnRun(rt), 0))
		if p == nil {
			return
		}
		if len(p.arrows) != len(p.picture.Run.Messages) {
			rt.Fatalf("%d arrows of %d messages", len(p.arrows), len(p.picture.Run.Messages))
		}
		for i, a := range p.arrows {
			m := p.picture.Run.Messages[i]
			from, to := p.lane(m.From), p.lane(m.To)
			if a.y1 < from.y || a.y1 > from.y+from.h || a.y2 < to.y || a.y2 > to.y+to.h {
				rt.Fatalf("%s leaves its lanes: from %d to %d", a.text, a.y1, a.y2)
			}
			if a.x1 > a.x2 || a.x1 < 0 || a.x2 > p.width {
				rt.Fatalf("%s goes from %d to %d in a picture of %d", a.text, a.x1, a.x2, p.width)
			}
		}
	})
}

// TestWidthOfTextIsNotTooSmall: DejaVu Sans is the widest font of the layout;
// its widths of these texts, in thousandths of the size, were measured.
func TestWidthOfTextIsNotTooSmall(t *testing.T) {
	for _, row := range []struct {
		text          string
		regular, bold int
	}{
		{"POWER LOSS (TRIGGERED)", 13_579, 15_029}, {"checkpoint 12", 7_068, 7_916}, {"www.mmm", 5_602, 6_213}, {"iiiillll", 2_223, 2_742}, {"0123456789", 6_362, 6_958},
	} {
		if got := textWidth(row.text, 1000); got < row.regular || got > row.regular*5/4 {
			t.Errorf("%q takes %d, want from %d to little more", row.text, got, row.regular)
		}
		if got := boldWidth(row.text, 1000); got < row.bold || got > row.bold*4/3 {
			t.Errorf("%q takes %d in bold, want from %d to little more", row.text, got, row.bold)
		}
	}
}

func TestLongFindingsAreCut(t *testing.T) {
	r := &history.Run{}
	for i := range 6000 {
		r.Events = append(r.Events, history.Event{Step: int64(i + 1), At: time.Duration(i) * time.Millisecond, Text: "misses task-manager-1"})
	}
	var out strings.Builder
	if err := WriteFinding(&out, told(r, 4000)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Drawn are steps 3851 to 4050 of 6000", "Steps 1750 to 4749 of 6000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(out.String(), `class="mark step`); n < 100 || n > 210 {
		t.Errorf("%d steps are drawn", n)
	}
}
