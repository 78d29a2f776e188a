package uitest

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

var namedKeys = map[string]rune{
	"tab": tea.KeyTab, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"delete": tea.KeyDelete, "f1": tea.KeyF1, "f2": tea.KeyF2,
}

// Key returns the message of a key that is written as Bubble Tea prints it:
// "x", "G", "tab", "shift+tab", "ctrl+p", "alt+3".
func Key(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for {
		rest, ok := modifier(name, &k.Mod)
		if !ok {
			break
		}
		name = rest
	}
	if code, ok := namedKeys[name]; ok {
		k.Code = code
		return k
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if name == "space" {
		k.Code = tea.KeySpace
		name = " "
	}
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

func modifier(name string, mod *tea.KeyMod) (rest string, ok bool) {
	for prefix, m := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
		if after, found := strings.CutPrefix(name, prefix); found && after != "" {
			*mod |= m
			return after, true
		}
	}
	return name, false
}
