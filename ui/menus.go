package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// openPicker puts a menu on the screen.
func (m *Model) openPicker(mode mode, p *picker) tea.Cmd {
	m.closeOverlay()
	m.toast = toast{}
	m.mode, m.picker = mode, p
	return nil
}

// actionItem is an action as a line of the help or the palette.
func (m *Model) actionItem(a action) item {
	return item{
		key: a.keyList(), text: a.title, detail: a.help, group: a.group,
		run: func(m *Model) tea.Cmd { return tea.Batch(a.run(m), m.tried(a.id)) },
	}
}

// openHelp lists the keys that are in force in the focused pane.
func (m *Model) openHelp() tea.Cmd {
	place := m.place()
	var items []item
	for _, a := range m.keys.actions {
		if a.where&place == 0 || len(a.keys) == 0 || !m.useful(a) {
			continue
		}
		items = append(items, m.actionItem(a))
	}
	slices.SortStableFunc(items, func(a, b item) int { return groupOrder(a.group) - groupOrder(b.group) })
	p := newPicker("Keys · "+m.focus.String(), "type to find a key; enter runs it", items)
	p.grouped = true
	return m.openPicker(modeHelp, p)
}

// useful reports whether an action can do anything on this screen: nothing can be
// controlled in a record, nothing played that is live, and a source may be without
// more.
func (m *Model) useful(a action) bool {
	switch {
	case !m.keys.offers(a):
		return false
	case m.onlyLogs:
		return a.group != groupConnection && !a.controls()
	case m.o.Controller == nil:
		return !a.controls()
	}
	return m.replay != nil || !strings.HasPrefix(a.id, "step.") && !strings.HasPrefix(a.id, "speed.")
}

func groupOrder(g string) int {
	return slices.Index([]string{groupConnection, groupFaults, groupCalls, groupLevels, groupLists, groupScreen, groupMove}, g)
}

// openPalette lists every action that can be run from the panes.
func (m *Model) openPalette() tea.Cmd {
	var items []item
	for _, a := range m.keys.actions {
		if a.where&inPanes == 0 || a.group == groupMove || !m.useful(a) {
			continue
		}
		it := m.actionItem(a)
		it.text, it.detail = a.title, a.help
		if a.where&m.place() == 0 && a.where&inScopes != 0 {
			it.detail += " (selected scope)"
		}
		items = append(items, it)
	}
	p := newPicker("Commands", "type what you want to do", items)
	p.typed = typedCommand
	return m.openPicker(modePalette, p)
}

// openFaults asks which faults there are, then lists them with what is armed
// and what to expect.
func (m *Model) openFaults() tea.Cmd {
	return m.askMenu("faults", func(c Controller, session string) (func(*Model) tea.Cmd, error) {
		offers := c.Faults(session)
		return func(m *Model) tea.Cmd { return m.openPicker(modeMenu, m.faultPicker(offers)) }, nil
	})
}

func (m *Model) faultPicker(offers []timeline.Fault) *picker {
	armed := m.state.ActiveFaults(m.now)
	var items []item
	for _, a := range armed {
		about := "Enter takes it back. " + faultAbout(a.Fault)
		if a.Score != nil {
			about = "Score: " + a.Score.Score + ", " + a.Score.Detail + ". " + about
		}
		detail := "armed " + dayTime(a.ArmedAt) + ", hit " + plural(a.Hits, "time")
		items = append(items, item{mark: m.th.glyphs.dot, text: a.Title, detail: detail, about: about, run: takeBack(a.Fault)})
	}
	items = append(items, m.scoredFaults()...)
	first := len(items)
	for _, f := range offers {
		items = append(items, item{mark: " ", text: f.Title, detail: faultWhere(f), about: faultAbout(f), run: armFault(f)})
	}
	p := newPicker("Faults", "type to find a fault, or KIND:name=value,…; enter arms it", items)
	p.typed = typedFault
	p.sel = min(first, max(len(items)-1, 0))
	p.empty = "no fault can be armed here"
	if len(armed) > 0 {
		p.hint = plural(len(armed), "fault") + " armed" + m.keys.offer(" · ", "faults.clear", " clears all")
	}
	return p
}

