package report

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"streamscope/internal/redact"
	"streamscope/timeline"
)

// HAR writes an HTTP archive 1.2: one page a session, one entry a REST request,
// and one a socket with its frames in _webSocketMessages, as Chrome DevTools write
// and read them. Bodies and queries are as redacted as they were recorded, and once
// more; headers are those that follow from what was recorded. Binary frames are
// base64. Each entry is in memory once; the document as a whole is not.
func HAR(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o Options) error {
	o = o.withDefaults(s)
	h := harMaker{opts: o, state: s, sockets: map[laneKey]*harSocket{}, asked: map[requestKey]*harEntry{}}
	for e := range events {
		if o.Session == "" || e.Session == o.Session {
			h.add(e)
		}
	}
	if err := h.write(bufio.NewWriterSize(w, 64<<10)); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

type requestKey struct{ session, id string }

// harSocket is the entry of a socket while it is filled.
type harSocket struct {
	entry *harEntry
	lane  lane
	last  time.Time
}

type harMaker struct {
	opts    Options
	state   timeline.State
	entries []*harEntry
	sockets map[laneKey]*harSocket
	order   []*harSocket
	asked   map[requestKey]*harEntry
}

func (h *harMaker) add(e timeline.Event) {
	switch p := e.Payload.(type) {
	case timeline.HTTPRequest:
		entry := h.request(e, p)
		h.asked[requestKey{e.Session, p.ID}] = entry
		h.entries = append(h.entries, entry)
		return
	case timeline.HTTPResponse:
		h.response(e, p)
		return
	}
	if e.Attempt == 0 {
		return
	}
	s := h.socket(e)
	switch p := e.Payload.(type) {
	case timeline.AttemptStarted:
		s.lane.AttemptStarted, s.lane.started = p, e.Time
	case timeline.StageChanged:
		if p.Stage >= 0 && p.Stage < timeline.StageCount {
			s.lane.stages[p.Stage] = p
		}
	case timeline.AttemptEnded:
		s.lane.end, s.lane.ended = p, e.Time
	case timeline.Frame:
		s.entry.Messages = append(s.entry.Messages, message(e, p))
	case timeline.Close:
		s.entry.Messages = append(s.entry.Messages, closeMessage(e, p))
	default:
		return
	}
	s.last = e.Time
}

func (h *harMaker) socket(e timeline.Event) *harSocket {
	key := laneKey{e.Session, e.Attempt}
	if s, ok := h.sockets[key]; ok {
		return s
	}
	s := &harSocket{entry: &harEntry{PageRef: h.page(e.Session), Resource: "websocket", Messages: []harMessage{}}}
	s.lane = lane{session: e.Session, n: e.Attempt, started: e.Time}
	h.sockets[key] = s
	h.order = append(h.order, s)
	h.entries = append(h.entries, s.entry)
	return s
}

// messageOf is a message as DevTools have it, without what it says.
func messageOf(e timeline.Event, dir timeline.Direction, opcode int) harMessage {
	m := harMessage{Type: "receive", Time: float64(e.Time.UnixMicro()) / 1e6, Opcode: opcode}
	if dir == timeline.Out {
		m.Type = "send"
	}
	return m
}

// closeMessage is the close frame, as its code and reason.
func closeMessage(e timeline.Event, c timeline.Close) harMessage {
	m := messageOf(e, c.Dir, 8)
	m.Data = strings.TrimSpace(strconv.Itoa(c.Code) + " " + redact.Text(c.Reason))
	return m
}

// message is a frame.
func message(e timeline.Event, f timeline.Frame) harMessage {
	m := messageOf(e, f.Dir, 1)
	body := redact.Bytes(f.Body)
	switch f.Op {
	case "binary":
		m.Opcode = 2
	case "ping":
		m.Opcode = 9
	case "pong":
		m.Opcode = 10
	}
	if m.Opcode != 1 || !utf8.Valid(body) {
		m.Data = base64.StdEncoding.EncodeToString(body)
		return m
	}
	m.Data = string(body)
	if f.Cut > 0 {
		m.Comment = fmt.Sprintf("%d bytes were not kept", f.Cut)
	}
	return m
}

// request begins the entry of a REST request.
func (h *harMaker) request(e timeline.Event, p timeline.HTTPRequest) *harEntry {
	query := redact.Text(p.Query)
	target := h.origin(e.Session) + redact.Text(p.Path)
	if query != "" {
		target += "?" + query
	}
	entry := &harEntry{
		PageRef: h.page(e.Session), Resource: "fetch", started: e.Time, Started: harTime(e.Time),
		Request: harRequest{
			Method: p.Method, URL: target, Version: "HTTP/1.1", Headers: []harPair{}, Cookies: []harPair{},
			Query: queryPairs(query), HeadersSize: -1, BodySize: len(p.Body),
		},
		Response: noResponse("no answer was recorded"),
		Timings:  noTimings(),
	}
	if p.ID != "" {
		entry.Request.Headers = append(entry.Request.Headers, harPair{"x-client-request-id", p.ID})
	}
	if len(p.Body) > 0 {
		entry.Request.Headers = append(entry.Request.Headers, harPair{"content-type", jsonType})
		entry.Request.PostData = &harPost{MIME: jsonType, Text: string(redact.Bytes(p.Body))}
	}
	if p.Token > 0 {
		entry.Comment = fmt.Sprintf("authorized with token %d of the session; the header is left out", p.Token)
	}
	return entry
}

const jsonType = "application/json"

// response completes the entry of its request, or makes one where the request was
// not recorded.
func (h *harMaker) response(e timeline.Event, p timeline.HTTPResponse) {
	key := requestKey{e.Session, p.ID}
	entry, ok := h.asked[key]
	if !ok {
		entry = h.request(e, timeline.HTTPRequest{ID: p.ID, Method: p.Method, Path: p.Path})
		entry.started = e.Time.Add(-p.Took)
		entry.Started = harTime(entry.started)
		h.entries = append(h.entries, entry)
	}
	delete(h.asked, key)
	entry.Timings.Wait = harMillis(p.Took)
	entry.Time = entry.Timings.Wait
	if p.Failure != nil && p.Status == 0 {
		entry.Response = noResponse(redact.Text(failureText(*p.Failure)))
		return
	}
	entry.Response = harResponse{
		Status: p.Status, StatusText: http.StatusText(p.Status), Version: "HTTP/1.1",
		Headers: []harPair{{"content-type", jsonType}}, Cookies: []harPair{},
		Content:     harContent{Size: p.Size, MIME: jsonType, Text: string(redact.Bytes(p.Body))},
		HeadersSize: -1, BodySize: p.Size, TransferSize: p.Size,
	}
}

// finish completes the entry of a socket.
func (s *harSocket) finish(h *harMaker) {
	l, e := &s.lane, s.entry
	e.started, e.Started = l.started, harTime(l.started)
	e.Comment = fmt.Sprintf("attempt %d", l.n)
	e.Request = harRequest{
		Method: http.MethodGet, URL: cmp.Or(redact.Text(l.URL), h.origin(l.session)+"/video/connect"), Version: "HTTP/1.1",
		Headers: []harPair{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}},
		Cookies: []harPair{}, Query: []harPair{}, HeadersSize: -1,
	}
	e.Response = s.response()
	e.Timings = l.timings()
	end := l.ended
	if end.IsZero() {
		end = s.last
	}
	if open := end.Sub(l.started) - durations(e.Timings); open > 0 {
		e.Timings.Receive = harMillis(open)
	}
	t := e.Timings
	e.Time = max(t.Blocked, 0) + max(t.DNS, 0) + max(t.Connect, 0) + t.Send + t.Wait + t.Receive
}

