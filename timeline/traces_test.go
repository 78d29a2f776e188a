package timeline_test

import (
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

// trace is a recording of the official client (testdata/sdk-traces).
type trace struct {
	Wire []wireEntry `json:"wire"`
}

type wireEntry struct {
	Millis int64             `json:"t_ms"`
	Dir    string            `json:"dir"`
	Kind   string            `json:"kind"`
	Conn   int               `json:"conn"`
	Req    int               `json:"req"`
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Query  map[string]string `json:"query"`
	Status int               `json:"status"`
	Body   json.RawMessage   `json:"body"`
	JSON   json.RawMessage   `json:"json"`
	Text   *string           `json:"text"`
	Code   int               `json:"code"`
	Reason string            `json:"reason"`
	Calls  *[]traceCall      `json:"calls"`
}

// traceCall is what the official client itself said about a call.
type traceCall struct {
	CID     string                `json:"cid"`
	Ringing bool                  `json:"ringing"`
	State   timeline.CallingState `json:"calling_state"`
}

func readTraces(t *testing.T) map[string]trace {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "sdk-traces", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	traces := map[string]trace{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tr trace
		// Members that a kind uses in another shape stay empty.
		if err := json.Unmarshal(b, &tr); err != nil && len(tr.Wire) == 0 {
			t.Fatalf("%s: %v", file, err)
		}
		traces[strings.TrimSuffix(filepath.Base(file), ".json")] = tr
	}
	return traces
}

// tap makes of a trace the events that somebody in the middle would see.
func (tr trace) tap() *script {
	s := opened(func(p *timeline.SessionOpened) {
		tapped(p)
		p.User.ID, p.RejectWhenBusy = "alice", true
	})
	requests := map[int]timeline.HTTPRequest{}
	for _, w := range tr.Wire {
		s.now = time.Duration(w.Millis) * time.Millisecond
		s.attempt = w.Conn
		switch w.Kind {
		case "ws.connect":
			s.add(timeline.AttemptStarted{URL: w.Path})
		case "ws.open":
			s.add(timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed, Status: 101})
		case "ws.reject", "ws.terminate", "ws.tcp_closed":
			s.add(timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006, Failure: &timeline.Failure{Op: "read", Close: 1006}})
		case "ws.close":
			s.addClose(w)
		case "ws.frame":
			s.addFrame(w)
		case "http.request":
			query := url.Values{}
			for k, v := range w.Query {
				query.Set(k, v)
			}
			req := timeline.NewRequest(strconv.Itoa(w.Req), w.Method, &url.URL{Path: w.Path, RawQuery: query.Encode()}, w.Body)
			requests[w.Req] = req
			s.add(req)
		case "http.response":
			s.add(timeline.NewResponse(requests[w.Req], w.Status, time.Millisecond, w.Body))
		}
	}
	return s
}

func (s *script) addFrame(w wireEntry) {
	data := []byte(w.JSON)
	if w.Text != nil {
		data = []byte(*w.Text)
	}
	frame, call := timeline.DecodeFrame(timeline.Direction(w.Dir), "text", data, 0)
	s.add(frame)
	if call != nil {
		s.add(*call)
	}
}

func (s *script) addClose(w wireEntry) {
	by := timeline.ByServer
	if w.Dir == "out" {
		by = timeline.ByClient
	}
	s.add(timeline.Close{Dir: timeline.Direction(w.Dir), Code: w.Code, Reason: w.Reason},
		timeline.AttemptEnded{By: by, Close: w.Code, Reason: w.Reason})
}

// lastCalls is what the client said last about its calls, in the order of ids.
func (tr trace) lastCalls() []traceCall {
	var calls []traceCall
	for _, w := range tr.Wire {
		if w.Calls != nil {
			calls = slices.Clone(*w.Calls)
		}
	}
	slices.SortFunc(calls, func(a, b traceCall) int { return cmp.Compare(a.CID, b.CID) })
	return calls
}

// TestCallsOfTheOfficialClientAreReadFromItsTraffic: what the fold makes of the
// traffic is what the client said of itself. A call that it left is gone there
// and left here.
func TestCallsOfTheOfficialClientAreReadFromItsTraffic(t *testing.T) {
	compared := 0
	for name, tr := range readTraces(t) {
		t.Run(name, func(t *testing.T) {
			want := tr.lastCalls()
			compared += len(want)
			var got []traceCall
			for _, c := range tr.tap().fold().Calls {
				if c.State != timeline.CallingLeft {
					got = append(got, traceCall{CID: c.CID, Ringing: c.Ringing, State: c.State})
				}
			}
			slices.SortFunc(got, func(a, b traceCall) int { return cmp.Compare(a.CID, b.CID) })
			if diff := gocmp.Diff(want, got); len(want)+len(got) > 0 && diff != "" {
				t.Errorf("(-client +fold):\n%s", diff)
			}
		})
	}
	if compared < 5 {
		t.Errorf("only %d calls were compared", compared)
	}
}

// TestTrapsOfTheOfficialClientAreSeenInItsTraffic: these traces, and no others,
// show a trap on the wire.
func TestTrapsOfTheOfficialClientAreSeenInItsTraffic(t *testing.T) {
	want := map[string][]string{
		"close_1000_after_ok":       {"K1"},
		"error_43_during_reconnect": {"K4"},
	}
	for name, tr := range readTraces(t) {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, trap := range tr.tap().fold().Traps {
				got = append(got, trap.ID)
			}
			if !slices.Equal(got, want[name]) {
				t.Errorf("traps seen are %v, want %v", got, want[name])
			}
		})
	}
}