// typedFault makes an item of a fault with parameters of the user's own.
func typedFault(text string) (item, bool) {
	if !strings.Contains(text, ":") {
		return item{}, false
	}
	return item{
		mark: " ", text: "arm " + text, detail: "as typed",
		about: "Every kind takes after, for, count, p (a probability) and seed; most take user, type, dir, path or code. A mistake is told with what is right.",
		run:   armFault(timeline.Fault{Title: text, Spec: text}),
	}, true
}

func armFault(f timeline.Fault) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		return m.askThen("not armed", func(c Controller, session string) (func(*Model) tea.Cmd, error) {
			return func(m *Model) tea.Cmd {
				m.say(styleMuted, m.armedWords(f))
				return nil
			}, c.ArmFault(session, f)
		})
	}
}

func takeBack(f timeline.Fault) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		return m.ask("taken back: "+f.Title, func(c Controller, session string) error { return c.ClearFault(session, f.ID) })
	}
}

// pressed names the key that brings something about, where one does.
func pressed(key string) string {
	if key == "" {
		return ""
	}
	return ": press " + key
}

// armedWords say that a fault is armed, and what to press where it waits for
// something that the user can bring about.
func (m *Model) armedWords(f timeline.Fault) string {
	words := "armed: " + f.Title
	if f.Strikes == "" {
		return words
	}
	words += " · " + f.Strikes
	switch f.Strikes {
	case timeline.StrikesConnect:
		words += pressed(m.keys.key("reconnect"))
	case timeline.StrikesToken:
		words += pressed(m.keys.key("refresh"))
	}
	if strings.Contains(f.Spec, "for=") {
		words += " (its time runs from there)"
	}
	return words
}

func faultWhere(f timeline.Fault) string {
	text := f.Where
	if f.Trap != "" {
		text += " · " + f.Trap
	}
	return text
}

// faultOfServe is where the faults are caused that serve takes too.
const faultOfServe = "coordinator"

func faultAbout(f timeline.Fault) string {
	text := f.Expect
	if text != "" {
		text = "Expect: " + text
	}
	if f.Spec != "" {
		text += "  [" + either(f.Where == faultOfServe, "serve --fault ", "") + f.Spec + "]"
	}
	return text
}

// openRing lists who can ring us and whom we can ring.
func (m *Model) openRing() tea.Cmd {
	return m.askMenu("ring", func(c Controller, session string) (func(*Model) tea.Cmd, error) {
		peers := c.Peers(session)
		return func(m *Model) tea.Cmd {
			var items []item
			for _, p := range peers {
				if strings.Contains(p.Name, " (") {
					continue // an answer of a peer's, which matters only when we ring
				}
				items = append(items, item{
					text: "be rung by " + p.Name, detail: "as the caller",
					run: func(m *Model) tea.Cmd {
						return m.ask(p.Name+" rings"+m.unheard(), func(c Controller, session string) error { return c.RingMe(session, p.Name) })
					},
				})
			}
			for _, p := range peers {
				items = append(items, item{text: "ring " + p.Name, detail: p.Detail, run: ringOut(p.Name)})
			}
			menu := newPicker("Ring", "who rings whom; or type a user id to ring", items)
			menu.empty = "nobody can be made to ring here; type the id of a user to ring"
			menu.typed = func(text string) (item, bool) {
				known := slices.ContainsFunc(peers, func(p Choice) bool { return strings.Contains(p.Name, text) })
				return item{text: "ring " + text, run: ringOut(text)}, text != "" && !known && !strings.Contains(text, " ")
			}
			return m.openPicker(modeMenu, menu)
		}, nil
	})
}

func ringOut(to string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		return m.ask("ringing "+to, func(c Controller, session string) error { return c.RingOut(session, to) })
	}
}

// rejectReasons are Stream's built-in reasons, and what each tells the caller.
var rejectReasons = []Choice{
	{"decline", "the user does not want to talk"},
	{"busy", "the user is in another call: the caller hears the busy tone"},
	{"cancel", "the caller's own word for giving up"},
	{"timeout", "nobody answered in time"},
}

