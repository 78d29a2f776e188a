package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// param is one query parameter; their order is the official client's.
type param struct{ name, value string }

// answer is what a REST call brought: its status and body.
type answer struct {
	status int
	body   []byte
	call   *timeline.CallEvent // the call in it, if there is one
}

// request is one REST call, from the command to its answer. Where the token has
// expired it goes out again with the same id (K18).
type request struct {
	id           string // x-client-request-id, new with the first sending
	method, path string
	params       []param
	body         []byte
	public       bool // waits for nothing: guests and telemetry
	then         func(answer, *failure)
	heard        func(responded) // takes the raw answer instead: the location hint
	event        timeline.HTTPRequest
	asked        time.Time // when the call was made, not when it went out
}

// maxRequests bounds the requests that wait for an answer: a server that rings
// without end makes the client ask without end.
const maxRequests = 1024

// send makes a REST call as the official client does: not before the token and
// the connection are there (protocol.md 4.5).
func (m *machine) send(r *request) {
	r.asked = m.now
	if r.public {
		m.transmit(r)
		return
	}
	fail := func(err *failure) { m.neverSent(r, err) }
	ready := func(err *failure) {
		if err != nil {
			fail(err) // a failed refresh poisons every later call (K7)
			return
		}
		m.guestTask.then(m, func(err *failure) {
			if err != nil {
				fail(err)
				return
			}
			m.awaitConnection(r, fail)
		})
	}
	m.tokens.ready.then(m, func(err *failure) {
		if err == nil || !m.steadyToken(ready) {
			ready(err)
		}
	})
}

// awaitConnection waits for the connection id of the running attempt. When that
// attempt has failed it waits for health, 15 s at most, and fails with the
// socket's error (K17).
func (m *machine) awaitConnection(r *request, fail func(*failure)) {
	m.connID.then(m, func(err *failure) {
		if err == nil {
			m.transmit(r)
			return
		}
		if m.link == nil {
			fail(err)
			return
		}
		m.waitForHealth(m.link, healthWait, func(err *failure) {
			if err != nil {
				fail(err)
				return
			}
			m.connID.then(m, func(err *failure) {
				if err != nil {
					fail(err)
					return
				}
				m.transmit(r)
			})
		})
	})
}

// neverSent ends a call that failed before it went out: at once with the error
// of the token source (K7), or after 15 s with that of the socket (K17).
func (m *machine) neverSent(r *request, err *failure) {
	if r.id == "" {
		r.id = m.cfg.NewID()
	}
	m.emit(0, timeline.HTTPResponse{
		ID: r.id, Method: r.method, Path: r.path, Took: m.now.Sub(r.asked), Failure: new(err.fact()),
	})
	r.then(answer{}, err)
}

// transmit puts the call on the wire.
func (m *machine) transmit(r *request) {
	if len(m.requests) >= maxRequests {
		m.ignore("as many requests wait for their answers as may")
		m.neverSent(r, plain("http", "too many requests wait for their answers"))
		return
	}
	header, tokenNumber, err := m.headers(r)
	if err != nil {
		m.neverSent(r, err)
		return
	}
	address, parseErr := url.Parse(strings.TrimSuffix(m.cfg.BaseURL, "/") + r.path)
	if parseErr != nil {
		r.then(answer{}, plain("http", "the path is no URL"))
		return
	}
	address.RawQuery = encodeParams(m.query(r))
	m.requestNo++
	r.event = timeline.NewRequest(r.id, r.method, address, r.body)
	r.event.Token = tokenNumber
	m.requests[m.requestNo] = r
	m.emit(0, r.event)
	m.log(levelTrace, scopeCoordinator, fmt.Sprintf("client: %s - Request - %s", strings.ToLower(r.method), r.path))
	m.do(requestEffect{
		request: m.requestNo, timeout: m.cfg.RequestTimeout,
		rest: RESTRequest{Method: r.method, URL: address, Header: header, Body: r.body},
	})
}