func (s *harSocket) response() harResponse {
	l := &s.lane
	up := l.stages[timeline.StageUpgrade]
	status := up.Status
	if status == 0 && up.Progress == timeline.Passed {
		status = http.StatusSwitchingProtocols
	}
	if status == 0 {
		text := "the upgrade was not reached"
		if f := l.failure(); f != nil {
			text = redact.Text(failureText(*f))
		}
		return noResponse(text)
	}
	r := harResponse{
		Status: status, StatusText: http.StatusText(status), Version: "HTTP/1.1", Headers: []harPair{}, Cookies: []harPair{},
		Content: harContent{MIME: "x-unknown"}, HeadersSize: -1, BodySize: -1,
	}
	if status == http.StatusSwitchingProtocols {
		r.Headers = append(r.Headers, harPair{"Connection", "Upgrade"}, harPair{"Upgrade", "websocket"})
	}
	if f := l.failure(); f != nil {
		r.Error = redact.Text(failureText(*f))
	}
	return r
}

// timings are the stages in the words of HAR: the token's load is "blocked", TCP
// and TLS are "connect", the upgrade is "wait".
func (l *lane) timings() harTimings {
	took := func(stage timeline.Stage) (time.Duration, bool) {
		s := l.stages[stage]
		return s.Took, s.Progress == timeline.Passed || s.Progress == timeline.Failed
	}
	t := noTimings()
	if d, ok := took(timeline.StageToken); ok {
		t.Blocked = harMillis(d)
	}
	if d, ok := took(timeline.StageDNS); ok {
		t.DNS = harMillis(d)
	}
	tcp, ok := took(timeline.StageTCP)
	secure, isSecure := took(timeline.StageTLS)
	if ok {
		t.Connect = harMillis(tcp + secure)
	}
	if isSecure {
		t.SSL = harMillis(secure)
	}
	if d, ok := took(timeline.StageUpgrade); ok {
		t.Wait = harMillis(d)
	}
	return t
}

