package pages

import (
	"slices"

	"flinch/model/history"
	"flinch/reports"
)

// heatMap is kinds of faults against phases of a checkpoint's life.
type heatMap struct {
	Phases []string
	Rows   []heatRow
	More   int64 // kinds that the map leaves out
}

// heatRow is one kind of fault.
type heatRow struct {
	Fault string
	Cells []heatCell // one for each phase
	Total int64
}

// heatCell is a kind of fault in a phase.
type heatCell struct {
	Fired, Failing int64
	Level          int // of the colour scale: 0 is never reached
}

// heatScale has the smallest count of each level of the colour scale.
var heatScale = []int64{1, 10, 100, 1000, 10000}

// newHeatMap arranges a campaign's figures. Kinds that the campaign planned have
// a row even if they never fired.
func newHeatMap(c *reports.Campaign) heatMap {
	var m heatMap
	for p := range history.PhaseCount {
		m.Phases = append(m.Phases, p.String())
	}
	kinds := map[string]bool{}
	for kind := range c.FaultsFired {
		kinds[kind] = true
	}
	for _, row := range c.Heat {
		kinds[row.Fault] = true
	}
	crashed := kinds[reports.AnyCrash]
	delete(kinds, reports.AnyCrash)
	names := sorted(kinds)
	if n := len(names) - rowsMax; n > 0 {
		names, m.More = names[:rowsMax], int64(n)
	}
	if crashed {
		names = append(names, reports.AnyCrash)
	}
	for _, name := range names {
		m.Rows = append(m.Rows, newHeatRow(c, name))
	}
	return m
}

// newHeatRow fills in one kind. Its total is that of the campaign, which knows
// of faults without a phase, too.
func newHeatRow(c *reports.Campaign, fault string) heatRow {
	row := heatRow{Fault: fault, Cells: make([]heatCell, history.PhaseCount)}
	for _, h := range c.Heat {
		if h.Fault == fault && h.Phase < history.PhaseCount {
			row.Cells[h.Phase] = heatCell{Fired: h.Fired, Failing: h.Failing, Level: level(h.Fired)}
			row.Total += h.Fired
		}
	}
	row.Total = max(row.Total, c.FaultsFired[fault])
	return row
}

// level is where a count stands on the colour scale.
func level(n int64) int {
	at, found := slices.BinarySearch(heatScale, n)
	if found {
		at++
	}
	return at
}

// swatch explains one level of the colour scale.
type swatch struct {
	Level int
	Text  string
}

// Legend explains the levels that a map may have.
func (heatMap) Legend() []swatch {
	var list []swatch
	for i, from := range heatScale {
		text := reports.Grouped(from) + " or more"
		if i+1 < len(heatScale) {
			text = reports.Grouped(from) + "–" + reports.Grouped(heatScale[i+1]-1)
		}
		list = append(list, swatch{i + 1, text})
	}
	return list
}
