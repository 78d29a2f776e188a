package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"streamscope/internal/redact"
	"streamscope/logsink"
	"streamscope/report"
	"streamscope/timeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	secret = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.k3hQm7TzXvRwB1nYpLsD8fGjA0cUeKiO5tW2qZrNabc"
	hostil = "\x1b[31mred | <script>alert(1)</script> ```\n# x"
)

var start = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// story is a session that was refused with an expired token, connected with the
// next one, had a ring, and was closed with 1000 by the server; with texts that
// somebody put there to do harm, and secrets that were not masked.
func story() []timeline.Event {
	var events []timeline.Event
	at := time.Duration(0)
	add := func(attempt int, p timeline.Payload) {
		events = append(events, timeline.Event{
			Seq: uint64(len(events) + 1), Time: start.Add(at), Offset: at, Session: "sara", Attempt: attempt, Payload: p,
		})
		at += 10 * time.Millisecond
	}
	stage := func(attempt int, s timeline.Stage, detail string) {
		add(attempt, timeline.StageChanged{Stage: s, Progress: timeline.Passed, Took: time.Duration(s+1) * time.Millisecond, Detail: detail})
	}
	old := timeline.TokenInfo{Number: 1, Mask: "eyJ….….…aaaaaa", Fingerprint: "f1", Alg: "HS256", UserID: "sara", IssuedAt: start.Add(-time.Hour), ExpiresAt: start.Add(-time.Minute)}
	fresh := timeline.TokenInfo{Number: 2, Mask: "eyJ….….…bbbbbb", Fingerprint: "f2", Alg: "HS256", UserID: "sara", IssuedAt: start}
	expired := timeline.Failure{Stage: timeline.StageAuth, Op: "auth", Code: 40, Name: "AuthErrorTokenExpired", Reason: "token is expired " + hostil}
	add(0, timeline.SessionOpened{
		Source: timeline.SourceDirect, User: timeline.User{ID: "sara", Type: timeline.Authenticated}, APIKey: "demo…k3y",
		BaseURL: "https://video.stream-io-api.com/video", Policy: timeline.PolicySDK, TokenSource: "http", Refreshable: true, MaxConnectRetries: 5,
	})
	add(0, timeline.UserAction{Action: "connect"})
	add(0, timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateDialing})
	for n, token := range []timeline.TokenInfo{old, fresh} {
		attempt := n + 1
		add(0, timeline.TokenLoaded{Source: "http", Load: attempt, Took: time.Millisecond, Token: token})
		add(attempt, timeline.AttemptStarted{URL: "wss://video.stream-io-api.com/video/connect", Cycle: attempt})
		stage(attempt, timeline.StageToken, "http")
		stage(attempt, timeline.StageDNS, "192.0.2.7")
		stage(attempt, timeline.StageTCP, "192.0.2.7:443")
		stage(attempt, timeline.StageTLS, "TLS 1.3")
		add(attempt, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed, Took: 5 * time.Millisecond, Status: 101})
		add(attempt, timeline.TokenSent{Token: token})
		frame, _ := timeline.DecodeFrame(timeline.Out, "text", []byte(`{"products":["video"]}`), 0)
		frame.Body = timeline.Body(`{"token":"` + secret + `","products":["video"]}`) // as if nobody had masked it
		add(attempt, frame)
		if n == 0 {
			refused, _ := timeline.DecodeFrame(timeline.In, "text", []byte(`{"type":"connection.error","error":{"code":40,"StatusCode":401,"message":"token is expired"}}`), 0)
			add(1, refused)
			add(1, timeline.StageChanged{Stage: timeline.StageAuth, Progress: timeline.Failed, Took: 7 * time.Millisecond, Failure: &expired})
			add(1, timeline.AttemptEnded{By: timeline.ByServer, Failure: &expired})
		}
	}
	ok, _ := timeline.DecodeFrame(timeline.In, "text", []byte(`{"type":"connection.ok","connection_id":"6f1d-a1","me":{"id":"sara"}}`), 0)
	add(2, ok)
	stage(2, timeline.StageConnected, "")
	add(0, timeline.StateChanged{From: timeline.StateAuthenticating, To: timeline.StateConnected})
	add(0, timeline.Clock{Skew: 40 * time.Millisecond, Source: "date header"})
	ping, _ := timeline.DecodeFrame(timeline.Out, "text", []byte(`[{"type":"health.check"}]`), 0)
	add(2, ping)
	ring, _ := timeline.DecodeFrame(timeline.In, "text", []byte(`{"type":"call.ring","call_cid":"default:lunch","user":{"id":"jack"}}`), 0)
	add(2, ring)
	add(2, timeline.Frame{Dir: timeline.In, Op: "binary", Size: 3, Body: timeline.Body{1, 2, 0xff}, Bad: "binary"})
	add(0, timeline.HTTPRequest{ID: "r1", Method: "POST", Path: "/video/call/default/lunch/accept", Query: "api_key=demo&connection_id=6f1d-a1", Body: timeline.Body(`{}`), Token: 2, Op: timeline.OpAccept})
	add(0, timeline.HTTPResponse{ID: "r1", Method: "POST", Path: "/video/call/default/lunch/accept", Status: 201, Took: 18 * time.Millisecond, Size: 20, Body: timeline.Body(`{"duration":"1.00ms"}`)})
	add(0, timeline.HTTPRequest{ID: "r2", Method: "GET", Path: "/video/edges"})
	add(0, timeline.HTTPResponse{ID: "r3", Method: "GET", Path: "/video/edges", Took: time.Second, Failure: &timeline.Failure{Op: "http", Text: "i/o timeout for Bearer " + secret}})
	add(0, timeline.Warning{ID: "x", Text: "careful " + hostil})
	add(0, timeline.Mark{Text: "here =1+1"})
	add(2, timeline.Close{Dir: timeline.In, Code: 1000, Reason: hostil})
	at = time.Minute
	add(0, timeline.StateChanged{From: timeline.StateConnected, To: timeline.StateBackoff, Reason: "nothing heard"})
	add(3, timeline.AttemptStarted{URL: "wss://video.stream-io-api.com/video/connect", Reconnect: true})
	dns := timeline.Failure{Stage: timeline.StageDNS, Op: "dial", Text: "=cmd|' lookup video.stream-io-api.com: no such host"}
	add(3, timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Failed, Took: 3 * time.Millisecond, Failure: &dns})
	add(3, timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006, Failure: &dns})
	return events
}