func durations(t harTimings) time.Duration {
	ms := max(t.Blocked, 0) + max(t.DNS, 0) + max(t.Connect, 0) + t.Wait
	return time.Duration(ms * float64(time.Millisecond))
}

// origin is where a session's requests go, without path.
func (h *harMaker) origin(session string) string {
	s, _ := h.state.Session(session)
	u, err := url.Parse(cmp.Or(s.Opened.BaseURL, h.opts.Header.BaseURL))
	if err != nil || u.Host == "" {
		return "https://unknown.invalid"
	}
	return u.Scheme + "://" + u.Host
}

// page returns the id of a session's page.
func (h *harMaker) page(session string) string {
	if i := slices.IndexFunc(h.state.Sessions, func(s timeline.Session) bool { return s.Name == session }); i >= 0 {
		return fmt.Sprintf("page_%d", i+1)
	}
	return "page_0"
}

// write writes the document entry by entry, in the order of time.
func (h *harMaker) write(out *bufio.Writer) error {
	for _, s := range h.order {
		s.finish(h)
	}
	slices.SortStableFunc(h.entries, func(a, b *harEntry) int { return a.started.Compare(b.started) })
	head, err := json.Marshal(harHead{
		Version: "1.2", Creator: harCreator{Name: "streamscope", Version: cmp.Or(h.opts.Tool, "unknown")},
		Pages: h.pages(), Comment: "tokens, secrets and authorization are masked",
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "{\"log\":%s,\"entries\":[", strings.TrimSuffix(string(head), "}"))
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i, e := range h.entries {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	out.WriteString("]}}\n")
	return out.Flush()
}

func (h *harMaker) pages() []harPage {
	pages := []harPage{}
	for _, s := range h.opts.sessions(h.state) {
		p := harPage{ID: h.page(s.Name), Title: clean(strings.TrimSpace(s.Name + " " + s.Opened.BaseURL)), Started: harTime(s.Since)}
		if i := slices.IndexFunc(h.entries, func(e *harEntry) bool { return e.PageRef == p.ID }); i >= 0 {
			p.Started = h.entries[i].Started
		}
		p.Timings = harPageTimings{OnContentLoad: -1, OnLoad: -1}
		pages = append(pages, p)
	}
	if slices.ContainsFunc(h.entries, func(e *harEntry) bool { return e.PageRef == "page_0" }) {
		pages = append(pages, harPage{ID: "page_0", Title: "no session", Started: h.entries[0].Started, Timings: harPageTimings{-1, -1}})
	}
	return pages
}
