package coordinator

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/wire"
)

func TestRequestsAreJudgedLikeSockets(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			method, path, token string
			status              int
			code                wire.Code
		}{
			"expired":                    {"GET", "/video/edges", w.srv.Token("sara", -time.Hour), 401, wire.CodeTokenExpired},
			"another secret":             {"GET", "/video/edges", (&Server{Secret: "x"}).Token("sara", 0), 401, wire.CodeTokenSignature},
			"garbage":                    {"GET", "/video/edges", "garbage", 401, wire.CodeAuthentication},
			"no such call":               {"GET", "/video/call/default/nope", w.srv.Token("sara", 0), 404, wire.CodeDoesNotExist},
			"no such route":              {"GET", "/video/nothing", w.srv.Token("sara", 0), 404, wire.CodeDoesNotExist},
			"another method":             {"PUT", "/video/edges", w.srv.Token("sara", 0), 404, wire.CodeDoesNotExist},
			"a user where a server must": {"POST", "/api/v2/users", w.srv.Token("sara", 0), 403, wire.CodeNotAllowed},
			"nobody where a user must":   {"POST", "/video/call/default/c1", "", 403, wire.CodeNotAllowed},
			"a server without a creator": {"POST", "/api/v2/video/call/default/c1", w.srv.ServerToken(), 400, wire.CodeInput},
			"an unknown connection":      {"POST", "/video/call/default/c1?connection_id=x", w.srv.Token("sara", 0), 400, wire.CodeConnectionIDNotFound},
			"a telemetry report, nobody": {"POST", "/video/call_client_event", "", 201, 0},
			"the edges, nobody":          {"GET", "/video/edges", "", 200, 0},
			"the edges, doubled slash":   {"GET", "/video//edges", w.srv.Token("sara", 0), 200, 0},
			"a guest without an id":      {"POST", "/video/guest", "", 400, wire.CodeInput},
		} {
			path, query, _ := strings.Cut(c.path, "?")
			a, err := w.do(c.method, path, c.token, "", query)
			if err != nil {
				t.Fatal(err)
			}
			if a.status != c.status {
				t.Errorf("%s: got %d, want %d: %s", name, a.status, c.status, a.body)
			}
			if c.code == 0 {
				continue
			}
			if e := a.apiError(t); e.Code != c.code || e.StatusCode != c.status || e.Message == "" || e.MoreInfo == "" {
				t.Errorf("%s: got %+v, want %v", name, e, c.code)
			}
			var shape map[string]any
			if err := json.Unmarshal(a.body, &shape); err != nil || shape["details"] == nil || shape["duration"] == nil {
				t.Errorf("%s: the envelope is whole, got %s", name, a.body)
			}
		}
	})
}

func TestWrongKeyOnRequests(t *testing.T) {
	inWorld(t, func(s *Server) { s.APIKey = "another" }, func(t *testing.T, w *world) {
		a, err := w.do("GET", "/video/edges", w.srv.Token("sara", 0), "")
		if err != nil || a.status != 401 || a.apiError(t).Code != wire.CodeAccessKey {
			t.Errorf("got %d, %v", a.status, err)
		}
	})
}

func TestBodies(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/c1", "", 201)
		w.as("sara", "POST", "/video/call/default/c1", "{}", 201)
		w.as("sara", "POST", "/video/call/default/c1", `{"novel":[1]}`, 201)
		w.as("sara", "POST", "/video/call/default/c1", "{", 400)
		w.as("sara", "POST", "/video/call/default/c1", `{"ring":"yes"}`, 400)
		w.as("sara", "POST", "/video/call/default/c1", `{"data":{"members":[`+strings.Repeat(`{"user_id":"jack"},`, 100)+`{"user_id":"jack"}]}}`, 400)
		if e := w.as("sara", "POST", "/video/call/default/c1", strings.Repeat(" ", maxBody+1), 413).apiError(t); e.Code != wire.CodePayloadTooBig {
			t.Errorf("got %+v", e)
		}
	})
}

