package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
)

// action is one thing that the user can do: with a key, from the help, or from
// the palette. The table below is the only place where a key is written.
type action struct {
	id    string
	keys  []string
	group string
	where where
	title string // a word or two, for footer and palette
	help  string // one sentence
	run   func(*Model) tea.Cmd
}

// word is the action's word in the footer while a pane has the focus.
func (a action) word(p pane) string {
	if a.id != "open" {
		return a.title
	}
	switch p {
	case paneConnection:
		return "autopsy"
	case paneToken:
		return "token bench"
	}
	return "details"
}

// controls reports whether the action asks something of a session.
func (a action) controls() bool {
	switch a.group {
	case groupFaults, groupCalls:
		return true
	case groupConnection:
		return !slices.Contains([]string{"bench", "autopsy", "sessions", "tab.next", "tab.prev"}, a.id)
	}
	return false
}

const (
	groupConnection = "Connection"
	groupCalls      = "Calls"
	groupFaults     = "Faults"
	groupLevels     = "Log levels"
	groupLists      = "Lists"
	groupMove       = "Moving"
	groupScreen     = "Screen"
)

// actionTable returns every action. It is a function because the actions call
// methods that look the table up.
func actionTable() []action {
	var out []action
	out = append(out, connectionActions()...)
	out = append(out, callActions()...)
	out = append(out, levelActions()...)
	out = append(out, listActions()...)
	out = append(out, moveActions()...)
	out = append(out, screenActions()...)
	out = append(out, resizeActions()...)
	return append(out, tourActions()...)
}

func connectionActions() []action {
	g := groupConnection
	return []action{
		{"connect", []string{"c"}, g, inPanes, "connect", "Connect the user.", (*Model).doConnect},
		{"disconnect", []string{"d"}, g, inPanes, "disconnect", "Disconnect the user with close code 1000; asks first.", (*Model).askDisconnect},
		{"reconnect", []string{"r"}, g, inPanes, "reconnect", "Dial now: cut a backoff short, or drop a socket that is up (asks first).", (*Model).doReconnect},
		{"refresh", []string{"R"}, g, inPanes, "refresh token", "Ask the token source for a new token.", (*Model).doRefresh},
		{"network", []string{"o"}, g, inPanes, "offline/online", "Take the device's network away, or give it back.", (*Model).toggleNetwork},
		{"bench", []string{"t"}, g, inPanes, "token", "Open the token bench: claims, verdict, signature, another token.", (*Model).openBench},
		{"autopsy", []string{"A"}, g, inPanes, "autopsy", "Every attempt with its stages, its errors, and what the app sees meanwhile.", (*Model).openAutopsy},
		{"sessions", []string{"u"}, g, inPanes, "users", "Choose another user or profile.", (*Model).openSessions},
		{"tab.next", []string{"]"}, g, inPanes, "next session", "Show the next session.", func(m *Model) tea.Cmd { return m.stepSession(1) }},
		{"tab.prev", []string{"["}, g, inPanes, "previous session", "Show the previous session.", func(m *Model) tea.Cmd { return m.stepSession(-1) }},
		{"policy", nil, g, inPanes, "policy sdk/steady", "Switch between the official client's habits and a session that repairs its traps.", (*Model).togglePolicy},
		{"watchdog", nil, g, inPanes, "watchdog luck", "Choose whether this session notices a silent server (K2): few official clients do.", (*Model).toggleWatchdog},
		{"faults", []string{"x"}, groupFaults, inPanes, "faults", "Break the connection on purpose: choose a fault to arm.", (*Model).openFaults},
		{"scenario", nil, groupFaults, inPanes, "scenario", "Run a scripted scenario here; its steps appear on the timeline as they pass.", (*Model).openScenarios},
		{"scenario.stop", nil, groupFaults, inPanes, "stop scenario", "End the scenario that is running.", (*Model).stopScenario},
		{"faults.clear", []string{"X"}, groupFaults, inPanes, "clear faults", "Take back every armed fault.", (*Model).doClearFaults},
	}
}

func callActions() []action {
	g := groupCalls
	return []action{
		{"busy", []string{"b"}, g, inPanes, "busy", "Switch reject-when-busy on or off.", (*Model).toggleBusy},
		{"ring", []string{"i"}, g, inPanes, "ring", "Be rung by another user, or ring one.", (*Model).openRing},
		{"accept", []string{"a"}, g, inPanes, "accept", "Accept the ring.", (*Model).doAccept},
		{"decline", []string{"D"}, g, inPanes, "decline", "Decline the ring, with a reason.", (*Model).openDecline},
		{"send", nil, g, inPanes, "send a frame", "Send a text frame of your own on the socket; asks first, and is marked in the record.", (*Model).openSend},
		{"leave", []string{"L"}, g, inPanes, "leave/end", "Leave the active call, or end it for everyone.", (*Model).openLeave},
	}
}

