package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The server SDK for Go is not a dependency. What follows makes the requests
// that it makes (protocol.md 1.3, 1.4, 5, 11.4) and reads answers as it does: an
// instant that is not an integer fails the whole call (protocol.md 1.1).

// stamp is that SDK's reading of an instant.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return fmt.Errorf("failed to parse timestamp: %w", err)
	}
	s.Time = time.Unix(0, n)
	return nil
}

type sdkUser struct {
	ID        string         `json:"id"`
	Name      *string        `json:"name"`
	Role      string         `json:"role"`
	Custom    map[string]any `json:"custom"`
	Online    bool           `json:"online"`
	CreatedAt stamp          `json:"created_at"`
	UpdatedAt stamp          `json:"updated_at"`
	Active    *stamp         `json:"last_active"`
	Revoked   *stamp         `json:"revoke_tokens_issued_before"`
}

type sdkMember struct {
	UserID    string  `json:"user_id"`
	Role      *string `json:"role"`
	User      sdkUser `json:"user"`
	CreatedAt stamp   `json:"created_at"`
	UpdatedAt stamp   `json:"updated_at"`
}

type sdkSession struct {
	ID           string           `json:"id"`
	AcceptedBy   map[string]stamp `json:"accepted_by"`
	RejectedBy   map[string]stamp `json:"rejected_by"`
	MissedBy     map[string]stamp `json:"missed_by"`
	StartedAt    *stamp           `json:"started_at"`
	EndedAt      *stamp           `json:"ended_at"`
	Participants []struct {
		JoinedAt stamp   `json:"joined_at"`
		User     sdkUser `json:"user"`
	} `json:"participants"`
}

type sdkCall struct {
	CID       string         `json:"cid"`
	CreatedBy sdkUser        `json:"created_by"`
	Custom    map[string]any `json:"custom"`
	CreatedAt stamp          `json:"created_at"`
	UpdatedAt stamp          `json:"updated_at"`
	StartsAt  *stamp         `json:"starts_at"`
	EndedAt   *stamp         `json:"ended_at"`
	Session   *sdkSession    `json:"session"`
}

// sdkAnswer is every answer that the calls below get.
type sdkAnswer struct {
	Duration string      `json:"duration"`
	Created  bool        `json:"created"`
	Call     sdkCall     `json:"call"`
	Members  []sdkMember `json:"members"`
	Calls    []struct {
		Call    sdkCall     `json:"call"`
		Members []sdkMember `json:"members"`
	} `json:"calls"`
	MembersIDs []string `json:"members_ids"`
}

// goSDK is a client of that kind.
type goSDK struct{ w *world }

// ask makes a request; objects in the query are JSON in one parameter.
func ask[T any](s goSDK, method, path string, query map[string]any, body any) (T, error) {
	s.w.t.Helper()
	var answer T
	values := url.Values{"api_key": {DefaultAPIKey}}
	for name, v := range query {
		text, err := json.Marshal(v)
		if err != nil {
			s.w.t.Fatal(err)
		}
		values.Set(name, string(text))
	}
	sent, err := json.Marshal(body)
	if err != nil {
		s.w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.w.t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1:8800"+path+"?"+values.Encode(), bytes.NewReader(sent))
	if err != nil {
		s.w.t.Fatal(err)
	}
	req.Header.Set("Authorization", s.w.srv.ServerToken())
	req.Header.Set("stream-auth-type", "jwt")
	req.Header.Set("X-Stream-Client", "stream-go-client-v5.3.0")
	req.Header.Set("Content-Type", "application/json")
	res, err := s.w.http.Do(req)
	if err != nil {
		return answer, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return answer, err
	}
	if res.StatusCode >= 399 {
		var fail struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Status  int    `json:"StatusCode"`
		}
		if err := json.Unmarshal(data, &fail); err != nil {
			return answer, fmt.Errorf("not an error of the API: %s", data)
		}
		return answer, fmt.Errorf("%d (%d): %s", fail.Code, fail.Status, fail.Message)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return answer, fmt.Errorf("failed to unmarshal response body: %w", err)
	}
	return answer, nil
}

type object = map[string]any

// do is ask for what must succeed.
func (s goSDK) do(method, path string, body any) sdkAnswer {
	s.w.t.Helper()
	answer, err := ask[sdkAnswer](s, method, path, nil, body)
	if err != nil {
		s.w.t.Errorf("%s %s: %v", method, path, err)
	}
	if answer.Duration == "" {
		s.w.t.Errorf("%s %s: every answer has a duration", method, path)
	}
	return answer
}

