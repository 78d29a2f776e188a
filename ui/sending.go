package ui

import (
	"encoding/json"
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// openSend asks for a frame to send by hand.
func (m *Model) openSend() tea.Cmd {
	if _, ok := m.o.Controller.(Sender); !ok {
		m.say(styleWarn, "this session takes no frames by hand")
		return nil
	}
	if !m.current().Conn.Live() {
		m.say(styleWarn, "there is no socket to send on"+m.keys.offer("; ", "connect", " connects"))
		return nil
	}
	return m.openPrompt(modeSend, `a text frame, such as [{"type":"health.check"}]`)
}

// askSend shows once more what would go out, as which session, before it does.
func (m *Model) askSend(text string) tea.Cmd {
	m.mode = modeNormal
	sender, ok := m.o.Controller.(Sender)
	if !ok || text == "" {
		return nil
	}
	detail := strconv.Itoa(len(text)) + " bytes go out as they are on the socket of " + m.session + ", and are marked in the record as yours: " + text
	if !json.Valid([]byte(text)) {
		detail = "This is not JSON; the server may close the socket. " + detail
	}
	return m.confirm("Send this frame?", detail, func(m *Model) tea.Cmd {
		return m.ask("sent "+sizeText(len(text))+" by hand", func(_ Controller, session string) error {
			return sender.SendFrame(session, text)
		})
	})
}
