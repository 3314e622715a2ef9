package backendtest_test

import (
	"testing"

	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
)

func TestReferenceKeepsTheContract(t *testing.T) {
	backendtest.Run(t, reference.New(), nil)
}

func TestTwoBackendsInLockStep(t *testing.T) {
	side := backendtest.Side{Backend: reference.New()}
	backendtest.Differential(t, side, side)
}
