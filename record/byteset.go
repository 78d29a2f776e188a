package record

// byteSet is a set of bytes, asked for every byte of every line: a table answers in
// a nanosecond, where the functions of the library make one for each call.
type byteSet [256]bool

func setOf(bytes string) *byteSet {
	var set byteSet
	for i := range len(bytes) {
		set[bytes[i]] = true
	}
	return &set
}

// printableBut is all of printable ASCII but for some.
func printableBut(bytes string) *byteSet {
	var set byteSet
	but := setOf(bytes)
	for b := byte(' '); b < 0x7f; b++ {
		set[b] = !but[b]
	}
	return &set
}

var (
	blanks   = setOf(" \t")
	blankBar = setOf(" \t|")
	gap      = setOf(" \t:|")          // between what stands in front of a message
	noWord   = setOf(" \t[](){}\"'=,") // in no name of a scope or a user

	// What a text in JSON can have without escapes: when it stands without its
	// quotation marks among attributes, and when it keeps them.
	bareBytes  = printableBut(` ="\`)
	plainBytes = printableBut(`"\`)
)

// index returns where the first byte of the set stands in a text, or -1.
func (set *byteSet) index(s string) int {
	for i := range len(s) {
		if set[s[i]] {
			return i
		}
	}
	return -1
}

// all reports whether a text has no other bytes.
func (set *byteSet) all(s string) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

// skip returns what comes after the bytes of the set at the front of a text.
func (set *byteSet) skip(s string) string {
	for i := range len(s) {
		if !set[s[i]] {
			return s[i:]
		}
	}
	return ""
}