func levelActions() []action {
	g := groupLevels
	level := func(l logsink.Level) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.setLevel(l) }
	}
	return []action{
		{"level.trace", []string{"0"}, g, inLevels, "trace", "Show the selected scope from trace up.", level(logsink.Trace)},
		{"level.debug", []string{"1"}, g, inLevels, "debug", "Show the selected scope from debug up.", level(logsink.Debug)},
		{"level.info", []string{"2"}, g, inLevels, "info", "Show the selected scope from info up.", level(logsink.Info)},
		{"level.warn", []string{"3"}, g, inLevels, "warn", "Show the selected scope from warn up.", level(logsink.Warn)},
		{"level.error", []string{"4"}, g, inLevels, "error", "Show only errors of the selected scope.", level(logsink.Error)},
		{"level.down", []string{"-"}, g, inScopes, "more lines", "One level down: shows more.", func(m *Model) tea.Cmd { return m.stepLevel(-1) }},
		{"level.up", []string{"+"}, g, inScopes, "fewer lines", "One level up: shows less.", func(m *Model) tea.Cmd { return m.stepLevel(1) }},
		{"mute", []string{"m"}, g, inScopes, "mute", "Hide the selected scope, or show it again.", (*Model).muteScope},
		{"solo", []string{"s"}, g, inScopes, "solo", "Show only the selected scope, or all again.", (*Model).soloScope},
		{"level.reset", []string{"backspace"}, g, inScopes, "reset", "Give the selected scope the default level again (level: null).", (*Model).resetLevel},
		{"levels.restore", []string{"="}, g, inLevels, "defaults", "Restore the default levels of all scopes.", (*Model).restoreLevels},
	}
}

func listActions() []action {
	g := groupLists
	find := func(level logsink.Level, dir int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.jumpLevel(level, dir) }
	}
	return []action{
		{"open", []string{"enter"}, g, inPanes, "details", "Open what is selected: autopsy, token bench, frame inspector, log line.", (*Model).openSelected},
		{"search", []string{"/"}, g, inPanes, "search", "Find text, !inverse or /regex/ and mark it; hides nothing.", (*Model).openSearch},
		{"search.next", []string{"n"}, g, inPanes, "next match", "Go to the next match; between two recordings without a search, to the next difference.", func(m *Model) tea.Cmd { return m.nextMatch(1) }},
		{"search.prev", []string{"N"}, g, inPanes, "previous match", "Go to the match before; between two recordings, to the difference before.", func(m *Model) tea.Cmd { return m.nextMatch(-1) }},
		{"filter", []string{"&"}, g, inPanes, "filter", "Hide lines: text, !inverse, /regex/; in the timeline a jq expression too. Lists the filters in force.", (*Model).openFilters},
		{"follow", []string{"f"}, g, inLists, "follow", "Stop or resume following new rows.", (*Model).toggleFollow},
		{"error.next", []string{"e"}, g, inPanes, "next error", "Go to the next error.", find(logsink.Error, 1)},
		{"error.prev", []string{"E"}, g, inPanes, "previous error", "Go to the error before.", find(logsink.Error, -1)},
		{"warn.next", []string{"w"}, g, inPanes, "next warning", "Go to the next warning or error.", find(logsink.Warn, 1)},
		{"warn.prev", []string{"W"}, g, inPanes, "previous warning", "Go to the warning or error before.", find(logsink.Warn, -1)},
		{"state.next", []string{"s"}, g, inPanes &^ inScopes, "next state", "Go to the next change of the connection's state.", func(m *Model) tea.Cmd { return m.jumpTurn(1) }},
		{"state.prev", []string{"S"}, g, inPanes &^ inScopes, "previous state", "Go to the change of state before.", func(m *Model) tea.Cmd { return m.jumpTurn(-1) }},
		{"trap.next", []string{"K"}, g, inPanes, "next trap", "Go to where the next trap of the official client (K1 and so on) showed itself.", func(m *Model) tea.Cmd { return m.jumpTrap(1) }},
		{"trap.prev", []string{"ctrl+k"}, g, inPanes, "previous trap", "Go to where the trap before showed itself.", func(m *Model) tea.Cmd { return m.jumpTrap(-1) }},
		{"play", []string{"space"}, g, inPanes, "play/pause", "Play or pause a recording; on a live screen, stop or resume following.", (*Model).togglePlay},
		{"step.next", []string{"."}, g, inPanes, "step", "One row further in a recording, from any pane.", func(m *Model) tea.Cmd { return m.step(1) }},
		{"step.prev", []string{","}, g, inPanes, "step back", "One row back in a recording, from any pane.", func(m *Model) tea.Cmd { return m.step(-1) }},
		{"speed.up", []string{">"}, g, inPanes, "faster", "Play a recording faster.", func(m *Model) tea.Cmd { return m.changeSpeed(1) }},
		{"speed.down", []string{"<"}, g, inPanes, "slower", "Play a recording slower.", func(m *Model) tea.Cmd { return m.changeSpeed(-1) }},
		{"jump", []string{"J"}, g, inLists, "same instant", "Go to the same instant in the other list.", (*Model).jumpAcross},
		{"mark", []string{"m"}, g, inLists, "mark", "Mark the selected row, or take the mark away.", (*Model).toggleMark},
		{"mark.next", []string{"'"}, g, inLists, "next mark", "Go to the next marked row, or note in the record.", (*Model).nextMark},
		{"visual", []string{"v"}, g, inLists, "range", "Begin a range of rows at the cursor, to copy, save or report; again or esc ends it.", (*Model).toggleVisual},
		{"report", []string{"P"}, g, inPanes, "report", "Write a Markdown report of the range of rows, or of all that is kept.", (*Model).writeReport},
		{"note", []string{"M"}, g, inPanes, "note", "Write a note into the record.", (*Model).openNote},
		{"fold", []string{"H"}, g, inLists, "fold repeats", "Fold repeated health checks (in the logs: repeated lines) into one row, or unfold them.", (*Model).toggleFold},
		{"delta", []string{"T"}, g, inLists, "time/delta", "Show the time of day, the time since the row before, or neither.", (*Model).nextClock},
		{"wrap", []string{"ctrl+w"}, g, inLists, "wrap", "Wrap long rows, or cut them.", (*Model).toggleWrap},
		{"copy", []string{"y"}, g, anywhere, "copy", "Copy what is selected to the clipboard.", (*Model).copySelected},
		{"copy.as", []string{"Y"}, g, inTimeline | inDetail, "copy as", "Copy a frame in a form of your choice: value, path, payload, pretty, curl.", (*Model).openCopies},
		{"save", []string{"ctrl+s"}, g, anywhere, "save", "Save what is shown to a file.", (*Model).saveShown},
	}
}

