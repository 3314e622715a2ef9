package reports

import "regexp"

// Incidental parts of a message, and what stands for them.
var incidental = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`"(?:[^"\\]|\\.)*"`), `""`},
	{regexp.MustCompile(`(?:/[\w.{}*-]+)+/?`), `/`},
	{regexp.MustCompile(`\b(?:0x)?[0-9a-f]*[0-9][0-9a-f]*(?:\.[0-9]+)?\b`), `#`},
	{regexp.MustCompile(`[0-9]+`), `#`},
	{regexp.MustCompile(`#(?:st|nd|rd|th)\b`), `#`},
	{regexp.MustCompile(`-?#(?:[ ,]+-?#)+`), `#`},
	{regexp.MustCompile(`(# \w+?)e?s\b`), `$1`},
}

// Normal returns a message without what differs between failures of one cause:
// numbers, paths, quoted names.
func Normal(message string) string {
	for _, part := range incidental {
		message = part.pattern.ReplaceAllString(message, part.by)
	}
	return message
}
