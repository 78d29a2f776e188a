package ui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// field is a one-line text input. Its cursor is the terminal's own, so that it
// blinks without a message of ours.
type field struct {
	in     textinput.Model
	secret bool
}

func newField(placeholder string) field {
	in := textinput.New()
	in.Prompt = ""
	in.Placeholder = placeholder
	in.SetVirtualCursor(false)
	in.SetStyles(textinput.Styles{})
	in.Focus()
	return field{in: in}
}

func newSecretField(placeholder string) field {
	f := newField(placeholder)
	f.in.EchoMode = textinput.EchoPassword
	f.in.EchoCharacter = '*'
	f.secret = true
	return f
}

func (f *field) update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	f.in, cmd = f.in.Update(msg)
	return cmd
}

func (f *field) value() string { return f.in.Value() }

func (f *field) set(s string) {
	f.in.SetValue(s)
	f.in.CursorEnd()
}

// show returns what the field displays in w cells, and the column of the
// cursor in it.
func (f *field) show(w int) (text string, column int) {
	runes := []rune(f.in.Value())
	if f.secret {
		for i := range runes {
			runes[i] = '*'
		}
	}
	pos := min(f.in.Position(), len(runes))
	before := clean(string(runes[:pos]))
	from := 0
	for width(before[from:]) >= w && from < len(before) {
		from++
		for from < len(before) && before[from]&0xc0 == 0x80 {
			from++
		}
	}
	text = cut(before[from:]+clean(string(runes[pos:])), w, "")
	return text, width(before[from:])
}
