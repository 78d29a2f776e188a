package coordinator

import (
	"encoding/json"
	"testing"
	"time"
)

// datesIn lists the members of a message that hold RFC 3339 text, which the
// server SDK for Go cannot read (protocol.md 1.1). What is custom is spared.
func datesIn(path string, v any) []string {
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return []string{path}
		}
	case []any:
		var found []string
		for _, member := range v {
			found = append(found, datesIn(path+"[]", member)...)
		}
		return found
	case map[string]any:
		var found []string
		for key, member := range v {
			if key != "custom" {
				found = append(found, datesIn(path+"."+key, member)...)
			}
		}
		return found
	}
	return nil
}

func TestServersNeverSeeDatesAsText(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		const call = "/api/v2/video/call/default/c1"
		w.as("sara", "POST", "/video/call/default/c1", `{"ring":true,"data":{"members":[{"user_id":"jack"}],"starts_at":"2030-01-02T03:04:05Z"}}`, 201)
		w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201)
		w.as("jack", "POST", "/video/call/default/c1/accept", "", 201)
		w.as("sara", "POST", "/video/devices", `{"id":"d1","push_provider":"apn"}`, 201)
		for _, c := range []struct {
			method, path, body string
			status             int
			query              []string
		}{
			{"POST", call, `{"data":{"created_by_id":"sara"}}`, 201, nil},
			{"GET", call, "", 200, nil},
			{"PATCH", call, `{"custom":{"at":"2030-01-02T03:04:05Z"}}`, 200, nil},
			{"POST", call + "/ring", `{}`, 201, nil},
			{"POST", call + "/members", `{"update_members":[{"user_id":"nina"}]}`, 201, nil},
			{"POST", "/api/v2/video/call/members", `{"type":"default","id":"c1"}`, 201, nil},
			{"POST", "/api/v2/video/calls", `{}`, 201, nil},
			{"GET", call + "/ring_state", "", 200, nil},
			{"POST", call + "/mark_ended", "", 201, nil},
			{"GET", call, "", 200, nil},
			{"POST", "/api/v2/users", `{"users":{"otto":{"id":"otto"}}}`, 201, nil},
			{"PATCH", "/api/v2/users", `{"users":[{"id":"otto","set":{"revoke_tokens_issued_before":"2020-01-02T03:04:05Z"}}]}`, 200, nil},
			{"GET", "/api/v2/users", "", 200, []string{"payload=%7B%7D"}},
			{"POST", "/api/v2/guest", `{"user":{"id":"x"}}`, 201, nil},
			{"GET", "/api/v2/devices", "", 200, []string{"user_id=sara"}},
			{"POST", call + "/delete", "", 201, nil},
		} {
			a := w.as("", c.method, c.path, c.body, c.status, c.query...)
			var v any
			if err := json.Unmarshal(a.body, &v); err != nil {
				t.Errorf("%s %s: not JSON: %s", c.method, c.path, a.body)
			}
			if dates := datesIn("", v); len(dates) > 0 {
				t.Errorf("%s %s: dates as text in %q", c.method, c.path, dates)
			}
		}
	})
}
