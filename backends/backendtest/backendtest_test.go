package backendtest_test

import (
	"testing"

	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
)

func TestReferenceKeepsTheContract(t *testing.T) {
	backendtest.Run(t, reference.New(), nil)
}