// openDecline asks for the ring and the reason.
func (m *Model) openDecline() tea.Cmd {
	return m.withRing("Decline which ring?", (*Model).openReasons)
}

func (m *Model) openReasons(cid string) tea.Cmd {
	decline := func(reason string) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			return m.ask("declined "+cid+" with "+reason, func(c Controller, session string) error { return c.Decline(session, cid, reason) })
		}
	}
	var items []item
	for _, r := range rejectReasons {
		items = append(items, item{text: r.Name, detail: r.Detail, run: decline(r.Name)})
	}
	p := newPicker("Decline "+cid, "the reason; any other text works too", items)
	p.typed = func(text string) (item, bool) {
		builtin := slices.ContainsFunc(rejectReasons, func(r Choice) bool { return strings.HasPrefix(r.Name, text) })
		return item{text: text, detail: "a reason of your own", run: decline(text)}, text != "" && !builtin
	}
	return m.openPicker(modeMenu, p)
}

// openLeave offers to leave or to end each call that lives.
func (m *Model) openLeave() tea.Cmd {
	live, _ := splitCalls(m.current().Calls)
	if len(live) == 0 {
		m.say(styleMuted, "there is no call"+m.keys.offer("; ", "ring", " makes one"))
		return nil
	}
	var items []item
	for _, c := range live {
		items = append(items,
			item{text: "leave " + c.CID, detail: leaves(c), run: func(m *Model) tea.Cmd {
				return m.ask("leaving "+c.CID, func(ctl Controller, session string) error { return ctl.Leave(session, c.CID) })
			}},
			item{text: "end " + c.CID, detail: "for everyone", run: func(m *Model) tea.Cmd {
				return m.confirm("End "+c.CID+" for everyone?", "All members are told that the call has ended.", func(m *Model) tea.Cmd {
					return m.ask("ending "+c.CID, func(ctl Controller, session string) error { return ctl.End(session, c.CID) })
				})
			}})
	}
	return m.openPicker(modeMenu, newPicker("Leave or end", "", items))
}

// unheard says that a ring will not arrive, if so.
func (m *Model) unheard() string {
	if s := m.current(); hears(s) && s.Attempt.CloseIn == nil {
		return ""
	}
	return ", but there is no open socket to hear it on"
}

// leaves is what leaving a call means for the others.
func leaves(c timeline.Call) string {
	if c.State == timeline.CallingRinging && c.Outgoing {
		return "takes the ring back"
	}
	return "the others stay"
}

// openSessions lists the sessions that are open and the profiles that can be.
func (m *Model) openSessions() tea.Cmd {
	if m.o.Controller == nil {
		return m.openPicker(modeMenu, m.sessionPicker(nil))
	}
	return m.askMenu("users", func(c Controller, _ string) (func(*Model) tea.Cmd, error) {
		profiles := c.Profiles()
		return func(m *Model) tea.Cmd { return m.openPicker(modeMenu, m.sessionPicker(profiles)) }, nil
	})
}

func (m *Model) sessionPicker(profiles []Choice) *picker {
	var items []item
	for _, s := range m.state.Sessions {
		mark := " "
		if s.Name == m.session {
			mark = m.th.glyphs.here
		}
		detail := string(s.Conn) + " · " + string(s.Opened.User.Type) + " · key " + s.Opened.APIKey
		if s.Closed != "" {
			detail = "closed: " + s.Closed
		}
		items = append(items, item{mark: mark, text: s.Name, detail: detail, run: func(m *Model) tea.Cmd {
			m.showSession(s.Name)
			return m.scan()
		}})
	}
	for _, p := range profiles {
		items = append(items, item{mark: " ", text: "open " + p.Name, detail: p.Detail, run: func(m *Model) tea.Cmd {
			return m.askThen("opening "+p.Name, func(c Controller, _ string) (func(*Model) tea.Cmd, error) {
				name, err := c.Open(p.Name)
				return func(m *Model) tea.Cmd {
					m.showSession(name)
					return m.scan()
				}, err
			})
		}})
	}
	p := newPicker("Users and profiles", "type to find one", items)
	p.empty = "no session is open"
	return p
}
