package ui

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// keyNames are the keys that have names, besides f1 to f20.
var keyNames = []string{
	"enter", "tab", "backspace", "esc", "space", "up", "down", "left", "right",
	"home", "end", "pgup", "pgdown", "insert", "delete",
}

// otherNames are what keys are called elsewhere.
var otherNames = map[string]string{
	"return": "enter", "escape": "esc", "pgdn": "pgdown", "pagedown": "pgdown", "pageup": "pgup",
	"del": "delete", "ins": "insert", "spacebar": "space", " ": "space", "bs": "backspace",
}

// sameBytes are keys that a terminal does not tell from others.
var sameBytes = map[string]string{"ctrl+m": "enter", "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "esc"}

// checkKey reports whether a key can be pressed under that name, and otherwise
// what to write.
func checkKey(key string) (hint string, ok bool) {
	if same, is := sameBytes[key]; is {
		return "terminals send the same for it as for " + same, false
	}
	name := key
	for _, modifier := range []string{"ctrl+", "alt+", "shift+"} { // in the order in which they are written
		if rest, cut := strings.CutPrefix(name, modifier); cut && rest != "" {
			name = rest
		}
	}
	named := slices.Contains(keyNames, name) || isFunctionKey(name)
	switch other, known := otherNames[strings.ToLower(name)]; {
	case named:
		return "", true
	case known:
		return "write " + strings.TrimSuffix(key, name) + other, false
	case utf8.RuneCountInString(name) != 1:
		return "write one character, ctrl+x, alt+x, f1 to f20, or one of " + strings.Join(keyNames, ", "), false
	case strings.HasSuffix(key, "shift+"+name):
		return "write the character that it makes, such as " + strings.ToUpper(name), false
	case strings.HasPrefix(key, "ctrl+") && strings.ToLower(name) != name:
		return "write " + strings.ToLower(key), false
	}
	return "", true
}

func isFunctionKey(name string) bool {
	digits, is := strings.CutPrefix(name, "f")
	n, err := strconv.Atoi(digits)
	return is && err == nil && n >= 1 && n <= 20
}