func TestTwoDialects(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		var v1, v2 map[string]any
		body := `{"ring":true,"data":{"created_by_id":"sara","members":[{"user_id":"jack"}],"custom":{"due_at":"2026-01-02T03:04:05Z"}}}`
		a := w.as("", "POST", "/api/v2/video/call/default/c1", body, 201)
		if err := json.Unmarshal(a.body, &v2); err != nil {
			t.Fatal(err)
		}
		a = w.as("sara", "GET", "/video/call/default/c1", "", 200)
		if err := json.Unmarshal(a.body, &v1); err != nil {
			t.Fatal(err)
		}
		one, two := v1["call"].(map[string]any), v2["call"].(map[string]any)
		if text, _ := one["created_at"].(string); text == "" {
			t.Errorf("clients get RFC 3339, got %v", one["created_at"])
		}
		ns, _ := two["created_at"].(float64)
		if at := time.Unix(0, int64(ns)); time.Until(at).Abs() > time.Minute {
			t.Errorf("servers get nanoseconds, got %v", two["created_at"])
		}
		if custom := two["custom"].(map[string]any); custom["due_at"] != "2026-01-02T03:04:05Z" {
			t.Errorf("what is the integrator's own stays, got %v", custom)
		}
		if by := two["created_by"].(map[string]any); by["id"] != "sara" {
			t.Errorf("a server says whose call it is, got %v", by)
		}
	})
}

func TestGuestsAndAnonymous(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		a, err := w.do("POST", "/video/guest", "", `{"user":{"id":"joe","name":"Joe","type":"guest"}}`)
		if err != nil || a.status != 201 {
			t.Fatalf("got %d, %v", a.status, err)
		}
		guest := decodeBody[wire.GuestResponse](t, a)
		if guest.User.ID == "joe" || guest.User.Role != "guest" || guest.User.Name != "Joe" {
			t.Errorf("a guest has an id of its own, got %+v", guest.User)
		}
		p := w.dial(guest.User.ID, guest.AccessToken.Reveal())
		if ok := want[wire.ConnectedEvent](p, "and connects with its token", wire.TypeConnectionOK); ok.Me.Role != "guest" {
			t.Errorf("as a guest, got %+v", ok.Me)
		}
		p.close()

		w.as("sara", "POST", "/video/call/livestream/open", "", 201)
		w.as("sara", "POST", "/video/call/livestream/closed", "", 201)
		token := w.srv.sign(map[string]any{"user_id": "!anon", "call_cids": []string{"livestream:open"}})
		for path, status := range map[string]int{"/video/call/livestream/open": 200, "/video/call/livestream/closed": 403} {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:8800"+path+"?user_id=!anon&api_key="+DefaultAPIKey, nil)
			req.Header.Set("stream-auth-type", "anonymous")
			req.Header.Set("Authorization", token)
			res, err := w.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != status {
				t.Errorf("%s: an anonymous user reads what his token lists, got %d, want %d", path, res.StatusCode, status)
			}
		}
	})
}

func TestUsers(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack := w.connect("jack")
		w.as("", "POST", "/api/v2/users", `{"users":{"jack":{"id":"jack","name":"Jack","role":"admin","custom":{"a":1}},"otto":{"id":"otto"}}}`, 201)
		if e := jack.wantEvent("a connected user hears of the change", wire.TypeUserUpdated); e.User.Role != "admin" || e.User.Custom["a"] != 1.0 {
			t.Errorf("got %+v", e.User)
		}
		w.as("", "PATCH", "/api/v2/users", `{"users":[{"id":"jack","set":{"name":"J","color":"red"},"unset":["a"]}]}`, 200)
		if e := jack.wantEvent("and of a partial one", wire.TypeUserUpdated); e.User.Name != "J" || e.User.Custom["color"] != "red" || e.User.Custom["a"] != nil {
			t.Errorf("got %+v", e.User)
		}
		w.as("", "PATCH", "/api/v2/users", `{"users":[{"id":"nobody"}]}`, 404)
		res := decodeBody[struct{ Users []wire.User }](t, w.as("", "GET", "/api/v2/users", "", 200, `payload=%7B%22filter_conditions%22%3A%7B%22role%22%3A%22admin%22%7D%7D`))
		if len(res.Users) != 1 || res.Users[0].ID != "jack" || !res.Users[0].Online {
			t.Errorf("a query finds him, got %+v", res.Users)
		}
		old := w.srv.Token("jack", 0)
		w.as("", "PATCH", "/api/v2/users", `{"users":[{"id":"jack","set":{"revoke_tokens_issued_before":"`+time.Now().UTC().Format(time.RFC3339)+`"}}]}`, 200)
		if a, err := w.do("GET", "/video/edges", old, ""); err != nil || a.status != 401 {
			t.Errorf("a revoked token is refused, got %d, %v", a.status, err)
		}
		jack.close()
	})
}

