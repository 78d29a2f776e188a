package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// The keys that change the connection. What they ask for is done elsewhere and
// comes back as events; here is only what must be known before asking.

func (m *Model) doConnect() tea.Cmd {
	if m.current().Conn.Live() {
		m.say(styleMuted, "already connected"+m.keys.offer("; ", "reconnect", " drops the socket and dials again"))
		return nil
	}
	return m.ask("connecting", Controller.Connect)
}

func (m *Model) askDisconnect() tea.Cmd {
	if m.o.Controller == nil {
		return m.ask("disconnect", nil)
	}
	return m.confirm("Disconnect "+m.session+"?", "The socket is closed with 1000; nothing reconnects by itself.",
		func(m *Model) tea.Cmd { return m.ask("disconnecting", Controller.Disconnect) })
}

func (m *Model) doReconnect() tea.Cmd {
	again := func(m *Model) tea.Cmd { return m.ask("dialing now", Controller.Reconnect) }
	s := m.current()
	gone := s.Attempt.CloseIn != nil // and the client does not know (K1): there is nothing to drop
	if m.o.Controller == nil || !s.Conn.Live() || gone {
		return again(m)
	}
	word, _ := health(s, m.now)
	return m.confirm("Drop the socket and dial again?", "The connection is up: "+word+".", again)
}

func (m *Model) doRefresh() tea.Cmd {
	return m.ask("asking for a new token", Controller.RefreshToken)
}

func (m *Model) toggleNetwork() tea.Cmd {
	s := m.current()
	online := !s.Online
	switchIt := func(m *Model) tea.Cmd {
		return m.ask(either(online, "network is back", "network taken away"), func(c Controller, session string) error { return c.SetOnline(session, online) })
	}
	if !online && s.Conn.Live() && m.o.Controller != nil {
		return m.confirm("Take the network away?", "As if the device went offline."+m.keys.offer(" ", "network", " gives it back."), switchIt)
	}
	return switchIt(m)
}

func (m *Model) toggleBusy() tea.Cmd {
	on := !m.current().RejectWhenBusy
	return m.ask("reject when busy is "+either(on, "ON", "off"), func(c Controller, session string) error { return c.SetRejectWhenBusy(session, on) })
}

func (m *Model) togglePolicy() tea.Cmd {
	policy := timeline.PolicySteady
	if m.current().Policy == timeline.PolicySteady {
		policy = timeline.PolicySDK
	}
	return m.ask("policy "+string(policy), func(c Controller, session string) error { return c.SetPolicy(session, policy) })
}

func (m *Model) toggleWatchdog() tea.Cmd {
	lucky := true
	for _, s := range m.current().Switches {
		if s.Name == timeline.SwitchWatchdog {
			lucky = s.Value != "true"
		}
	}
	if !slices.ContainsFunc(m.current().Switches, func(s timeline.Switched) bool { return s.Name == timeline.SwitchWatchdog }) {
		lucky = false // the session starts on the lucky branch (K2)
	}
	word := "the session now notices a silent server, as few clients do"
	if !lucky {
		word = "the session is now deaf to a silent server, as most clients are"
	}
	return m.ask(word, func(c Controller, session string) error { return c.SetLuckyWatchdog(session, lucky) })
}

func (m *Model) doClearFaults() tea.Cmd {
	if len(m.state.ActiveFaults(m.now)) == 0 {
		m.say(styleMuted, "no fault is armed"+m.keys.offer("; ", "faults", " arms one"))
		return nil
	}
	return m.ask("faults cleared", Controller.ClearFaults)
}

// answerable are the rings that the user can answer.
func answerable(s timeline.Session) []timeline.Call {
	return slices.DeleteFunc(s.Ringing(), func(c timeline.Call) bool { return c.Outgoing || c.Ended })
}

// withRing does something about the ring, or about one of several, which it asks
// for.
func (m *Model) withRing(question string, do func(m *Model, cid string) tea.Cmd) tea.Cmd {
	rings := answerable(m.current())
	switch len(rings) {
	case 0:
		m.say(styleMuted, "nobody is ringing"+m.keys.offer("; ", "ring", " makes somebody ring"))
		return nil
	case 1:
		return do(m, rings[0].CID)
	}
	var items []item
	for _, c := range rings {
		items = append(items, item{text: c.CID, detail: "from " + c.Creator, run: func(m *Model) tea.Cmd { return do(m, c.CID) }})
	}
	return m.openPicker(modeMenu, newPicker(question, "", items))
}

func (m *Model) doAccept() tea.Cmd { return m.withRing("Accept which ring?", (*Model).acceptCall) }

func (m *Model) acceptCall(cid string) tea.Cmd {
	return m.ask("accepting "+cid, func(c Controller, session string) error { return c.Accept(session, cid) })
}

func (m *Model) stepSession(dir int) tea.Cmd {
	all := m.state.Sessions
	if len(all) < 2 {
		m.say(styleMuted, "there is one session"+m.keys.offer("; ", "sessions", " opens another"))
		return nil
	}
	i := slices.IndexFunc(all, func(s timeline.Session) bool { return s.Name == m.session })
	m.showSession(all[(i+dir+len(all))%len(all)].Name)
	return m.scan()
}

func (m *Model) toggleSound() tea.Cmd {
	m.sound = !m.sound
	m.say(styleMuted, "the busy tone's bell is "+onOff(m.sound))
	return nil
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	text := "the mouse is " + onOff(m.mouse)
	if m.mouse {
		text += "; dragging copies text, with shift it is the terminal's"
	}
	m.say(styleMuted, text)
	return nil
}

func onOff(on bool) string { return either(on, "on", "off") }

var themeNames = []string{"auto", "dark", "light", "contrast", "none"}

func (m *Model) nextTheme() tea.Cmd {
	i := slices.Index(themeNames, m.o.Theme)
	m.o.Theme = themeNames[(i+1)%len(themeNames)]
	m.o.NoColor = false
	m.restyle()
	m.say(styleMuted, "theme "+m.o.Theme)
	return m.askBackground()
}