func TestGoSDKUsers(t *testing.T) {
	type users struct {
		Users map[string]sdkUser `json:"users"`
	}
	type found struct {
		Users []sdkUser `json:"users"`
	}
	inWorld(t, nil, func(t *testing.T, w *world) {
		sdk := goSDK{w}
		made, err := ask[users](sdk, "POST", "/api/v2/users", nil, object{"users": object{"alice": object{
			"id": "alice", "name": "Alice", "role": "admin", "custom": object{"since": "2026-01-02T03:04:05Z"}, "teams": []string{"red"},
		}}})
		alice := made.Users["alice"]
		if err != nil || alice.Role != "admin" || alice.CreatedAt.IsZero() || alice.Custom["since"] != "2026-01-02T03:04:05Z" {
			t.Errorf("a user is made, its own data as it came, got %+v, %v", made, err)
		}
		p := w.connect("alice")
		list, err := ask[found](sdk, "GET", "/api/v2/users", object{"payload": object{"filter_conditions": object{"id": object{"$in": []string{"alice"}}}}}, nil)
		if err != nil || len(list.Users) != 1 || !list.Users[0].Online || list.Users[0].Active == nil {
			t.Errorf("a query finds her online, got %+v, %v", list, err)
		}
		patched, err := ask[users](sdk, "PATCH", "/api/v2/users", nil, object{"users": []object{{
			"id": "alice", "set": object{"name": "Al", "revoke_tokens_issued_before": "2020-01-02T03:04:05Z"},
		}}})
		if alice := patched.Users["alice"]; err != nil || alice.Name == nil || *alice.Name != "Al" || alice.Revoked == nil || alice.Revoked.Year() != 2020 {
			t.Errorf("an update takes instants as text and gives them as numbers, got %+v, %v", alice, err)
		}
		guest, err := ask[struct {
			User  sdkUser `json:"user"`
			Token string  `json:"access_token"`
		}](sdk, "POST", "/api/v2/guest", nil, object{"user": object{"id": "joe"}})
		if err != nil || guest.User.Role != "guest" || strings.Count(guest.Token, ".") != 2 {
			t.Errorf("a guest is made, got %+v, %v", guest.User, err)
		}
		p.close()
	})
}

func TestGoSDKCalls(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		const path = "/api/v2/video/call/default/c1"
		sdk := goSDK{w}
		jack := w.connect("jack")
		starts := time.Date(2030, 1, 2, 3, 4, 5, 600, time.UTC)
		made := sdk.do("POST", path, object{"ring": true, "data": object{
			"created_by_id": "sara", "members": []object{{"user_id": "jack", "role": "host"}}, "custom": object{"topic": "lunch"}, "starts_at": starts,
			"settings_override": object{"ring": object{"auto_cancel_timeout_ms": 30000, "incoming_call_timeout_ms": 30000}},
		}})
		if !made.Created || made.Call.CID != "default:c1" || made.Call.CreatedBy.ID != "sara" || !made.Call.StartsAt.Equal(starts) || len(made.Members) != 2 {
			t.Errorf("a call is made, its start to the nanosecond, got %+v", made)
		}
		jack.skip()
		w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+jack.connID)
		w.as("jack", "POST", "/video/call/default/c1/accept", "", 201)
		got := sdk.do("GET", path, nil)
		if s := got.Call.Session; s == nil || s.AcceptedBy["jack"].IsZero() || len(s.Participants) != 1 || s.StartedAt == nil {
			t.Errorf("its session says who accepted and is in, got %+v", got.Call.Session)
		}
		if rung := sdk.do("POST", path+"/ring", object{}); len(rung.MembersIDs) != 0 {
			t.Errorf("who is in is not rung, got %q", rung.MembersIDs)
		}
		if changed := sdk.do("PATCH", path, object{"custom": object{"topic": "dinner"}, "starts_at": starts.Add(time.Hour)}); changed.Call.Custom["topic"] != "dinner" {
			t.Errorf("it is changed, got %+v", changed.Call)
		}
		if changed := sdk.do("POST", path+"/members", object{"update_members": []object{{"user_id": "nina"}}}); len(changed.Members) != 3 {
			t.Errorf("members are added, got %+v", changed.Members)
		}
		if listed := sdk.do("POST", "/api/v2/video/call/members", object{"type": "default", "id": "c1"}); len(listed.Members) != 3 {
			t.Errorf("and listed, got %+v", listed.Members)
		}
		if found := sdk.do("POST", "/api/v2/video/calls", object{"filter_conditions": object{"created_by_user_id": "sara"}}); len(found.Calls) != 1 || found.Calls[0].Call.CID != "default:c1" {
			t.Errorf("a query finds it, got %+v", found.Calls)
		}
		sdk.do("POST", path+"/event", object{"custom": object{"n": 1}})
		sdk.do("POST", path+"/block", object{"user_id": "nina"})
		sdk.do("POST", path+"/mute_users", object{"mute_all_users": true})
		sdk.do("POST", path+"/mark_ended", nil)
		if got := sdk.do("GET", path, nil); got.Call.EndedAt == nil || got.Call.Session.EndedAt == nil {
			t.Errorf("it is ended, got %+v", got.Call)
		}
		sdk.do("POST", path+"/delete", object{})
		if _, err := ask[sdkAnswer](sdk, "GET", path, nil, nil); err == nil || !strings.HasPrefix(err.Error(), "16 (404): GetCall failed with error:") {
			t.Errorf("and gone, got %v", err)
		}
		jack.close()
	})
}

// TestGoSDKWouldNotice keeps the reading above honest: the other surface fails
// it as it fails the SDK.
func TestGoSDKWouldNotice(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		_, err := ask[sdkAnswer](goSDK{w}, "POST", "/video/call/default/c1", nil, object{"data": object{"created_by_id": "sara"}})
		if err == nil || !strings.Contains(err.Error(), "failed to parse timestamp") {
			t.Errorf("dates as text fail every call, got %v", err)
		}
	})
}
