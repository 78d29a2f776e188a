package coordinator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/internal/wire"
)

const seedYAML = `# a team
users:
- {id: sara, name: Sara, role: admin, custom: {team: red, since: 3}}
- id: 42
calls:
- cid: default:standup
  created_by: 42
  members: [sara, {user_id: 42, role: host, custom: {chair: true}}]
  custom: {topic: weather}
  settings: {ring: {missed_call_timeout_ms: 30000}}
  starts_at: 2030-01-02T15:04:05Z
  team: blue
- {type: livestream, id: demo}
`

func TestSeedFile(t *testing.T) {
	want := Seed{
		Users: []wire.UserDetails{{ID: "sara", Name: "Sara", Role: "admin", Custom: wire.Custom{"team": "red", "since": 3.0}}, {ID: "42"}},
		Calls: []SeedCall{
			{
				Type: "default", ID: "standup", CreatedBy: "42", Custom: map[string]any{"topic": "weather"}, Team: "blue",
				Members:  []wire.MemberRequest{{UserID: "sara"}, {UserID: "42", Role: "host", Custom: wire.Custom{"chair": true}}},
				Settings: []byte(`{"ring":{"missed_call_timeout_ms":30000}}`), StartsAt: time.Date(2030, 1, 2, 15, 4, 5, 0, time.UTC),
			},
			{Type: "livestream", ID: "demo"},
		},
	}
	asJSON := `{
	"calls": [
		{"cid": "default:standup", "created_by": "42", "members": ["sara", {"user_id": "42", "role": "host", "custom": {"chair": true}}],
		 "custom": {"topic": "weather"}, "settings": {"ring": {"missed_call_timeout_ms": 30000}}, "starts_at": "2030-01-02T15:04:05Z", "team": "blue"},
		{"type": "livestream", "id": "demo"}
	],
	"users": [{"id": "sara", "name": "Sara", "role": "admin", "custom": {"team": "red", "since": 3}}, {"id": "42"}]
}`
	for name, text := range map[string]string{"YAML": seedYAML, "JSON": asJSON} {
		got, err := LoadSeed(strings.NewReader(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestSeedFileMistakes(t *testing.T) {
	const users = "users:\n- {id: sara}\n"
	for text, wanted := range map[string]string{
		"":                                 "1:1: the file is empty; expected users and calls",
		"- sara":                           "1:1: the file is not an object; expected users and calls",
		"user: []":                         `1:1: the file has no "user"; expected users and calls`,
		"users: sara":                      "1:8: not a list; expected a list",
		"users: [":                         "not YAML",
		"users:\n- {id: sara}\n- id: sara": `3:3: there is a user "sara" already`,
		"users:\n- {name: Sara}":           "2:4: ",
		"users:\n- id: [1]":                "2:7: not a text; expected a text",
		"users:\n- {id: a, custom: 1}":     "2:19: not an object; expected an object",
		"users:\n- {id: a, custom: {x: " + strings.Repeat("y", maxCustom) + "}}": "2:4: ",
		"calls:\n- {id: c}":                                                        "2:4: a call needs a user who made it; expected users",
		users + "calls:\n- {id: c, members: [jack]}":                               `4:21: there is no user "jack"; expected one of users`,
		users + "calls:\n- {id: c, created_by: jack}":                              `4:23: there is no user "jack"`,
		users + "calls:\n- {id: c, members: [{role: host}]}":                       "4:22: a member has no user_id",
		users + "calls:\n- {cid: lunch}":                                           "4:9: not the cid of a call; expected type:id",
		users + "calls:\n- {cid: a:b, id: b}":                                      "4:4: a call has a cid or a type and an id, not both",
		users + "calls:\n- {type: default}":                                        "4:4: a call has no id; expected cid, or type and id",
		users + "calls:\n- {id: c}\n- cid: default:c":                              `5:3: there is a call "default:c" already`,
		users + "calls:\n- {id: c, type: a:b}":                                     "4:4: a call type has no colon",
		users + "calls:\n- {id: c, starts_at: soon}":                               "4:22: not an instant; expected one such as",
		users + "calls:\n- {id: c, settings: {ring: {auto_cancel_timeout_ms: 1}}}": "settings.ring.auto_cancel_timeout_ms must be from 5000 to 180000",
		users + "calls:\n- {id: c, color: red}":                                    `4:11: a call has no "color"`,
	} {
		_, err := LoadSeed(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%.80q: want an error with %q, got %v", text, wanted, err)
		}
	}
	_, err := LoadSeed(strings.NewReader("users: x\ncalls: y\nmore: z"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("all mistakes are reported together, got %v", err)
	}
	if _, err := LoadSeed(strings.NewReader(strings.Repeat("#", maxSeed+1))); err == nil {
		t.Error("a file that is too large is refused")
	}
	many := strings.Builder{}
	many.WriteString("users: [{id: sara}]\ncalls:\n")
	for i := range defaultMaxCalls + 1 {
		fmt.Fprintf(&many, "- {id: c%d}\n", i)
	}
	if _, err := LoadSeed(strings.NewReader(many.String())); err == nil || !strings.Contains(err.Error(), "3:1: 10001 calls; expected at most 10000") {
		t.Errorf("more calls than are kept are refused, got %v", err)
	}
}

func TestSeedIsThereFromTheStart(t *testing.T) {
	seed, err := LoadSeed(strings.NewReader(seedYAML))
	if err != nil {
		t.Fatal(err)
	}
	inWorld(t, func(s *Server) { s.Seed = seed }, func(t *testing.T, w *world) {
		p := w.dial("sara", w.srv.Token("sara", 0))
		if ok := want[wire.ConnectedEvent](p, "a seeded user connects", wire.TypeConnectionOK); ok.Me.Role != "admin" || ok.Me.Custom["team"] != "red" {
			t.Errorf("as what the seed says, got %+v", ok.Me)
		}
		p.close()
		state := decodeBody[wire.CallStateResponse](t, w.as("sara", "GET", "/video/call/default/standup", "", 200))
		if len(state.Members) != 2 || state.Call.CreatedBy.ID != "42" || state.Call.Settings.Ring.MissedCallTimeoutMS != 30000 ||
			state.Call.Settings.Ring.AutoCancelTimeoutMS != 15000 || state.Call.Custom["topic"] != "weather" || state.Call.Team != "blue" {
			t.Errorf("a seeded call is there, got %+v", state)
		}
		demo := decodeBody[wire.CallStateResponse](t, w.as("sara", "GET", "/video/call/livestream/demo", "", 200))
		if demo.Call.CreatedBy.ID != "sara" {
			t.Errorf("without a creator or members it is the first user's, got %+v", demo.Call.CreatedBy)
		}
	})
}

func TestTokensOfGuestsExpireWhenAsked(t *testing.T) {
	inWorld(t, func(s *Server) { s.TokenTTL = time.Minute }, func(t *testing.T, w *world) {
		a, err := w.do("POST", "/video/guest", "", `{"user":{"id":"joe"}}`)
		if err != nil {
			t.Fatal(err)
		}
		guest := decodeBody[wire.GuestResponse](t, a)
		time.Sleep(time.Minute)
		p := w.dial(guest.User.ID, guest.AccessToken.Reveal())
		if fail := want[wire.ConnectionError](p, "a minute later it has expired", wire.TypeConnectionError); fail.Error.Code != wire.CodeTokenExpired {
			t.Errorf("got %+v", fail.Error)
		}
	})
}

func TestLatency(t *testing.T) {
	inWorld(t, func(s *Server) { s.Latency = 200 * time.Millisecond }, func(t *testing.T, w *world) {
		p := w.dial("sara", w.srv.Token("sara", 0))
		time.Sleep(200*time.Millisecond - 1)
		p.wantIdle("connection.ok takes the latency")
		time.Sleep(time.Nanosecond)
		want[wire.ConnectedEvent](p, "and no longer", wire.TypeConnectionOK)
		for range 10 {
			p.ping()
		}
		time.Sleep(200 * time.Millisecond)
		for range 10 {
			want[wire.HealthCheck](p, "frames do not wait for each other", wire.TypeHealthCheck)
		}
		start := time.Now()
		w.as("sara", "GET", "/video/edges", "", 200)
		if took := time.Since(start); took != 200*time.Millisecond {
			t.Errorf("an answer takes it too, got %v", took)
		}
		p.close()
	})
}
