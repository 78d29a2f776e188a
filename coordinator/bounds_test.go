package coordinator

import (
	"fmt"
	"strings"
	"testing"

	"streamscope/internal/wire"
)

func TestCustomDataIsBounded(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		big := `{"x":"` + strings.Repeat("x", maxCustom) + `"}`
		for _, c := range []struct{ user, method, path, body string }{
			{"sara", "POST", "/video/call/default/c1", `{"data":{"custom":` + big + `}}`},
			{"sara", "POST", "/video/call/default/c1", `{"data":{"settings_override":` + big + `}}`},
			{"", "POST", "/api/v2/users", `{"users":{"a":{"id":"a","custom":` + big + `}}}`},
			{"", "PATCH", "/api/v2/users", `{"users":[{"id":"sara","set":` + big + `}]}`},
			{"", "POST", "/api/v2/guest", `{"user":{"id":"a","custom":` + big + `}}`},
		} {
			if e := w.as(c.user, c.method, c.path, c.body, 413).apiError(t); e.Code != wire.CodePayloadTooBig {
				t.Errorf("%s %s: got %+v", c.method, c.path, e)
			}
		}
		p := w.dial("", "")
		p.send(wire.AuthMessage{Token: wire.Secret(w.srv.Token("sara", 0)), UserDetails: wire.UserDetails{ID: "sara", Custom: wire.Custom{"x": strings.Repeat("x", maxCustom)}}})
		if e := want[wire.ConnectionError](p, "on a socket too", wire.TypeConnectionError); e.Error.Code != wire.CodePayloadTooBig {
			t.Errorf("got %+v", e)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	inWorld(t, func(s *Server) { s.MaxUsers, s.MaxCalls = 4, 2 }, func(t *testing.T, w *world) {
		for _, id := range []string{"a", "b", "c"} {
			w.as("sara", "POST", "/video/call/default/"+id, `{"ring":true}`, 201)
		}
		w.as("sara", "GET", "/video/call/default/a", "", 404)
		w.as("sara", "GET", "/video/call/default/c", "", 200)
		w.as("eva", "GET", "/video/edges", "", 200)
		w.as("otto", "GET", "/video/edges", "", 429)
		if a, err := w.do("POST", "/video/guest", "", `{"user":{"id":"x"}}`); err != nil || a.status != 429 {
			t.Errorf("there is no room for a guest, got %d, %v", a.status, err)
		}
	})
}

func TestWhatOneRequestAsksForIsBounded(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		values := strings.Repeat(`"x",`, maxValues) + `"x"`
		sort := strings.Repeat(`{"field":"cid"},`, maxSort) + `{"field":"cid"}`
		w.as("sara", "POST", "/video/call/default/c1", "", 201)
		for path, body := range map[string]string{
			"/video/calls":        `{"filter_conditions":{"cid":{"$in":[` + values + `]}}}`,
			"/video/call/members": `{"type":"default","id":"c1","filter_conditions":{"user_id":{"$in":[` + values + `]}}}`,
		} {
			w.as("sara", "POST", path, body, 400)
		}
		w.as("sara", "POST", "/video/calls", `{"sort":[`+sort+`]}`, 400)
		w.as("sara", "POST", "/video/devices", `{"id":"`+strings.Repeat("x", maxCustom)+`","push_provider":"apn"}`, 413)
		w.as("", "PATCH", "/api/v2/users", `{"users":[{"id":"sara","set":{"name":"`+strings.Repeat("x", maxCustom)+`"}}]}`, 413)
		if name := w.srv.users["sara"].Name; name != "Sara" {
			t.Errorf("what is refused has changed nothing, got a name of %d bytes", len(name))
		}
		for i := 0; i < maxCallMembers; i += maxMembers {
			var users, members []string
			for n := range maxMembers {
				users = append(users, fmt.Sprintf(`"u%d":{"id":"u%d"}`, i+n, i+n))
				members = append(members, fmt.Sprintf(`{"user_id":"u%d"}`, i+n))
			}
			w.as("", "POST", "/api/v2/users", `{"users":{`+strings.Join(users, ",")+`}}`, 201)
			status := 201
			if i+maxMembers == maxCallMembers {
				status = 400 // its creator is one more
			}
			w.as("sara", "POST", "/video/call/default/c1/members", `{"update_members":[`+strings.Join(members, ",")+`]}`, status)
		}
	})
}