// headers are those of protocol.md 1.3. Before a user is set a public call goes
// out as anonymous and without a token.
func (m *machine) headers(r *request) (http.Header, int, *failure) {
	if r.id == "" {
		r.id = m.cfg.NewID()
	}
	header := http.Header{}
	header.Set("X-Stream-Client", m.cfg.client())
	header.Set("X-Client-Request-Id", r.id)
	header.Set("Accept", "application/json, text/plain, */*")
	if r.body != nil {
		header.Set("Content-Type", "application/json")
	}
	if r.public && m.user == nil {
		header.Set("Stream-Auth-Type", "anonymous")
		return header, 0, nil
	}
	raw, err := m.currentToken()
	if err != nil {
		return nil, 0, err
	}
	header.Set("Stream-Auth-Type", m.authType())
	if !raw.IsZero() {
		header.Set("Authorization", raw.Reveal())
	}
	return header, m.met.Number(raw), nil
}

// query is that of protocol.md 1.4: what is not known is left out.
func (m *machine) query(r *request) []param {
	var params []param
	if m.userID != "" {
		params = append(params, param{"user_id", m.userID})
	}
	if m.link != nil && m.link.connectionID != "" {
		params = append(params, param{"connection_id", m.link.connectionID})
	}
	params = append(params, param{"api_key", m.cfg.APIKey})
	return append(params, r.params...)
}

// responded is the answer of a REST call.
func (m *machine) responded(in responded) {
	r := m.requests[in.request]
	if r == nil {
		m.note(fmt.Sprintf("answer %d came for a request that nobody waits for", in.request))
		return
	}
	delete(m.requests, in.request)
	if r.heard != nil {
		r.heard(in)
		return
	}
	method := strings.ToLower(r.method)
	if in.err != nil {
		err := unanswered(in.err, fmt.Sprintf("timeout of %dms exceeded", m.cfg.RequestTimeout.Milliseconds()))
		event := timeline.NewResponse(r.event, 0, in.took, nil)
		event.Failure = new(err.fact())
		m.emit(0, event)
		m.restErrors++
		m.log(slog.LevelError, scopeCoordinator, fmt.Sprintf("client:%s url: %s", method, r.path),
			slog.String("error", err.message))
		r.then(answer{}, err)
		return
	}
	event := timeline.NewResponse(r.event, in.resp.Status, in.took, in.resp.Body)
	m.emit(0, event)
	if !in.resp.Date.IsZero() {
		m.clock(in.resp.Date, "date header", true)
	}
	if in.resp.Status >= 200 && in.resp.Status < 300 {
		m.log(levelTrace, scopeCoordinator,
			fmt.Sprintf("client:%s - Response - url: %s > status %d", method, r.path, in.resp.Status))
		m.restErrors = 0
		r.then(answer{status: in.resp.Status, body: in.resp.Body, call: event.Call}, nil)
		return
	}
	m.answeredBadly(r, in.resp)
}

// answeredBadly is an error of the server. Code 40 with a provider is refreshed
// and sent again, without limit (K18).
func (m *machine) answeredBadly(r *request, resp RESTResponse) {
	method := strings.ToLower(r.method)
	err := answeredBadly(resp)
	m.restErrors++
	if !m.expired(err) {
		m.log(slog.LevelError, scopeCoordinator, fmt.Sprintf("client:%s url: %s", method, r.path),
			slog.String("error", err.message))
		r.then(answer{status: resp.Status, body: resp.Body}, err)
		return
	}
	m.log(slog.LevelWarn, scopeCoordinator, fmt.Sprintf("client:%s: url: %s", method, r.path),
		slog.String("error", err.message))
	refresh := func() {
		m.loadToken().then(m, func(err *failure) {
			if err != nil {
				r.then(answer{}, err)
				return
			}
			m.send(r)
		})
	}
	if m.restErrors > 1 {
		m.after(m.draw(m.restErrors).Drawn, "refresh", refresh)
		return
	}
	refresh()
}

// requestCommand is a REST call of the user.
func (m *machine) requestCommand(in requestCmd) {
	m.send(&request{method: in.method, path: in.path, params: in.params, body: in.body,
		then: func(a answer, err *failure) {
			if in.reply == nil {
				return
			}
			var outcome error
			if err != nil {
				outcome = err
			}
			m.do(replyEffect{reply: func() { in.reply(a, outcome) }})
		}})
}

