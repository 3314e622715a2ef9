package checks

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"flinch/model"
)

// count writes "1 entry", "2 entries".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes 1204 as "1,204".
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// list writes "a", "a and b", "a, b and c".
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// rescaled writes "parallelism 2" or "parallelism 2 -> 3".
func rescaled(from, to int) string {
	if from == to || from == 0 {
		return fmt.Sprintf("parallelism %d", to)
	}
	return fmt.Sprintf("parallelism %d -> %d", from, to)
}

// entryName writes where an entry is, as count["a"], or count["a"]{7} for a
// user key of a map, or count@1["a"] in a namespace.
func entryName(e *model.Entry) string {
	name := fmt.Sprintf("%s%s[%q]", e.State, namespaceText(e.Namespace), e.Key)
	if e.UserKey != "" {
		name += "{" + wordsText(e.UserKey) + "}"
	}
	if e.Index > 0 {
		name += fmt.Sprintf("[%d]", e.Index)
	}
	return name
}

// namespaceText writes a namespace by its number, as operations do, or by its name
// if it is none of the case; the first one goes without saying.
func namespaceText(name string) string {
	if name == "" {
		return ""
	}
	for i := range model.NamespacesMax {
		switch {
		case model.Namespace(i) != name:
		case i == 0:
			return ""
		default:
			return fmt.Sprintf("@%d", i)
		}
	}
	return fmt.Sprintf("@%q", name)
}

// wordsText writes canonical words as numbers, and what is none as it is.
func wordsText(words string) string {
	if words == "" || len(words)%8 != 0 {
		return strconv.Quote(words)
	}
	var b strings.Builder
	for i := 0; i < len(words); i += 8 {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, wordOf(words[i:i+8]))
	}
	return b.String()
}

// wordOf reads the first word of s; shorter ones are 0.
func wordOf(s string) int64 {
	if len(s) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64([]byte(s[:8])))
}
