package model

// BumpWordsMax is how many words a bump, a reduction or an aggregation lets a
// value of shape Ints, Cell or Text grow to.
const BumpWordsMax = 4

// Bump returns what a bump by x makes of the words of a value: absent (nil)
// becomes [x]; otherwise x is added to the first word and, below BumpWordsMax
// and for any shape but Int, appended. The result may share words' memory.
func Bump(shape Shape, words []int64, x int64) []int64 {
	if len(words) == 0 {
		return append(words, x)
	}
	words[0] += x
	if shape != Int && len(words) < BumpWordsMax {
		words = append(words, x)
	}
	return words
}

// Edit is what map.edit does with an entry.
type Edit uint8

// The edits.
const (
	Leave Edit = iota
	Remove
	Replace // by its Bump
	editCount
)

// EditOf returns what map.edit does with the i-th entry of a map (from 0), whose
// value begins with the given word.
func EditOf(i int, first int64) Edit { return Edit((uint64(i) + uint64(first)) % uint64(editCount)) }

// The functions of reducing and aggregating state tell the older of their
// arguments from the newer one, and a reduction from a merge of accumulators, so
// that whoever mixes them up gets another result. None changes its arguments.

// reduce is what reducing state makes of two values.
func reduce(a, b []int64) []int64 { return fold(31, a, b) }

// emptyAccumulator is what aggregating state begins with.
var emptyAccumulator = []int64{7}

// accumulate adds a word to an accumulator.
func accumulate(shape Shape, a []int64, x int64) []int64 {
	sum := append(make([]int64, 0, len(a)+1), a...)
	sum[0] = 31*a[0] + x
	if shape != Int && len(sum) < BumpWordsMax {
		sum = append(sum, x)
	}
	return sum
}

// mergeAccumulators makes one accumulator of two.
func mergeAccumulators(a, b []int64) []int64 { return fold(37, a, b) }

// fold weighs the first words, and joins the others as far as there is room.
func fold(weight int64, a, b []int64) []int64 {
	sum := make([]int64, 1, len(a)+len(b))
	sum[0] = weight*a[0] + b[0]
	sum = append(append(sum, a[1:]...), b[1:]...)
	return sum[:min(len(sum), BumpWordsMax)]
}

// appendResult appends the answer of aggregating state: the words of its
// accumulator in reverse, each doubled and one more.
func appendResult(answer, accumulator []int64) []int64 {
	answer = append(answer, int64(len(accumulator)))
	for i := len(accumulator) - 1; i >= 0; i-- {
		answer = append(answer, 2*accumulator[i]+1)
	}
	return answer
}

// An answer is a flat list of words, so that answers compare without decoding:
// a value is its length and its words (absent: -1); a list is its length and
// its elements; contains and is-empty are 0 or 1; a range is its length, then
// each user key with its value, in the byte order of encoded user keys (negative
// ones last); keys are their number, then each as an index into Schema.Keys, in
// the order of entries. Operations that only write answer nothing; bumps and
// edits answer what they found.

// AppendAnswer appends one value to an answer.
func AppendAnswer(answer, words []int64) []int64 {
	return append(append(answer, int64(len(words))), words...)
}

// AppendAbsent appends the mark of an absent value to an answer.
func AppendAbsent(answer []int64) []int64 { return append(answer, -1) }
