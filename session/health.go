package session

import (
	"encoding/json"
	"log/slog"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// setHealth changes the client's belief about its socket. The application is
// told at once of good news; of bad news after five seconds, if it still holds
// then (protocol.md 4.5).
func (m *machine) setHealth(l *link, healthy, atOnce bool) {
	if healthy == l.healthy {
		return
	}
	l.healthy = healthy
	if healthy || atOnce {
		m.tellOnline(healthy)
		return
	}
	// The timer belongs to the link and outlives it: a new link may be healthy
	// when an old one tells that it is not.
	m.after(offlineDebounce, "offline debounce", func() {
		if !l.healthy {
			m.tellOnline(false)
		}
	})
}

// tellOnline dispatches connection.changed; the client itself follows it by
// watching its calls again.
func (m *machine) tellOnline(online bool) {
	m.log(slog.LevelDebug, scopeCoordinator, "Dispatching event: "+timeline.AppConnectionChanged)
	m.emit(0, timeline.AppEvent{Type: timeline.AppConnectionChanged, Online: online})
	if online && m.effectsOn {
		m.rewatch()
	}
}

// networkChanged is the device going offline or online. The connection object
// hears of it first, then the client (protocol.md 4.4, rows 24 and 25).
func (m *machine) networkChanged(online bool, by timeline.Party) {
	m.online = online
	m.emit(0, timeline.Network{Online: online, By: by})
	if l := m.link; l != nil && !l.disconnected {
		if online {
			m.logSocket(slog.LevelInfo, "onlineStatusChanged() - Status changing to online")
			if !l.healthy {
				m.why = "the device is online again"
				m.reconnect(l, onlineDelay, false)
			}
		} else {
			m.logSocket(slog.LevelInfo, "onlineStatusChanged() - Status changing to offline")
			m.why = "the device went offline"
			m.setHealth(l, false, true)
		}
	}
	if m.listening {
		word := "device went offline"
		if online {
			word = "device went online"
		}
		m.log(slog.LevelDebug, scopeCoordinator, word)
		m.log(slog.LevelDebug, scopeCoordinator, "Dispatching event: "+timeline.AppNetworkChanged)
		m.emit(0, timeline.AppEvent{Type: timeline.AppNetworkChanged, Online: online})
	}
}

// schedulePing arms the one health check timer. Only connection.ok and
// health.check of the server arm it: a ping that is not answered is the last
// one (protocol.md 2.5, K19).
func (m *machine) schedulePing(l *link) {
	l.ping.stop()
	l.ping = m.after(pingInterval, "ping", func() { m.sendPing(l) })
}

// sendPing sends on whatever socket the link has now. One that is not open
// takes nothing; the official client does not look.
func (m *machine) sendPing(l *link) {
	if m.policy == timeline.PolicySteady {
		m.schedulePing(l)
	}
	if l.sock == nil || l.sock.phase != sockOpen || l.sock.ignored {
		return
	}
	data, err := json.Marshal([]wire.Ping{{Type: wire.TypeHealthCheck, ClientID: m.clientID}})
	if err != nil {
		panic(err) // two strings
	}
	m.sendFrame(l.sock, data)
}

// scheduleCheck arms the one staleness timer. It survives its socket
// (protocol.md 4.4, row 29).
func (m *machine) scheduleCheck(l *link) {
	l.check.stop()
	l.check = m.after(silenceLimit, "silence", func() { m.checkSilence(l) })
}

// lateTimer is how late a timer has to be for the unlucky client to notice all
// the same: a process that slept, not the scheduler's microseconds.
const lateTimer = time.Second

// checkSilence compares as the official client does: more than 35 s, in a timer
// of 35 s. Where its timers are exact that never holds; which branch is taken is
// luck there and a switch here (K2).
func (m *machine) checkSilence(l *link) {
	elapsed := m.now.Sub(l.lastEvent)
	if l.lastEvent.IsZero() || elapsed < silenceLimit {
		return
	}
	if elapsed < silenceLimit+lateTimer && !m.lucky && m.policy != timeline.PolicySteady {
		m.note("the staleness check missed by a hair: it is not armed again (K2)")
		return
	}
	if elapsed < silenceLimit+lateTimer && m.policy != timeline.PolicySteady {
		m.note("the staleness check noticed; most official clients miss it by a hair (K2)")
	}
	m.logSocket(slog.LevelInfo, "scheduleConnectionCheck - going to reconnect")
	m.why = "no frame for 35 s"
	m.setHealth(l, false, false)
	m.reconnect(l, 0, false)
}