// connectGuest asks for a guest and connects as the user of the answer
// (protocol.md 3.5).
func (m *machine) connectGuest(loop *connectLoop, user timeline.User, _ TokenSource, then func(*failure)) {
	if m.prepared == 0 {
		m.prepared = m.beginLane("connectUser as guest", false)
	}
	task := m.newPromise()
	m.guestTask = task
	body := marshal(map[string]any{"user": user})
	m.send(&request{method: http.MethodPost, path: "/guest", body: body, public: true,
		then: func(a answer, err *failure) {
			task.settle(err)
			if m.guestTask == task {
				m.guestTask = nil
			}
			if loop.over {
				return // cancelled meanwhile
			}
			if err != nil {
				err.facts.Op = "guest"
				m.stage(m.prepared, timeline.StageChanged{
					Stage: timeline.StageToken, Progress: timeline.Failed, Failure: new(err.fact()),
				})
				then(err)
				return
			}
			var guest struct {
				AccessToken string `json:"access_token"`
				User        struct {
					ID     string         `json:"id"`
					Name   string         `json:"name"`
					Image  string         `json:"image"`
					Custom map[string]any `json:"custom"`
				} `json:"user"`
			}
			if json.Unmarshal(a.body, &guest) != nil {
				then(plain("guest", "the answer to POST /guest is not JSON"))
				return
			}
			given := timeline.User{ID: guest.User.ID, Name: guest.User.Name, Image: guest.User.Image,
				Custom: guest.User.Custom, Type: timeline.Guest}
			m.connectUser(loop, given, guestSource{StaticSource{Raw: token.Raw(guest.AccessToken)}}, then)
		}})
}

// rewatch asks for the events of the watched calls again, after a new
// connection: three attempts (protocol.md 4.5, K25).
func (m *machine) rewatch() {
	var cids []string
	for _, c := range m.calls {
		if c.watching {
			cids = append(cids, c.cid)
		}
	}
	if len(cids) == 0 {
		return
	}
	m.log(slog.LevelInfo, scopeClient, "Rewatching calls "+strings.Join(cids, ", "))
	m.tryRewatch(cids, 0)
}

func (m *machine) tryRewatch(cids []string, attempt int) {
	m.log(slog.LevelInfo, scopeClient,
		fmt.Sprintf("Rewatching calls %s attempt %d", strings.Join(cids, ", "), attempt+1))
	body := marshal(struct {
		Watch  bool           `json:"watch"`
		Filter map[string]any `json:"filter_conditions"`
	}{true, map[string]any{"cid": map[string]any{"$in": cids}}})
	m.send(&request{method: http.MethodPost, path: "/calls", body: body,
		then: func(a answer, err *failure) {
			if err == nil {
				m.rewatched(a.body)
				return
			}
			if !err.unrecoverable {
				m.log(slog.LevelWarn, scopeClient,
					fmt.Sprintf("Failed to re-watch calls (attempt %d/%d), retrying.", attempt+1, maxRewatches),
					slog.String("error", err.message))
			}
			if err.unrecoverable || attempt+1 == maxRewatches {
				m.log(slog.LevelError, scopeClient, "Failed to re-watch calls", slog.String("error", err.message))
				return
			}
			m.after(m.draw(attempt).Drawn, "rewatch", func() { m.tryRewatch(cids, attempt+1) })
		}})
}

// rewatched takes over the calls that the server knows.
func (m *machine) rewatched(body []byte) {
	list, err := wire.Decode[wire.QueryCallsResponse](body)
	if err != nil {
		m.note("the answer to POST /calls is only partly readable")
	}
	for _, found := range list.Calls {
		if c := m.findCall(found.Call.CID); c != nil {
			m.update(c, callState(found))
			c.members = nil
			for _, member := range found.Members {
				c.members = append(c.members, member.UserID)
			}
		}
	}
}

// callState is a call of a list, in the form of an event.
func callState(found wire.CallStateResponse) *timeline.CallEvent {
	e := &timeline.CallEvent{
		CID: found.Call.CID, Creator: found.Call.CreatedBy.ID, Ended: !found.Call.EndedAt.IsZero(),
		AutoCancel: found.Call.Settings.Ring.AutoCancel(), Incoming: found.Call.Settings.Ring.IncomingCall(),
		MissedIn: found.Call.Settings.Ring.MissedCall(),
	}
	if s := found.Call.Session; s != nil {
		e.SessionID = s.ID
		e.Accepted, e.Rejected = slices.Sorted(maps.Keys(s.AcceptedBy)), slices.Sorted(maps.Keys(s.RejectedBy))
	}
	return e
}

// marshal writes a body of ours.
func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types are ours; custom data was checked when it came in
	}
	return data
}

// elapsed is a duration in the milliseconds of telemetry.
func (m *machine) elapsed(from time.Time) *int { return new(int(m.now.Sub(from).Milliseconds())) }
