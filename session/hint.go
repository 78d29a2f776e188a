package session

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// The answer of the hint service: the first three characters of this header name
// the edge, as in AMS1-P2 (protocol.md 1.5).
const (
	hintHeader = "X-Amz-Cf-Pop"
	hintLength = 3
	scopeHint  = "location-hint"
)

// locate finds out where the client is, before a join: a HEAD request of its own,
// without token and headers of the client, three times at most. What was found is
// kept; a failure gives the literal ERR and is asked for again by the next join
// (protocol.md 1.5).
func (m *machine) locate(attempt int, then func(location string)) {
	switch {
	case m.cfg.LocationHintURL == "":
		then(m.cfg.Location)
		return
	case m.place != "":
		then(m.place)
		return
	}
	address, err := url.Parse(m.cfg.LocationHintURL)
	if err != nil || address.Host == "" {
		m.log(slog.LevelWarn, scopeHint, "the location hint's address is no URL")
		then(noLocation)
		return
	}
	m.log(slog.LevelDebug, scopeHint, "Getting location hint, attempt "+fmt.Sprint(attempt))
	r := &request{id: m.cfg.NewID(), method: http.MethodHead, path: address.Path, asked: m.now}
	r.event = timeline.NewRequest(r.id, r.method, address, nil)
	r.event.Path = address.Host + r.event.Path // it is no route of the coordinator
	r.heard = func(in responded) {
		if place := m.hinted(r, in); place != "" {
			m.place = place
			then(place)
			return
		}
		if attempt+1 < maxHints {
			m.locate(attempt+1, then)
			return
		}
		then(noLocation)
	}
	m.requestNo++
	m.requests[m.requestNo] = r
	m.emit(0, r.event)
	m.do(requestEffect{
		request: m.requestNo, timeout: hintTimeout,
		rest: RESTRequest{Method: r.method, URL: address, Header: http.Header{}},
	})
}

// hinted records the answer of the hint service and reads the edge in it; empty
// when there is none.
func (m *machine) hinted(r *request, in responded) string {
	event := timeline.NewResponse(r.event, in.resp.Status, in.took, nil)
	if in.err != nil {
		event.Failure = new(unanswered(in.err, fmt.Sprintf("timeout of %dms exceeded", hintTimeout.Milliseconds())).fact())
	}
	m.emit(0, event)
	place := wire.Clean(in.resp.Header.Get(hintHeader))
	if in.err != nil || place == "" {
		m.log(slog.LevelWarn, scopeHint, "Failed to get location hint from "+r.event.Path)
		return ""
	}
	return cutText(place, hintLength)
}
