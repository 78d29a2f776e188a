package replay

import (
	"net/http"
	"time"

	"streamscope/timeline"
)

// opening is how an upgrade ended.
type opening int

const (
	opened  opening = iota
	refused         // with a status
	stalled         // the client got no answer and gave up
	severed         // the connection was lost before there was an answer
)

// departure is how a socket ended.
type departure int

const (
	// leftOpen is a socket that was well until the recording or the user ended
	// it: a client that stays longer finds it well.
	leftOpen departure = iota
	// leftSilent is a socket that the client gave up: whatever the server did not
	// do then it does not do now.
	leftSilent
	closed  // with a close frame
	dropped // without one
)

// part is one socket, as the server saw it.
type part struct {
	role   *role
	number int // of the attempt, from 1

	opening opening
	status  int           // of a refusal
	reason  string        // of a refusal
	wait    time.Duration // for the end of the upgrade

	spoken bool // the server waited for the auth frame
	frames []line
	end    departure
	endAt  time.Duration
	code   int
	why    string

	connection string // id of the connection, for keep-alives after the end
}

// line is a message of the server. At counts from the auth frame, or from the
// upgrade when there was none before it.
type line struct {
	at     time.Duration
	binary bool
	body   []byte
}

// Close codes that no close frame has (RFC 6455 section 7.4.1).
const (
	noStatus = 1005
	abnormal = 1006
)

// take is a part while it is read. Times in it are offsets of the recording.
type take struct {
	part
	reached bool // the network
	upgrade struct {
		ended time.Duration
		over  bool
	}
	auth   time.Duration
	authed bool
}

func (t *take) add(e timeline.Event) {
	switch p := e.Payload.(type) {
	case timeline.StageChanged:
		t.stage(e.Offset, p)
	case timeline.Frame:
		t.frame(e.Offset, p)
	case timeline.Close:
		t.close(e.Offset, p)
	case timeline.AttemptEnded:
		t.ended(e.Offset, p)
	}
}

func (t *take) stage(at time.Duration, p timeline.StageChanged) {
	if p.Stage == timeline.StageToken || p.Progress == timeline.Skipped || p.Progress == timeline.Pending {
		return
	}
	t.reached = true
	switch {
	case p.Progress == timeline.Passed && p.Stage == timeline.StageUpgrade:
		t.upgrade.ended, t.upgrade.over = at, true
		t.wait = p.Took
	case p.Progress == timeline.Failed && p.Stage <= timeline.StageUpgrade && !t.upgrade.over:
		t.failed(p)
	}
}

// failed is an upgrade that was refused, or did not come that far.
func (t *take) failed(p timeline.StageChanged) {
	status := p.Status
	if p.Failure != nil {
		t.reason = p.Failure.Reason
		if status == 0 {
			status = p.Failure.Status
		}
	}
	t.upgrade.over, t.wait = true, p.Took
	t.opening = severed
	if status >= http.StatusMultipleChoices && status <= lastStatus {
		t.opening, t.status = refused, status
	}
}

func (t *take) frame(at time.Duration, p timeline.Frame) {
	t.reached = true
	if p.Op != "text" && p.Op != "binary" {
		return
	}
	if p.Dir == timeline.Out {
		if !t.authed && len(t.frames) == 0 {
			t.auth, t.authed = at, true
		}
		return
	}
	if p.ConnectionID != "" {
		t.connection = p.ConnectionID
	}
	t.frames = append(t.frames, line{at: at, binary: p.Op == "binary", body: p.Body})
}

func (t *take) close(at time.Duration, p timeline.Close) {
	t.reached = true
	if p.Dir == timeline.Out || t.end != leftOpen {
		return
	}
	t.end, t.endAt, t.code, t.why = closed, at, p.Code, p.Reason
	if p.Code == abnormal {
		t.end = dropped
	}
}

func (t *take) ended(at time.Duration, p timeline.AttemptEnded) {
	switch {
	case t.end != leftOpen:
	case p.By == timeline.ByClient:
		t.end = leftSilent
	case p.By != timeline.ByUser:
		t.end, t.endAt = dropped, at
	}
	if p.By == timeline.ByClient && !t.wasOpen() && t.opening != refused {
		t.opening = stalled
	}
}

// wasOpen reports whether the socket was open at some time.
func (t *take) wasOpen() bool {
	return t.upgrade.over && t.opening == opened || t.authed || len(t.frames) > 0
}

// finish measures everything from the auth frame.
func (t *take) finish() (*part, bool) {
	if !t.reached {
		return nil, false
	}
	p := t.part
	if !t.wasOpen() && p.opening == opened {
		p.opening = stalled // the recording ends while the upgrade waits
	}
	from := t.upgrade.ended
	switch {
	case t.authed:
		p.spoken, from = true, t.auth
	case !t.upgrade.over && len(p.frames) > 0:
		from = p.frames[0].at
	}
	for i := range p.frames {
		p.frames[i].at = max(0, p.frames[i].at-from)
	}
	p.endAt = max(0, p.endAt-from)
	return &p, true
}