func TestDevices(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/devices", `{"id":"d1","push_provider":"apn","voip_token":true}`, 201)
		w.as("sara", "POST", "/video/devices", `{"id":"d1"}`, 400)
		res := decodeBody[struct{ Devices []wire.Device }](t, w.as("sara", "GET", "/video/devices", "", 200))
		if len(res.Devices) != 1 || res.Devices[0].ID != "d1" || !res.Devices[0].Voip {
			t.Errorf("got %+v", res.Devices)
		}
		p := w.dial("sara", w.srv.Token("sara", 0))
		if ok := want[wire.ConnectedEvent](p, "connection.ok lists them", wire.TypeConnectionOK); len(ok.Me.Devices) != 1 {
			t.Errorf("got %+v", ok.Me)
		}
		p.close()
		w.as("sara", "DELETE", "/video/devices", "", 200, "id=d1")
		if a := w.as("sara", "GET", "/video/devices", "", 200); !strings.Contains(string(a.body), `"devices":[]`) {
			t.Errorf("got %s", a.body)
		}
	})
}

func TestQueries(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/a", `{"data":{"custom":{"n":1},"members":[{"user_id":"jack"}]}}`, 201)
		time.Sleep(time.Second)
		w.as("jack", "POST", "/video/call/audio/b", `{"data":{"custom":{"n":2}}}`, 201)
		time.Sleep(time.Second)
		w.as("sara", "POST", "/video/call/default/c", `{"data":{"custom":{"n":3}}}`, 201)
		for filter, want := range map[string]string{
			`{}`:                                            "c b a",
			`{"type":"default"}`:                            "c a",
			`{"type":{"$ne":"default"}}`:                    "b",
			`{"members":{"$in":["jack"]}}`:                  "b a",
			`{"created_by_user_id":{"$eq":"jack"}}`:         "b",
			`{"custom.n":{"$gte":2}}`:                       "c b",
			`{"$or":[{"id":"a"},{"id":"b"}]}`:               "b a",
			`{"$and":[{"id":"a"},{"type":"audio"}]}`:        "",
			`{"$nor":[{"id":"a"}]}`:                         "c b",
			`{"id":{"$nin":["a","b"]}}`:                     "c",
			`{"ended_at":{"$exists":false}}`:                "c b a",
			`{"ongoing":true}`:                              "",
			`{"id":{"$autocomplete":"A"}}`:                  "a",
			`{"created_at":{"$lt":"1999-01-01T00:00:00Z"}}`: "",
		} {
			res := decodeBody[wire.QueryCallsResponse](t, w.as("sara", "POST", "/video/calls", `{"filter_conditions":`+filter+`}`, 201))
			var got []string
			for _, c := range res.Calls {
				got = append(got, c.Call.ID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: got %q, want %q", filter, got, want)
			}
		}
		for _, bad := range []string{`{"nonsense":1}`, `{"id":{"$near":1}}`, `{"id":{"$in":"a"}}`, `{"$or":[1]}`} {
			w.as("sara", "POST", "/video/calls", `{"filter_conditions":`+bad+`}`, 400)
		}
		first := decodeBody[wire.QueryCallsResponse](t, w.as("sara", "POST", "/video/calls", `{"limit":2,"sort":[{"field":"created_at","direction":1}]}`, 201))
		if len(first.Calls) != 2 || first.Calls[0].Call.ID != "a" || first.Next == "" {
			t.Errorf("sorted and cut, got %+v", first)
		}
		rest := decodeBody[wire.QueryCallsResponse](t, w.as("sara", "POST", "/video/calls", `{"limit":2,"sort":[{"field":"created_at","direction":1}],"next":"`+first.Next+`"}`, 201))
		if len(rest.Calls) != 1 || rest.Calls[0].Call.ID != "c" || rest.Next != "" {
			t.Errorf("and continued, got %+v", rest)
		}
	})
}