func moveActions() []action {
	g := groupMove
	by := func(k motion) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.move(k) }
	}
	return []action{
		{"down", []string{"j", "down"}, g, anywhere, "down", "One row down.", by(motion{rows: 1})},
		{"up", []string{"k", "up"}, g, anywhere, "up", "One row up.", by(motion{rows: -1})},
		{"page.down", []string{"pgdown", "ctrl+f"}, g, anywhere, "page down", "One page down.", by(motion{pages: 1, share: 1})},
		{"page.up", []string{"pgup"}, g, anywhere, "page up", "One page up.", by(motion{pages: -1, share: 1})},
		{"half.down", []string{"ctrl+d"}, g, anywhere, "half page down", "Half a page down.", by(motion{pages: 1, share: 2})},
		{"half.up", []string{"ctrl+u"}, g, anywhere, "half page up", "Half a page up.", by(motion{pages: -1, share: 2})},
		{"top", []string{"g", "home"}, g, anywhere, "first", "The first row.", by(motion{toTop: true})},
		{"bottom", []string{"G", "end"}, g, anywhere, "last", "The last row; resumes following.", by(motion{toEnd: true})},
		{"left", []string{"h", "left"}, g, anywhere, "left", "Show what is further left.", by(motion{columns: -8})},
		{"right", []string{"l", "right"}, g, anywhere, "right", "Show what is further right.", by(motion{columns: 8})},
	}
}

