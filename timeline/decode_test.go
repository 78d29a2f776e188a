package timeline_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

func wireFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "wire", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeFrame(t *testing.T) {
	tests := []struct {
		name, op, in string
		dir          timeline.Direction
		want         timeline.Frame
	}{
		{"connection.ok", "text", `{"type":"connection.ok","connection_id":"c-1","me":{"id":"guest-1"}}`, timeline.In,
			timeline.Frame{Type: "connection.ok", ConnectionID: "c-1", By: "guest-1"}},
		{"connection.ok without me", "text", `{"type":"connection.ok","connection_id":"c-1"}`, timeline.In,
			timeline.Frame{Type: "connection.ok", ConnectionID: "c-1"}},
		{"connection.error", "text", `{"type":"connection.error","error":{"code":42,"message":"token used\n"}}`, timeline.In,
			timeline.Frame{Type: "connection.error", Code: 42, Message: `token used\n`}},
		{"our ping", "text", `[ {"type":"health.check","client_id":"x"}]`, timeline.Out,
			timeline.Frame{Type: "health.check"}},
		{"an array from the server", "text", `[{"type":"health.check"}]`, timeline.In,
			timeline.Frame{Bad: timeline.BadArray}},
		{"binary", "binary", "\x00\x01", timeline.In, timeline.Frame{Bad: timeline.BadBinary}},
		{"not JSON", "text", `{"type":"call.ring"`, timeline.In, timeline.Frame{Type: "call.ring", Bad: timeline.BadJSON}},
		{"no type", "text", `{"kind":1}`, timeline.In, timeline.Frame{Bad: timeline.BadType}},
		{"an unknown type", "text", `{"type":"brand.new"}`, timeline.In, timeline.Frame{Type: "brand.new"}},
		{"members of the wrong shape", "text", `{"type":"connection.ok","connection_id":7,"me":"sara"}`, timeline.In,
			timeline.Frame{Type: "connection.ok"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, call := timeline.DecodeFrame(tt.dir, tt.op, []byte(tt.in), 0)
			want := tt.want
			want.Dir, want.Op, want.Size, want.Body = tt.dir, tt.op, len(tt.in), []byte(tt.in)
			if diff := cmp.Diff(want, got); diff != "" || call != nil {
				t.Errorf("call %v, frame (-want +got):\n%s", call, diff)
			}
		})
	}
}

