package faults

import (
	"errors"
	"strconv"

	"flinch/model/history"
)

// checkNth tells whether a count that starts at 1 does so.
func checkNth(field string, n int) error {
	if n < 1 {
		return fieldError(field, "%d: want 1 or more", n)
	}
	return nil
}

// checkSpan tells whether a moment or a span lies in the future.
func checkSpan(field string, d Duration) error {
	if d < 0 {
		return fieldError(field, "%v: want 0 s or more", d)
	}
	return nil
}

// checkPhase tells whether a phase exists; nil is right.
func checkPhase(field string, p *history.Phase) error {
	if p != nil && *p >= history.PhaseCount {
		return fieldError(field, "there is no %v", *p)
	}
	return nil
}

// checkProcess tells whether a machine has a process that can die.
func checkProcess(field string, m history.Machine) error {
	if m == history.Storage {
		return fieldError(field, "%w", errors.New("storage runs no process of the job: it can only lose power"))
	}
	return nil
}

// ordinal prints 1 as "1st".
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// during prints an optional phase.
func during(p *history.Phase) string {
	if p == nil {
		return ""
	}
	return " while " + p.String()
}