func screenActions() []action {
	g := groupScreen
	out := []action{
		{"focus.next", []string{"tab"}, g, inPanes, "next pane", "Go to the next pane.", func(m *Model) tea.Cmd { return m.stepFocus(1) }},
		{"focus.prev", []string{"shift+tab"}, g, inPanes, "previous pane", "Go to the pane before.", func(m *Model) tea.Cmd { return m.stepFocus(-1) }},
	}
	for p := range paneCount {
		key := "alt+" + string(rune('1'+p))
		out = append(out, action{
			"focus." + lower(p.String()), []string{key}, g, inPanes, "go to " + lower(p.String()),
			"Go to the " + lower(p.String()) + " pane.", func(m *Model) tea.Cmd { return m.setFocus(p) },
		})
	}
	return append(out,
		action{"export", nil, g, inPanes, "export", "Write the record down in another form: a report, an archive, the last minutes.", (*Model).openExports},
		action{"record", nil, g, inPanes, "record", "Begin a recording of all that is kept and of all that comes.", func(m *Model) tea.Cmd { return m.export(exportRecord) }},
		action{"save.last", nil, g, inPanes, "save last 5m", "Write the last five minutes from memory to a file; any time can be typed, as in: save last 90s.", func(m *Model) tea.Cmd { return m.export("last 5m") }},
		action{"zoom", []string{"z"}, g, inPanes, "maximise", "Give the focused pane the whole screen, or give it back.", (*Model).toggleZoom},
		action{"help", []string{"?", "f1"}, g, inPanes | inReaders, "help", "List the keys that are in force; enter runs one.", (*Model).openHelp},
		action{"palette", []string{":", "ctrl+p"}, g, inPanes | inReaders, "commands", "Find any action by name and run it.", (*Model).openPalette},
		action{"mouse", []string{"f2"}, g, anywhere, "mouse", "Switch the mouse on or off.", (*Model).toggleMouse},
		action{"theme", nil, g, inPanes, "theme", "Change to the next theme: auto, dark, light, contrast, none.", (*Model).nextTheme},
		action{"sound", nil, g, inPanes, "sound", "Switch the busy tone's terminal bell on or off.", (*Model).toggleSound},
		action{"redraw", []string{"ctrl+l"}, g, anywhere, "redraw", "Draw the screen anew.", func(m *Model) tea.Cmd { return m.term.redraw }},
		action{"suspend", []string{"ctrl+z"}, g, anywhere | inConfirm, "suspend", "Go to the background; fg comes back.", func(m *Model) tea.Cmd { return m.term.suspend }},
		action{"reader.next", []string{"tab"}, g, inReaders, "next view", "Show the next view of the same thing, or the next input.", func(m *Model) tea.Cmd { return m.readerView(1) }},
		action{"reader.prev", []string{"shift+tab"}, g, inReaders, "previous view", "Show the view before, or the input before.", func(m *Model) tea.Cmd { return m.readerView(-1) }},
		action{"tree.toggle", []string{"enter", "space"}, g, inDetail, "fold", "Fold or unfold the selected value of a frame; left and right do too.", func(m *Model) tea.Cmd { return m.foldTree((*tree).toggle) }},
		action{"tree.fold", []string{"-"}, g, inDetail, "fold all", "Fold everything in the frame.", func(m *Model) tea.Cmd { return m.foldTree(func(t *tree) { t.foldAll(true) }) }},
		action{"tree.unfold", []string{"+", "="}, g, inDetail, "unfold all", "Unfold everything in the frame.", func(m *Model) tea.Cmd { return m.foldTree(func(t *tree) { t.foldAll(false) }) }},
		action{"jq", []string{"/"}, g, inDetail, "jq", "Ask the frame with a jq expression.", (*Model).openJQ},
		action{"inspect.next", []string{"]"}, g, inDetail, "next row", "Inspect the next row of the list.", func(m *Model) tea.Cmd { return m.inspectOther(1) }},
		action{"inspect.prev", []string{"["}, g, inDetail, "row before", "Inspect the row before.", func(m *Model) tea.Cmd { return m.inspectOther(-1) }},
		action{"bench.paste", []string{"p"}, g, inBench, "another token", "Judge another token: paste it.", func(m *Model) tea.Cmd { return m.benchInput(benchToken) }},
		action{"bench.secret", []string{"s"}, g, inBench, "secret", "Check the signature with a secret; it is never shown and never kept.", func(m *Model) tea.Cmd { return m.benchInput(benchSecret) }},
		action{"bench.reveal", []string{"V"}, g, inBench, "reveal", "Show the whole token until the bench is closed.", (*Model).revealToken},
		action{"input.accept", []string{"enter"}, g, inMenu, "accept", "Take what is typed, or run what is selected.", (*Model).accept},
		action{"input.cancel", []string{"esc"}, g, inMenu, "cancel", "Take back what is typed, or close.", (*Model).cancel},
		action{"menu.next", []string{"tab"}, g, inMenu, "next item", "Go to the next item of a menu.", (*Model).menuNext},
		action{"menu.remove", []string{"delete"}, g, inMenu, "remove", "Remove the selected filter.", (*Model).menuRemove},
		action{"confirm.yes", []string{"y", "enter"}, g, inConfirm, "yes", "Yes.", (*Model).confirmYes},
		action{"confirm.no", []string{"n", "esc", "q"}, g, inConfirm, "no", "No.", (*Model).closeOverlay},
		action{"back", []string{"esc"}, g, anywhere, "back", "Close, or go one step back.", (*Model).back},
		action{"quit", []string{"q"}, g, anywhere, "quit", "Close, or quit: disconnects the user properly.", (*Model).backOrQuit},
		action{"quit.now", []string{"ctrl+c"}, g, anywhere | inConfirm | inMenu, "quit", "Quit: disconnects the user properly.", (*Model).askQuit},
	)
}
