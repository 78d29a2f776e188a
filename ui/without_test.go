package ui

import (
	"strings"
	"testing"

	"streamscope/logsink"
	"streamscope/timeline"
)

func TestWhatASourceDoesWithoutIsNotOffered(t *testing.T) {
	keys, err := newKeymap(nil)
	if err != nil {
		t.Fatal(err)
	}
	keys.deny(map[string]string{"connect": "the app does that"})
	if got := keys.key("connect"); got != "" {
		t.Errorf("no text names a key that does nothing: %q", got)
	}
	for _, h := range keys.hints(footerIDs(paneConnection, false), paneConnection) {
		if h.word == "connect" {
			t.Error("the footer does not offer it")
		}
	}
	m := New(Options{
		Timeline: timeline.NewStore(timeline.Options{}), Logs: logsink.NewStore(logsink.StoreConfig{}),
		Without: map[string]string{"connect": "the app does that"},
	})
	m.openPalette()
	for _, it := range m.picker.items {
		if it.text == "connect" {
			t.Error("the palette does not offer it")
		}
	}
	a, ok := m.keys.find("c", inConnection)
	if !ok {
		t.Fatal("the key is still known")
	}
	a.run(m)
	if !strings.Contains(m.toast.text, "connect: the app does that") {
		t.Errorf("who presses it is told why, got %q", m.toast.text)
	}
}
