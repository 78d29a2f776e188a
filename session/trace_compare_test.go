package session

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tolerance is how much later than its window a wait may end, and how far a
// ping may be off (README of the recordings).
const tolerance = 300 * time.Millisecond

// compareTrace holds what the session did against the recording.
func compareTrace(t *testing.T, tr *trace, s *traceServer, c *traceClient, finals map[string]Status) {
	t.Helper()
	m := &labels{tokens: map[string]string{}, ids: map[string]string{}, back: map[string]string{}}
	_, m.skipRetries = tr.Inputs.ClientOptions["defaultWsTimeout"]
	for label, token := range tr.Inputs.Tokens {
		m.tokens[label] = token.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	compareSockets(t, tr, s.sockets, m)
	compareRequests(t, tr, s.requests, m)
	compareGaps(t, tr, s.sockets)
	comparePings(t, tr, s.sockets)
	compareOutcome(t, tr, c)
	compareProviders(t, tr, c)
	compareFinals(t, tr, finals)
}

// labels knows which value stands behind a label of the recording: tokens by
// the inputs, identifiers by their first appearance, and the same ever after.
type labels struct {
	tokens, ids, back map[string]string
	// skipRetries leaves retry_count_attempt of telemetry alone: with a short
	// connect timeout the dice decide how many attempts there are.
	skipRetries bool
}

var uuidLabel = regexp.MustCompile(`UUID_\d+`)

// same reports whether a text of ours is the recording's, labels resolved.
func (m *labels) same(want, got string) bool {
	if value, ok := m.tokens[want]; ok {
		return got == value
	}
	label := uuidLabel.FindString(want)
	if label == "" {
		return want == got
	}
	before, after, _ := strings.Cut(want, label)
	id, ok := strings.CutPrefix(got, before)
	id, ok2 := strings.CutSuffix(id, after)
	if !ok || !ok2 || id == "" {
		return false
	}
	if known, ok := m.ids[label]; ok {
		return known == id
	}
	if other, taken := m.back[id]; taken && other != label {
		return false
	}
	m.ids[label], m.back[id] = id, label
	return true
}

// differs compares two JSON values and returns the paths at which they do.
// Members that the README does not compare are skipped.
func (m *labels) differs(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: want an object, got %v", path, got)}
		}
		var out []string
		for _, name := range unionKeys(want, g) {
			switch name {
			case "timestamp", "elapsed_time", "user_agent", "sdk_version":
				continue
			case "retry_count_attempt":
				if m.skipRetries {
					continue
				}
			}
			w, inWant := want[name]
			v, inGot := g[name]
			switch {
			case !inGot:
				out = append(out, fmt.Sprintf("%s.%s: missing, want %v", path, name, w))
			case !inWant:
				out = append(out, fmt.Sprintf("%s.%s: not in the recording, got %v", path, name, v))
			default:
				out = append(out, m.differs(path+"."+name, w, v)...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
		}
		var out []string
		for i := range want {
			out = append(out, m.differs(fmt.Sprintf("%s[%d]", path, i), want[i], g[i])...)
		}
		return out
	case string:
		if g, ok := got.(string); !ok || !m.same(want, g) {
			return []string{fmt.Sprintf("%s: want %q, got %q", path, want, got)}
		}
		return nil
	}
	if d := cmp.Diff(want, got); d != "" {
		return []string{path + ": " + d}
	}
	return nil
}

func unionKeys(a, b map[string]any) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// wantSocket is what the recording has of one socket.
type wantSocket struct {
	connect traceEntry
	frames  []any
	closes  []traceEntry
}

func wantSockets(tr *trace) []wantSocket {
	var out []wantSocket
	for _, e := range tr.Wire {
		if e.Kind == "ws.connect" {
			out = append(out, wantSocket{connect: e})
		}
		if e.Conn == 0 || e.Conn > len(out) || e.Dir != "out" {
			continue
		}
		s := &out[e.Conn-1]
		switch e.Kind {
		case "ws.frame":
			s.frames = append(s.frames, e.JSON)
		case "ws.close":
			s.closes = append(s.closes, e)
		}
	}
	return out
}

func compareSockets(t *testing.T, tr *trace, got []*seenSocket, m *labels) {
	t.Helper()
	want := wantSockets(tr)
	low, high := len(want), len(want)
	if r := tr.Timing.Attempts; r != nil {
		low, high = r.Min, r.Max
	}
	if len(got) < low || len(got) > high {
		t.Errorf("the number of sockets: want %d to %d, got %d", low, high, len(got))
	}
	for i := range min(len(want), len(got)) {
		w, g := want[i], got[i]
		if w.connect.Path != g.path {
			t.Errorf("socket %d: the path: want %s, got %s", i+1, w.connect.Path, g.path)
		}
		query := map[string]string{}
		maps.Copy(query, g.query)
		if query["X-Stream-Client"] == "" {
			t.Errorf("socket %d: X-Stream-Client is missing", i+1)
		}
		query["X-Stream-Client"] = w.connect.Query["X-Stream-Client"]
		if d := cmp.Diff(w.connect.Query, query); d != "" {
			t.Errorf("socket %d: the query (-want +got):\n%s", i+1, d)
		}
		for _, d := range m.differs(fmt.Sprintf("socket %d frames", i+1), asList(w.frames), asList(g.frames)) {
			t.Error(d)
		}
		compareClose(t, i+1, w.closes, g)
	}
}

func asList(v []any) any {
	if v == nil {
		return []any{}
	}
	return v
}

func compareClose(t *testing.T, n int, want []traceEntry, got *seenSocket) {
	t.Helper()
	switch {
	case len(want) == 0 && got.close != nil:
		t.Errorf("socket %d: want no close frame, got %v", n, got.close)
	case len(want) > 0 && got.close == nil:
		t.Errorf("socket %d: want a close frame %d, got none", n, want[0].Code)
	case len(want) > 0 && (int(got.close.Code) != want[0].Code || got.close.Reason != want[0].Reason):
		t.Errorf("socket %d: the close frame: want %d %q, got %v", n, want[0].Code, want[0].Reason, got.close)
	}
}

// compareRequests compares the REST calls in order: telemetry by itself, the
// rest by itself, because the two are not ordered against each other.
func compareRequests(t *testing.T, tr *trace, got []seenRequest, m *labels) {
	t.Helper()
	telemetry := func(path string) bool { return strings.HasSuffix(path, "/call_client_event") }
	for _, reports := range []bool{false, true} {
		var want []traceEntry
		for _, e := range tr.Wire {
			if e.Kind == "http.request" && telemetry(e.Path) == reports && e.Method != "HEAD" {
				want = append(want, e)
			}
		}
		var mine []seenRequest
		for _, r := range got {
			if telemetry(r.path) == reports {
				mine = append(mine, r)
			}
		}
		mine = inOrderOf(want, mine, m, reports)
		if len(want) != len(mine) {
			t.Errorf("REST calls (telemetry %t): want %d, got %d: %v", reports, len(want), len(mine), paths(mine))
		}
		for i := range min(len(want), len(mine)) {
			compareRequest(t, i+1, want[i], mine[i], m)
		}
	}
}

// inOrderOf puts our requests of one instant into the order of the recording's:
// they go out side by side. Telemetry may be in any order.
func inOrderOf(want []traceEntry, mine []seenRequest, m *labels, anyOrder bool) []seenRequest {
	var ordered []seenRequest
	rest := slices.Clone(mine)
	known := m.clone()
	for i, w := range want {
		fits := slices.IndexFunc(rest, func(g seenRequest) bool {
			if !anyOrder && !g.at.Equal(rest[0].at) {
				return false
			}
			try := known.clone()
			if len(requestDiffers(i+1, w, g, try)) > 0 {
				return false
			}
			known = try
			return true
		})
		if fits < 0 {
			return mine // the comparison tells what is wrong
		}
		ordered = append(ordered, rest[fits])
		rest = slices.Delete(rest, fits, fits+1)
	}
	return append(ordered, rest...)
}

func (m *labels) clone() *labels {
	c := *m
	c.ids, c.back = maps.Clone(m.ids), maps.Clone(m.back)
	return &c
}

func paths(requests []seenRequest) (out []string) {
	for _, r := range requests {
		out = append(out, r.method+" "+r.path)
	}
	return out
}

func compareRequest(t *testing.T, n int, w traceEntry, g seenRequest, m *labels) {
	t.Helper()
	for _, d := range requestDiffers(n, w, g, m) {
		t.Error(d)
	}
}

func requestDiffers(n int, w traceEntry, g seenRequest, m *labels) (out []string) {
	if w.Method != g.method || w.Path != g.path {
		return []string{fmt.Sprintf("REST call %d: want %s %s, got %s %s", n, w.Method, w.Path, g.method, g.path)}
	}
	at := fmt.Sprintf("REST call %d %s %s", n, g.method, g.path)
	if d := cmp.Diff(w.Query, g.query); d != "" {
		out = append(out, fmt.Sprintf("%s: the query (-want +got):\n%s", at, d))
	}
	for _, name := range []string{"authorization", "stream-auth-type", "x-client-request-id"} {
		if !m.same(w.Headers[name], g.header.Get(name)) {
			out = append(out, fmt.Sprintf("%s: %s: want %q, got %q", at, name, w.Headers[name], g.header.Get(name)))
		}
	}
	if g.header.Get("x-stream-client") == "" {
		out = append(out, at+": x-stream-client is missing")
	}
	return append(out, m.differs(at+" body", w.Body, g.body)...)
}