// lacks lists the members that a recorded message has and ours has not, or has
// with another type.
func lacks(path string, recorded, ours any) []string {
	switch want := recorded.(type) {
	case map[string]any:
		got, ok := ours.(map[string]any)
		if !ok {
			return []string{path}
		}
		var missing []string
		for key, member := range want {
			missing = append(missing, lacks(path+"."+key, member, got[key])...)
		}
		return missing
	case []any:
		if got, ok := ours.([]any); !ok || len(want) > 0 && len(got) > 0 && len(lacks(path, want[0], got[0])) > 0 {
			return []string{path}
		}
	case string:
		if _, ok := ours.(string); !ok {
			return []string{path}
		}
	case float64:
		if _, ok := ours.(float64); !ok {
			return []string{path}
		}
	case bool:
		if _, ok := ours.(bool); !ok {
			return []string{path}
		}
	}
	return nil
}

// optional are members of recorded frames that ours have only when there is
// something to say, or whose names are the recorded users'.
func optional(path string) bool {
	return strings.HasPrefix(path, ".call.session.accepted_by.") || strings.HasPrefix(path, ".call.session.rejected_by.") ||
		slices.Contains([]string{".user.name", ".user.image", ".reason", ".call.session.started_at"}, path)
}

func TestFramesHaveTheRecordedShape(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack := w.dial("jack", w.srv.Token("jack", 0))
		synctest.Wait()
		sara := w.connect("sara")
		jack.ping()
		w.as("sara", "POST", "/video/call/default/c1", `{"ring":true,"data":{"members":[{"user_id":"jack"}]}}`, 201)
		w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+w.srv.Connections()[0].ID)
		w.as("jack", "POST", "/video/call/default/c1/accept", "", 201)
		w.as("jack", "POST", "/video/call/default/c1/reject", `{"reason":"decline"}`, 201)
		w.as("sara", "POST", "/video/call/default/c1/mark_ended", "", 201)
		seen := map[string]bool{}
		jack.each(func(typ string, data []byte) {
			seen[typ] = true
			recorded, err := os.ReadFile(filepath.Join("..", "testdata", "wire", "server_"+typ+".json"))
			if err != nil {
				return // no official client was recorded with this one
			}
			var want, got any
			if json.Unmarshal(recorded, &want) != nil || json.Unmarshal(data, &got) != nil {
				t.Fatalf("%s is not JSON", typ)
			}
			missing := slices.DeleteFunc(lacks("", want, got), optional)
			if len(missing) > 0 {
				t.Errorf("%s lacks members that a real client was recorded with: %q", typ, missing)
			}
		})
		for _, typ := range []string{wire.TypeConnectionOK, wire.TypeHealthCheck, wire.TypeCallCreated, wire.TypeCallRing, wire.TypeCallAccepted, wire.TypeCallRejected, wire.TypeCallEnded} {
			if !seen[typ] {
				t.Errorf("%s was sent", typ)
			}
		}
		jack.close()
		sara.close()
	})
}

func TestErrorFrameHasTheRecordedShape(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.dial("sara", "x.y.z")
		got := want[map[string]any](p, "a bad token is refused", wire.TypeConnectionError)
		recorded, err := os.ReadFile(filepath.Join("..", "testdata", "wire", "server_connection.error.json"))
		if err != nil {
			t.Fatal(err)
		}
		var wanted any
		if err := json.Unmarshal(recorded, &wanted); err != nil {
			t.Fatal(err)
		}
		if missing := lacks("", wanted, got); len(missing) > 0 {
			t.Errorf("it lacks %q", missing)
		}
	})
}

func TestEventsPrintSafely(t *testing.T) {
	e := Event{Kind: Refused, UserID: "a\x1b[2J", Code: 43, Reason: "r\n", Client: "x"}
	if got := e.String(); strings.ContainsAny(got, "\x1b\n") || !strings.Contains(got, "code=43") {
		t.Errorf("got %q", got)
	}
}
