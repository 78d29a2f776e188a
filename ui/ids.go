package ui

import "strings"

// shortID keeps both ends of an identifier.
func shortID(id string) string {
	id = clean(id)
	if width(id) <= 13 {
		return id
	}
	r := []rune(id)
	return string(r[:6]) + "…" + string(r[len(r)-4:])
}

// shortCID keeps a call's type, and both ends of its id.
func shortCID(cid string) string {
	kind, id, ok := strings.Cut(cid, ":")
	if !ok {
		return shortID(cid)
	}
	return kind + ":" + shortID(id)
}

// uuidLength is that of 8-4-4-4-12 hexadecimal digits.
const uuidLength = 36

// shortUUIDs keeps both ends of every UUID in a text: a row has better use for
// its cells, and the whole one is a key away.
func shortUUIDs(s string) string {
	if len(s) < uuidLength {
		return s
	}
	var b strings.Builder
	from := 0
	for i := 0; i+uuidLength <= len(s); {
		dash := strings.IndexByte(s[i+8:], '-')
		if dash < 0 {
			break
		}
		i += dash
		if i+uuidLength <= len(s) && isUUID(s[i:i+uuidLength]) {
			b.WriteString(s[from : i+6])
			b.WriteString("…")
			b.WriteString(s[i+uuidLength-4 : i+uuidLength])
			i += uuidLength
			from = i
			continue
		}
		i++
	}
	if from == 0 {
		return s
	}
	b.WriteString(s[from:])
	return b.String()
}

func isUUID(s string) bool {
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			c := s[i] | 0x20
			if c < '0' || c > '9' && c < 'a' || c > 'f' {
				return false
			}
		}
	}
	return true
}
