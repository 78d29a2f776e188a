package session

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"streamscope/internal/wire"
)

// reporter is the official client's own account of its connecting and joining,
// sent to POST /call_client_event (protocol.md 10).
type reporter struct {
	connectID string // one for each connectUser
	userID    string
	pair      *stagePair // CoordinatorWS, from its first attempt to its end
}

// stagePair ties the end of a stage to its beginning.
type stagePair struct {
	id       string
	attempts int
	started  time.Time
	userID   string
	err      *failure
	joinID   string
	source   string
}

// clientEvent is one report; the members that only some stages have are here.
type clientEvent struct {
	wire.ClientEvent
	Microphone string `json:"microphone_permission_status,omitempty"`
	Camera     string `json:"camera_permission_status,omitempty"`
}

func (r *reporter) begin(m *machine, userID string) {
	r.connectID, r.userID = m.cfg.NewID(), userID
}

// attempt opens the stage with the first attempt, and counts.
func (r *reporter) attempt(m *machine) {
	if r.pair == nil {
		r.pair = &stagePair{id: m.cfg.NewID(), started: m.now, userID: r.userID}
		e := r.connectEvent(m)
		e.EventType = "initiated"
		m.sendReport(e)
	}
	r.pair.attempts++
}

func (r *reporter) succeeded(m *machine) {
	if r.pair == nil {
		return
	}
	m.sendReport(r.pair.completed(m, r.connectEvent(m), nil))
	r.pair = nil
}

func (r *reporter) failed(err *failure) {
	if r.pair != nil {
		r.pair.err = err
	}
}

// close reports the failure of the whole connectUser.
func (r *reporter) close(m *machine) {
	if r.pair != nil && r.pair.err != nil {
		m.sendReport(r.pair.completed(m, r.connectEvent(m), r.pair.err))
	}
	r.pair = nil
}

func (r *reporter) connectEvent(m *machine) clientEvent {
	e := m.clientEvent("CoordinatorWS")
	e.StageID, e.UserID = r.pair.id, r.pair.userID
	return e
}

// clientEvent is what all reports have.
func (m *machine) clientEvent(stage string) clientEvent {
	user := m.userID
	if user == "" {
		user = m.report.userID
	}
	return clientEvent{ClientEvent: wire.ClientEvent{
		UserID: user, Stage: stage, EventType: "initiated",
		CoordinatorConnectID: m.report.connectID,
		Timestamp:            wire.At(m.now.Truncate(time.Millisecond)),
		UserAgent:            m.cfg.client(), SDKVersion: m.cfg.SDKVersion,
	}}
}

func (p *stagePair) completed(m *machine, e clientEvent, err *failure) clientEvent {
	e.EventType, e.Outcome = "completed", "success"
	e.RetryCountAttempt = new(p.attempts - 1)
	e.ElapsedTimeMS = m.elapsed(p.started)
	if err != nil {
		e.Outcome = "failure"
		e.RetryFailureReason, e.RetryFailureCode = failureCode(err)
	}
	return e
}

// failureCode is how the reporter words an error: the code of an answer or of a
// connection.error, else SERVER_ERROR (protocol.md 10).
func failureCode(err *failure) (reason, code string) {
	reason, code = err.message, "SERVER_ERROR"
	switch {
	case err.answered && err.coded:
		code = strconv.Itoa(err.code)
	case err.marked && err.inner != "":
		reason = err.inner
		if !err.transient && err.coded {
			code = strconv.Itoa(err.code)
		}
	}
	return reason, code
}

// sendReport sends one event: five tries, none after a 4xx.
func (m *machine) sendReport(e clientEvent) {
	if m.cfg.NoTelemetry || m.stopping {
		return
	}
	body := marshal(map[string]any{"events": []clientEvent{e}})
	m.tryReport(e, body, 0)
}

func (m *machine) tryReport(e clientEvent, body []byte, attempt int) {
	m.send(&request{method: http.MethodPost, path: "/call_client_event", body: body, public: true,
		then: func(_ answer, err *failure) {
			switch {
			case err == nil:
			case err.http >= 400 && err.http < 500:
				m.log(slog.LevelDebug, scopeReporter,
					"Client event rejected ("+strconv.Itoa(err.http)+"), not retrying", slog.String("stage", e.Stage))
			case attempt+1 == maxReports:
				m.log(slog.LevelDebug, scopeReporter, "Client event delivery failed after retries",
					slog.String("stage", e.Stage))
			default:
				m.after(m.draw(attempt).Drawn, "report", func() { m.tryReport(e, body, attempt+1) })
			}
		}})
}
