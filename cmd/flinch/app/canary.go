package app

import (
	"fmt"
	"strings"

	"flinch/reports"
	"flinch/scenarios/explore"
)

// printCanary says what the run of a canary shows of the harness: it is undecided
// if a loss was planted and nothing was noticed.
func (a *app) printCanary(told *explore.Told, command string) error {
	word := "CANARY caught"
	_, failed := told.Summary.Broken()
	switch {
	case told.Summary.Lost:
		word = "CANARY lost"
	case told.Summary.Idle:
		word = "CANARY idle"
	case !failed:
		word, a.code = "UNDECIDED canary", reports.ExitUndecided
	}
	_, err := fmt.Fprintf(a.out, "%s   scenario %s   backend %s   seed %v\n  %s\n", word, told.Scenario, told.Backend, told.Seed, oneLine(told.Canary))
	if err != nil {
		return err
	}
	if word == "CANARY caught" {
		for _, row := range told.Finding.Differences {
			if !strings.HasPrefix(row, "also: ") {
				fmt.Fprintf(a.out, "    %s\n", oneLine(row))
			}
		}
		if n := told.Finding.DifferencesLeft; n > 0 {
			fmt.Fprintf(a.out, "    %s\n", reports.MoreRows(n))
		}
	}
	_, err = fmt.Fprintf(a.out, "  replay: %s\n", command)
	return err
}
