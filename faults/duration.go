package faults

import (
	"fmt"
	"strconv"
	"time"
)

// Duration is a span of virtual time that reads and writes itself as "1.2s".
type Duration time.Duration

// String prints seconds with a unit, as "1.2 s".
func (d Duration) String() string {
	return strconv.FormatFloat(time.Duration(d).Seconds(), 'f', -1, 64) + " s"
}

// MarshalText writes the span as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q: want a span of time such as 1.2s or 250ms", text)
	}
	*d = Duration(parsed)
	return nil
}
