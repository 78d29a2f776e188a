package ui

import (
	"bytes"
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Look is what of the screen can change while it is open: a configuration file
// that is edited beside it shows at once.
type Look struct {
	// Theme is auto, dark, light, contrast or none. Empty means auto: by the
	// terminal's background.
	Theme string
	// ThemeFile is a file with colours for roles (see [CheckTheme]), which is read
	// again whenever it changes. Empty means none.
	ThemeFile string
	// ASCII draws walls and glyphs with ASCII characters only.
	ASCII bool
	// Mouse reports clicks and the wheel to the screen.
	Mouse bool
	// Sound plays the busy tone on the terminal bell.
	Sound bool
	// Keys gives actions other keys, by their IDs. An empty list takes an
	// action's keys away.
	Keys map[string][]string
}

// lookMsg is another look for the screen.
type lookMsg struct {
	look Look
	user *userTheme
	err  error // of the theme file
}

// themeMsg is a theme file that was read again.
type themeMsg struct {
	user *userTheme
	err  error
}

// onLook takes over what has changed in the configuration. What the user has
// switched by hand since then stays, unless it is that which was changed.
func (m *Model) onLook(msg lookMsg) tea.Cmd {
	last, next := m.look, msg.look
	m.look = next
	if keys, err := newKeymap(next.Keys); err == nil && !maps.EqualFunc(last.Keys, next.Keys, slices.Equal) {
		m.keys = keys.deny(m.o.Without)
	}
	if next.Mouse != last.Mouse {
		m.mouse = next.Mouse
	}
	if next.Sound != last.Sound {
		m.sound = next.Sound
	}
	if next.Theme != last.Theme {
		m.o.Theme = firstNonEmpty(next.Theme, "auto")
	}
	m.o.ASCII = next.ASCII
	if msg.err != nil {
		m.sayProblem(msg.err)
	} else {
		m.user = msg.user
	}
	m.restyle()
	m.rearrange()
	return m.askBackground()
}

// onTheme takes the new colours; a mistake in them leaves the old ones.
func (m *Model) onTheme(msg themeMsg) {
	if msg.err != nil {
		m.sayProblem(msg.err)
		return
	}
	m.user = msg.user
	m.restyle()
	m.say(styleMuted, "the theme file was read again")
}

// sayProblem shows the first line of an error that may have several.
func (m *Model) sayProblem(err error) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	m.say(styleBad, first)
}

// watchLook hands on the looks that come, and what the theme file of the last
// one says whenever that changes, until ctx ends.
func watchLook(ctx context.Context, look Look, looks <-chan Look, send func(tea.Msg)) {
	file := newThemeFile(look.ThemeFile)
	tick := time.NewTicker(themeFilePause)
	defer tick.Stop()
	for {
		ticks := tick.C
		if file.path == "" {
			ticks = nil
		}
		select {
		case <-ctx.Done():
			return
		case next, ok := <-looks:
			if !ok {
				looks = nil
				continue
			}
			msg := lookMsg{look: next}
			if file = newThemeFile(next.ThemeFile); file.path != "" {
				msg.user, msg.err = readTheme(file.path)
			}
			send(msg)
		case <-ticks:
			if data, changed := file.again(); changed {
				user, err := parseTheme(file.path, data)
				send(themeMsg{user, err})
			}
		}
	}
}

// themeFile is a theme file as it was seen last.
type themeFile struct {
	path string
	last os.FileInfo
	seen []byte
}

func newThemeFile(path string) *themeFile {
	f := &themeFile{path: path}
	if path != "" {
		f.last, _ = os.Stat(path)
		f.seen, _ = os.ReadFile(path)
	}
	return f
}

// again returns the contents of the file when they have changed. Editors replace
// files, so it is the contents that are compared.
func (f *themeFile) again() ([]byte, bool) {
	info, err := os.Stat(f.path)
	if err != nil || f.last != nil && info.ModTime().Equal(f.last.ModTime()) && info.Size() == f.last.Size() {
		return nil, false // while it is being replaced it is away for a moment
	}
	f.last = info
	data, err := os.ReadFile(f.path)
	if err != nil || bytes.Equal(data, f.seen) {
		return nil, false
	}
	f.seen = data
	return data, true
}
