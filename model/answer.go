package model

import "fmt"

// AnswerText puts the answer of an operation into words, as reports have it:
// "absent", "found 7 9", "2 elements: 3 4", "yes". What has not the form of such
// an answer is shown as the words that it is.
func (k OpKind) AnswerText(answer []int64) string {
	if len(answer) == 0 {
		return "nothing"
	}
	first, rest := answer[0], answer[1:]
	switch k {
	case ValueGet, ValueBump, MapGet, MapBump, ReducingGet, AggregatingGet:
		switch {
		case first == -1 && len(rest) == 0:
			return "absent"
		case first == int64(len(rest)):
			return "found" + spread(rest)
		}
	case ListGet, ListBump:
		return numbered(first, "element", "elements") + listed(rest)
	case MapRange, MapEdit:
		if text, whole := entriesText(rest); whole {
			return numbered(first, "entry", "entries") + text
		}
	case ListKeys:
		return numbered(first, "key", "keys") + listed(rest)
	case ListPairs:
		return numbered(first, "pair", "pairs") + listed(rest)
	case MapContains, MapIsEmpty, TimerRegister, TimerDelete, AddNil:
		switch {
		case first == 0 && len(rest) == 0:
			return "no"
		case first == 1 && len(rest) == 0:
			return "yes"
		}
	}
	return fmt.Sprint(answer)
}

// numbered writes a number of things.
func numbered(n int64, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// listed writes the words of things behind their number.
func listed(words []int64) string {
	if len(words) == 0 {
		return ""
	}
	return ":" + spread(words)
}

// entriesText writes the entries of a map as "[3] 7 9, [4] 1", and tells whether
// the words are whole ones.
func entriesText(words []int64) (string, bool) {
	var text []byte
	for separator := ":"; len(words) > 0; separator = "," {
		if len(words) < 2 || words[1] < 0 || int64(len(words)-2) < words[1] {
			return "", false
		}
		end := 2 + words[1]
		text = fmt.Appendf(text, "%s [%d]%s", separator, words[0], spread(words[2:end]))
		words = words[end:]
	}
	return string(text), true
}

// spread writes words with a blank before each.
func spread(words []int64) string {
	var text []byte
	for _, w := range words {
		text = fmt.Appendf(text, " %d", w)
	}
	return string(text)
}