func TestDecodeCall(t *testing.T) {
	const call = `"call":{"cid":"default:lunch","created_by":{"id":"jack"},"session":{"id":"s-1",
		"accepted_by":{"nina":"2026-01-02T03:04:05Z"},"rejected_by":{"bob":1767323045000000000,"al":1}},
		"settings":{"ring":{"auto_cancel_timeout_ms":15000,"incoming_call_timeout_ms":20000,"missed_call_timeout_ms":0}}}`
	base := timeline.CallEvent{
		CID: "default:lunch", SessionID: "s-1", Creator: "jack", Accepted: []string{"nina"}, Rejected: []string{"al", "bob"},
		AutoCancel: 15 * time.Second, Incoming: 20 * time.Second,
	}
	tests := []struct {
		name, in string
		want     func(*timeline.CallEvent)
	}{
		{"a ring", `{"type":"call.ring","call_cid":"default:lunch","video":true,"user":{"id":"jack"},"members":[{"user_id":"sara"},{"user":{"id":"x"}},{}],` + call + `}`,
			func(e *timeline.CallEvent) {
				e.Type, e.Video, e.By, e.Members = "call.ring", true, "jack", []string{"sara", "x"}
			}},
		{"no call_cid", `{"type":"call.accepted","user":{"id":"nina"},` + call + `}`,
			func(e *timeline.CallEvent) { e.Type, e.By = "call.accepted", "nina" }},
		{"members as ids", `{"type":"call.member_removed","members":["sara",7],` + call + `}`,
			func(e *timeline.CallEvent) { e.Type, e.Members = "call.member_removed", []string{"sara"} }},
		{"ended_at in nanoseconds", `{"type":"call.updated",` + strings.Replace(call, `"call":{`, `"call":{"ended_at":1767323045000000000,`, 1) + `}`,
			func(e *timeline.CallEvent) { e.Type, e.Ended = "call.updated", true }},
		{"ended_at null", `{"type":"call.updated",` + strings.Replace(call, `"call":{`, `"call":{"ended_at":null,`, 1) + `}`,
			func(e *timeline.CallEvent) { e.Type = "call.updated" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := base
			tt.want(&want)
			got, ok := timeline.DecodeCall([]byte(tt.in))
			if diff := cmp.Diff(want, got); !ok || diff != "" {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestDecodeCallKeepsNothingWithoutACall(t *testing.T) {
	for _, in := range []string{``, `null`, `[]`, `{"type":"call.ring"}`, `{"type":"health.check","call_cid":"a:b"}`, `{"type":7}`} {
		if e, ok := timeline.DecodeCall([]byte(in)); ok {
			t.Errorf("DecodeCall(%s) = %v, want nothing", in, e)
		}
	}
}

func TestDecodeRecordedFrames(t *testing.T) {
	f, call := timeline.DecodeFrame(timeline.In, "text", wireFile(t, "server_call.ring.json"), 0)
	if f.Bad != "" || f.Type != "call.ring" || call == nil {
		t.Fatalf("a recorded ring decodes to %+v and %v", f, call)
	}
	if call.CID != f.CID || call.Creator == "" || len(call.Members) == 0 || call.Incoming == 0 {
		t.Errorf("the ring lacks something: %+v", call)
	}
	auth, _ := timeline.DecodeFrame(timeline.Out, "text", []byte(`{"token":"`+plantedToken+`","user_details":{"id":"sara"}}`), 0)
	if strings.Contains(string(auth.Body), plantedToken[:40]) || !strings.Contains(string(auth.Body), plantedToken[len(plantedToken)-6:]) {
		t.Errorf("the auth frame is kept as %s, want a mask with the last six characters", auth.Body)
	}
}

func TestFrameBodiesAreCut(t *testing.T) {
	long := `{"type":"custom","x":"` + strings.Repeat("a", 5000) + `"}`
	f, _ := timeline.DecodeFrame(timeline.In, "text", []byte(long), 1000)
	if len(f.Body) != 1000 || f.Cut != len(long)-1000 || f.Size != len(long) {
		t.Errorf("kept %d, cut %d, size %d of %d bytes", len(f.Body), f.Cut, f.Size, len(long))
	}
}

func TestNewRequest(t *testing.T) {
	tests := []struct {
		name, method, url, body string
		want                    timeline.HTTPRequest
	}{
		{"reject", "POST", "/video/call/default/lunch/reject?user_id=sara", `{"reason":"busy"}`,
			timeline.HTTPRequest{Op: timeline.OpReject, CID: "default:lunch", Reason: "busy"}},
		{"a ring by creating", "POST", "/video/call/default/lunch", `{"ring":true,"data":{"members":[{"user_id":"bob"}]}}`,
			timeline.HTTPRequest{Op: timeline.OpGetOrCreate, CID: "default:lunch", Ring: true, Members: []string{"bob"}}},
		{"a ring by getting", "GET", "/video/call/default/lunch?ring=true&video=true", "",
			timeline.HTTPRequest{Op: timeline.OpGet, CID: "default:lunch", Ring: true, Video: true}},
		{"ringing members", "POST", "/video/call/default/lunch/ring", `{"members_ids":["bob"]}`,
			timeline.HTTPRequest{Op: timeline.OpRing, CID: "default:lunch", Ring: true, Members: []string{"bob"}}},
		{"a re-watch", "POST", "/video/calls", `{"watch":true}`,
			timeline.HTTPRequest{Op: timeline.OpQueryCalls, Watch: true}},
		{"not a call", "POST", "/video/call/members", `{}`, timeline.HTTPRequest{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			got := timeline.NewRequest("r-1", tt.method, u, []byte(tt.body))
			want := tt.want
			want.ID, want.Method, want.Path, want.Query = "r-1", tt.method, u.Path, u.RawQuery
			if tt.body != "" {
				want.Body = []byte(tt.body)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewResponseReadsTheError(t *testing.T) {
	req := timeline.HTTPRequest{ID: "r", Method: http.MethodGet, Path: "/video/call/default/x"}
	got := timeline.NewResponse(req, 404, time.Second, []byte(`{"code":16,"message":"Can't find call","unrecoverable":true}`))
	if got.Code != 16 || !got.Unrecoverable || got.Failure == nil || got.Failure.Name != "DoesNotExistError" {
		t.Errorf("the answer is %+v with %+v", got, got.Failure)
	}
	html := timeline.NewResponse(req, 502, time.Second, []byte("<html>"))
	if html.Failure == nil || html.Failure.SDKText != "Stream error code undefined: undefined" {
		t.Errorf("an answer in HTML gives the app %+v", html.Failure)
	}
}

func TestAGuestIsKnownByTheIdThatTheServerGave(t *testing.T) {
	req := timeline.NewRequest("g", http.MethodPost, &url.URL{Path: "/video/guest"}, []byte(`{"user":{"id":"zoe"}}`))
	answer := timeline.NewResponse(req, 201, time.Millisecond, []byte(`{"access_token":"x","user":{"id":"guest-1-zoe"}}`))
	if answer.User != "guest-1-zoe" {
		t.Errorf("the answer holds the id, got %q", answer.User)
	}
	for name, change := range map[string]func(*timeline.SessionOpened){"own session": nil, "tap": tapped} {
		s := opened(change).add(req, answer).fold()
		if got := s.UserID(); got != "guest-1-zoe" {
			t.Errorf("%s: before connection.ok the session is known by it, got %q", name, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"server_call.ring.json", "server_connection.ok.json", "server_connection.error.json", "client_ping.json"} {
		f.Add(wireFile(f, name))
	}
	f.Add([]byte(`{"type":"call.ring","call":{"session":{"accepted_by":[]}},"members":{"a":1}}`))
	f.Add([]byte(`{"type":"call.ring","call_cid":"a:b","members":[[],{},"x",null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, dir := range []timeline.Direction{timeline.In, timeline.Out} {
			frame, call := timeline.DecodeFrame(dir, "text", body, 512)
			if len(frame.Body) > 512 {
				t.Errorf("%d bytes were kept, want at most 512", len(frame.Body))
			}
			if call != nil && (call.CID == "" || dir == timeline.Out) {
				t.Errorf("a call event was made of %q", body)
			}
		}
		timeline.DecodeCall(body)
		req := timeline.NewRequest("r", "POST", &url.URL{Path: "/call/a/b"}, body)
		timeline.NewResponse(req, 200, 0, body)
		timeline.NewResponse(req, 400, 0, body)
	})
}