type document func(io.Writer, iter.Seq[timeline.Event], timeline.State, report.Options) error

func write(t testing.TB, d document, events []timeline.Event, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := d(&out, slices.Values(events), timeline.Fold(timeline.State{}, events), o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func options() report.Options {
	return report.Options{
		Tool: "1.0.0", Header: timeline.Header{Tool: "0.9.0"},
		Notes: []string{"the last line (70) is torn"},
		Logs: slices.Values([]logsink.Record{
			{Time: start, Level: logsink.Info, Scope: "client", Message: "fine"},
			{Time: start, Level: logsink.Error, Scope: "coordinator", Tags: "1", Message: "WS failed " + secret, Attrs: "code=40"},
		}),
	}
}

var documents = []struct {
	name  string
	write document
}{
	{"report.md", report.Markdown}, {"attempts.csv", report.CSV}, {"session.har", report.HAR},
	{"summary.txt", report.Summary}, {"summary.json", report.SummaryJSON},
}

func TestDocuments(t *testing.T) {
	for _, d := range documents {
		t.Run(d.name, func(t *testing.T) {
			got := write(t, d.write, story(), options())
			path := filepath.Join("testdata", d.name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				actual := filepath.Join(t.ArtifactDir(), d.name)
				t.Errorf("(-golden +got), see %s:\n%s", actual, diff)
				if err := os.WriteFile(actual, []byte(got), 0o644); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestNoDocumentHoldsASecretOrAnEscape(t *testing.T) {
	for _, d := range documents {
		t.Run(d.name, func(t *testing.T) {
			got := write(t, d.write, story(), options())
			if strings.Contains(got, secret[40:70]) || redact.Text(got) != got {
				t.Error("a secret is in the document")
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
				t.Errorf("a control character is in the document: %q", got[max(i-20, 0):i+20])
			}
		})
	}
}

func TestNothingFromOutsideIsMarkdown(t *testing.T) {
	got := write(t, report.Markdown, story(), options())
	for _, bad := range []string{"<script", "\n# x"} {
		if strings.Contains(got, bad) {
			t.Errorf("the report has %q", bad)
		}
	}
	if n := strings.Count(got, "```"); n != 4 {
		t.Errorf("%d fences, want those of two blocks", n)
	}
}

func TestACellIsNoFormula(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(write(t, report.CSV, story(), options()))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
}

func TestHARIsValid(t *testing.T) {
	file, err := os.Open("testdata/har.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	schema, err := validator.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("har.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("har.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, events := range map[string][]timeline.Event{"a story": story(), "nothing": nil, "no session": story()[4:20]} {
		doc, err := validator.UnmarshalJSON(strings.NewReader(write(t, report.HAR, events, options())))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if compiled.Validate(map[string]any{"log": map[string]any{"version": "1.2"}}) == nil {
		t.Error("the schema takes anything")
	}
}

func TestHAREntriesAddUp(t *testing.T) {
	var har struct {
		Log struct {
			Pages   []struct{ ID string }
			Entries []struct {
				PageRef  string
				Time     float64
				Timings  struct{ Blocked, DNS, Connect, Send, Wait, Receive, SSL float64 }
				Messages []struct {
					Type   string
					Opcode int
					Data   string
				} `json:"_webSocketMessages"`
				Response struct{ Status int }
				Request  struct{ URL string }
			}
		}
	}
	if err := json.Unmarshal([]byte(write(t, report.HAR, story(), options())), &har); err != nil {
		t.Fatal(err)
	}
	if len(har.Log.Entries) != 6 {
		t.Fatalf("%d entries, want three sockets, two requests, and an answer without one", len(har.Log.Entries))
	}
	for _, e := range har.Log.Entries {
		x := e.Timings
		sum := max(x.Blocked, 0) + max(x.DNS, 0) + max(x.Connect, 0) + x.Send + x.Wait + x.Receive
		if diff := sum - e.Time; diff > 0.01 || diff < -0.01 {
			t.Errorf("%s takes %v, its parts %v", e.Request.URL, e.Time, sum)
		}
		if e.PageRef != har.Log.Pages[0].ID {
			t.Errorf("page %s", e.PageRef)
		}
	}
	second := har.Log.Entries[2]
	if second.Response.Status != 101 || len(second.Messages) != 6 || second.Messages[4].Opcode != 2 || second.Messages[4].Data != "AQL/" ||
		second.Messages[0].Type != "send" || second.Messages[5].Opcode != 8 || !strings.HasPrefix(second.Messages[5].Data, "1000 ") {
		t.Errorf("the second socket is %+v", second)
	}
}

func TestOneSessionOnly(t *testing.T) {
	events := story()
	events = append(events, timeline.Event{Seq: 99, Time: start, Session: "jack", Attempt: 1, Payload: timeline.AttemptStarted{URL: "wss://jack"}})
	o := options()
	o.Session = "sara"
	for _, d := range documents {
		if got := write(t, d.write, events, o); strings.Contains(got, "wss://jack") || strings.Contains(got, "Session jack") {
			t.Errorf("%s tells of jack", d.name)
		}
	}
}

func TestNothingHappened(t *testing.T) {
	for _, d := range documents {
		if got := write(t, d.write, nil, report.Options{}); got == "" {
			t.Errorf("%s is empty", d.name)
		}
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAWriterThatFails(t *testing.T) {
	for _, d := range documents {
		events := story()
		if err := d.write(full{}, slices.Values(events), timeline.Fold(timeline.State{}, events), options()); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// The same end of a connection is one error, what happened often is one line, a
// caused fault is said first, and what went well in the end is not called a failure.
func TestMarkdownOfARecovery(t *testing.T) {
	var events []timeline.Event
	add := func(attempt int, p timeline.Payload) {
		n := time.Duration(len(events)) * 8 * time.Hour
		events = append(events, timeline.Event{Seq: uint64(len(events) + 1), Time: start.Add(n), Offset: n, Session: "sara", Attempt: attempt, Payload: p})
	}
	connected := timeline.StageChanged{Stage: timeline.StageConnected, Progress: timeline.Passed}
	add(0, timeline.SessionOpened{Source: timeline.SourceLocal, User: timeline.User{ID: "sara"}})
	add(1, timeline.AttemptStarted{})
	add(1, connected)
	for range 3 {
		add(0, timeline.FaultHit{ID: "refuse"})
	}
	add(1, timeline.Close{Dir: timeline.In, Code: 1001, Reason: "going away"})
	add(1, timeline.AttemptEnded{By: timeline.ByServer, Close: 1001, Failure: &timeline.Failure{Close: 1001, Reason: "going away"}})
	add(2, timeline.AttemptStarted{Reconnect: true})
	add(2, connected)
	add(2, timeline.AttemptEnded{By: timeline.ByUser, Close: 1000})
	add(0, timeline.StateChanged{To: timeline.StateDisconnected})
	cet := time.FixedZone("CET", 3600)
	got := write(t, report.Markdown, events, report.Options{Local: cet})
	for what, want := range map[string]string{
		"the verdict":       "**sara was connected and then disconnected as wanted; 1 connection was lost before, the last failure was: close 1001, going away.**",
		"the faults":        "Note: faults were caused on purpose",
		"the zone":          "times are CET (UTC+01:00).",
		"the other day":     "2026-01-02 13:00:00 CET to 2026-01-06 05:00:00 CET (88h0m0s)",
		"who ended it":      "| ended after 8h0m0s | by the user |",
		"the repeated line": "(3 times from then on)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is told as %q, got\n%s", what, want, got)
		}
	}
	_, errors, _ := strings.Cut(got, "## Errors")
	errors, _, _ = strings.Cut(errors, "## What to do")
	if n := strings.Count(errors, "1001"); n != 1 {
		t.Errorf("the close and the end of the attempt are one error, got %d:\n%s", n, errors)
	}
}
