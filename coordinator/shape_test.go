package coordinator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/wire"
)

// shapes are the members that the service's descriptions require (protocol.md
// 1.7, 2.3, 5.1, 6, 11.3, 11.4), as name:type. A type is a word, the name of
// another shape, or a list of one in brackets; time is RFC 3339 on one surface
// and nanoseconds on the other.
var shapes = map[string]string{
	"error":     "code:int message:text StatusCode:int duration:text more_info:text details:list",
	"duration":  "duration:text",
	"user":      "id:text role:text language:text teams:list custom:object blocked_user_ids:list created_at:time updated_at:time",
	"full_user": "@user banned:bool online:bool invisible:bool shadow_banned:bool channel_mutes:list mutes:list devices:list total_unread_count:int unread_channels:int unread_count:int unread_threads:int",
	"own_user":  "id:text role:text language:text teams:list custom:object devices:list created_at:time updated_at:time",
	"member":    "user_id:text user:user custom:object created_at:time updated_at:time",
	"call": "type:text id:text cid:text created_by:user custom:object created_at:time updated_at:time backstage:bool recording:bool transcribing:bool " +
		"captioning:bool translating:bool blocked_user_ids:list current_session_id:text egress:egress ingress:object settings:settings",
	"call_with_session": "@call session:session",
	"egress":            "broadcasting:bool rtmps:list",
	"session": "id:text accepted_by:object rejected_by:object missed_by:object participants:[participant] " +
		"participants_count_by_role:object anonymous_participant_count:int",
	"participant": "user_session_id:text role:text joined_at:time user:user",
	"settings": "audio:object video:object ring:ring screensharing:object backstage:object broadcasting:object encryption:object frame_recording:object " +
		"individual_recording:object raw_recording:object recording:object transcription:object geofencing:object limits:object session:object thumbnails:object",
	"ring":   "auto_cancel_timeout_ms:int incoming_call_timeout_ms:int missed_call_timeout_ms:int",
	"device": "id:text push_provider:text created_at:time",

	"get_call":       "duration:text call:call members:[member] own_capabilities:[text]",
	"get_or_create":  "@get_call created:bool",
	"join_call":      "@get_or_create credentials:credentials stats_options:stats_options",
	"credentials":    "server:sfu token:text ice_servers:[ice_server]",
	"sfu":            "edge_name:text url:text ws_endpoint:text",
	"ice_server":     "urls:list username:text password:text",
	"stats_options":  "enable_rtc_stats:bool reporting_interval_ms:int",
	"ring_state":     "duration:text call_cid:text created_by_user_id:text session_id:text accepted_by:object rejected_by:object missed_by:object",
	"ring_call":      "duration:text members_ids:[text]",
	"members":        "duration:text members:[member]",
	"calls":          "duration:text calls:[listed_call]",
	"listed_call":    "call:call members:[member] own_capabilities:[text]",
	"one_call":       "duration:text call:call",
	"reaction":       "type:text user:user",
	"reacted":        "duration:text reaction:reaction",
	"broadcast":      "duration:text playlist_url:text",
	"guest":          "duration:text access_token:text user:user",
	"edges":          "duration:text edges:list",
	"call_types":     "duration:text call_types:object",
	"app":            "duration:text app:object",
	"devices":        "duration:text devices:[device]",
	"recordings":     "duration:text recordings:list",
	"transcriptions": "duration:text transcriptions:list",
	"upserted":       "duration:text users:{full_user} membership_deletion_task_id:text",
	"found_users":    "duration:text users:[full_user]",

	"connection.ok":            "type:text connection_id:text created_at:time me:own_user",
	"connection.error":         "type:text connection_id:text created_at:time error:error",
	"health.check":             "type:text connection_id:text created_at:time custom:object",
	"call.created":             "type:text created_at:time call_cid:text call:call members:[member]",
	"call.ring":                "type:text created_at:time call_cid:text session_id:text call:call_with_session members:[member] user:user video:bool",
	"call.notification":        "type:text created_at:time call_cid:text session_id:text call:call_with_session members:[member] user:user",
	"call.accepted":            "type:text created_at:time call_cid:text call:call_with_session user:user",
	"call.rejected":            "type:text created_at:time call_cid:text call:call_with_session user:user",
	"call.missed":              "type:text created_at:time call_cid:text session_id:text call:call_with_session members:[member] user:user notify_user:bool",
	"call.ended":               "type:text created_at:time call_cid:text call:call",
	"call.updated":             "type:text created_at:time call_cid:text call:call capabilities_by_role:object",
	"call.session_started":     "type:text created_at:time call_cid:text session_id:text call:call_with_session",
	"call.session_ended":       "type:text created_at:time call_cid:text session_id:text call:call_with_session",
	"call.member_added":        "type:text created_at:time call_cid:text call:call members:[member]",
	"call.member_removed":      "type:text created_at:time call_cid:text call:call members:[text]",
	"call.live_started":        "type:text created_at:time call_cid:text call:call",
	"call.reaction_new":        "type:text created_at:time call_cid:text reaction:reaction",
	"call.deleted":             "type:text created_at:time call_cid:text call:call",
	"user.updated":             "type:text created_at:time user:user custom:object",
	"custom":                   "type:text created_at:time call_cid:text user:user custom:object",
	wire.TypeParticipantJoined: "type:text created_at:time call_cid:text session_id:text participant:participant",
	wire.TypeParticipantLeft:   "type:text created_at:time call_cid:text session_id:text participant:participant duration_seconds:int",
	wire.TypeParticipantCount:  "type:text created_at:time call_cid:text session_id:text participants_count_by_role:object anonymous_participant_count:int",
}

// misfits lists where a value is not of a type.
func misfits(path, typ string, v any, nanos bool) []string {
	ok := true
	switch typ {
	case "text":
		_, ok = v.(string)
	case "bool":
		_, ok = v.(bool)
	case "object":
		_, ok = v.(map[string]any)
	case "list":
		_, ok = v.([]any)
	case "int":
		var n float64
		n, ok = v.(float64)
		ok = ok && n == float64(int64(n))
	case "time":
		ok = isTime(v, nanos)
	default:
		return misfitsInside(path, typ, v, nanos)
	}
	if !ok {
		return []string{fmt.Sprintf("%s is not %s but %v", path, typ, v)}
	}
	return nil
}

func misfitsInside(path, typ string, v any, nanos bool) (all []string) {
	if inner, isList := strings.CutPrefix(typ, "["); isList {
		list, ok := v.([]any)
		if !ok {
			return []string{path + " is not a list"}
		}
		for i, member := range list {
			all = append(all, misfits(fmt.Sprintf("%s[%d]", path, i), strings.TrimSuffix(inner, "]"), member, nanos)...)
		}
		return all
	}
	object, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is not a %s but %v", path, typ, v)}
	}
	if inner, isMap := strings.CutPrefix(typ, "{"); isMap {
		for key, member := range object {
			all = append(all, misfits(path+"."+key, strings.TrimSuffix(inner, "}"), member, nanos)...)
		}
		return all
	}
	for _, member := range membersOf(typ) {
		name, typ, _ := strings.Cut(member, ":")
		all = append(all, misfits(path+"."+name, typ, object[name], nanos)...)
	}
	return all
}

func membersOf(shape string) []string {
	text, known := shapes[shape]
	if !known {
		panic("no shape " + shape)
	}
	var all []string
	for member := range strings.FieldsSeq(text) {
		if base, inherits := strings.CutPrefix(member, "@"); inherits {
			all = append(all, membersOf(base)...)
			continue
		}
		all = append(all, member)
	}
	return all
}

func isTime(v any, nanos bool) bool {
	if nanos {
		n, ok := v.(float64)
		return ok && n > 9e17 && n == float64(int64(n)) // after 1998
	}
	text, _ := v.(string)
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

func wantShape(t *testing.T, what, shape string, data []byte, nanos bool) {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Errorf("%s: not JSON: %s", what, data)
		return
	}
	for _, misfit := range misfits("", shape, v, nanos) {
		t.Errorf("%s: %s", what, misfit)
	}
	if dates := datesIn("", v); nanos && len(dates) > 0 {
		t.Errorf("%s: dates as text in %q", what, dates)
	}
}

// exchange is a request and the shape of its answer. Routes are named as in the
// table of the coordinator, without the prefix of a surface.
type exchange struct {
	route, body, shape string
	query              string
	user               string // whose token on /video; the server's on /api/v2 unless alone
	alone              bool   // a user's on both
}

// exchanges go through the whole surface in an order in which each succeeds.
var exchanges = []exchange{
	{route: "POST /guest", body: `{"user":{"id":"joe","name":"Joe","type":"guest"}}`, shape: "guest"},
	{route: "POST /call_client_event", body: `{"events":[{"stage":"CoordinatorWS","event_type":"initiated"}]}`, shape: "duration"},
	{route: "GET /edges", shape: "edges"},
	{route: "GET /calltypes", shape: "call_types"},
	{route: "POST /devices", body: `{"id":"d1","push_provider":"apn","user_id":"sara"}`, shape: "duration"},
	{route: "GET /devices", query: "user_id=sara", shape: "devices"},
	{route: "DELETE /devices", query: "id=d1", shape: "duration"},
	{
		route: "POST /call/{type}/{id}", shape: "get_or_create",
		body: `{"ring":true,"notify":true,"data":{"created_by_id":"sara","members":[{"user_id":"jack","role":"host","custom":{"a":1}}],"custom":{"at":"2030-01-02T03:04:05Z"},"starts_at":"2030-01-02T03:04:05Z"}}`,
	},
	{route: "GET /call/{type}/{id}", query: "ring=true&notify=true&members_limit=1", shape: "get_call"},
	{route: "PATCH /call/{type}/{id}", body: `{"custom":{"n":1},"settings_override":{"ring":{"auto_cancel_timeout_ms":20000}}}`, shape: "get_call"},
	{route: "POST /call/{type}/{id}/ring", body: `{"members_ids":["jack"],"video":true}`, shape: "ring_call"},
	{route: "POST /call/{type}/{id}/reject", body: `{"reason":"busy"}`, shape: "duration", user: "jack", alone: true},
	{route: "GET /call/{type}/{id}/ring_state", shape: "ring_state"},
	{route: "POST /call/{type}/{id}/join", body: `{"location":"AMS","e2ee":false}`, shape: "join_call", user: "jack", alone: true},
	{route: "POST /call/{type}/{id}/accept", shape: "duration", user: "jack", alone: true},
	{route: "POST /call/{type}/{id}/members", body: `{"update_members":[{"user_id":"nina"}],"remove_members":["nina"]}`, shape: "members"},
	{route: "POST /call/{type}/{id}/event", body: `{"custom":{"hello":1}}`, shape: "duration"},
	{route: "POST /calls", body: `{"filter_conditions":{"cid":{"$in":["default:c1"]}},"limit":1}`, shape: "calls"},
	{route: "POST /call/members", body: `{"type":"default","id":"c1"}`, shape: "members"},
	{route: "POST /call/{type}/{id}/stop_live", shape: "one_call"},
	{route: "POST /call/{type}/{id}/go_live", shape: "one_call"},
	{route: "POST /call/{type}/{id}/reaction", body: `{"type":"raised-hand","emoji_code":":raise-hand:"}`, shape: "reacted"},
	{route: "POST /call/{type}/{id}/start_broadcasting", shape: "broadcast"},
	{route: "POST /call/{type}/{id}/recordings/composite/start", shape: "duration"},
	{route: "GET /call/{type}/{id}/recordings", shape: "recordings"},
	{route: "GET /call/{type}/{id}/transcriptions", shape: "transcriptions"},
	{route: "POST /call/{type}/{id}/mark_ended", shape: "duration"},
	{route: "POST /call/{type}/{id}/delete", body: `{"hard":false}`, shape: "one_call"},
}

// userExchanges are those of the server's surface alone.
var userExchanges = []exchange{
	{route: "POST /users", body: `{"users":{"alice":{"id":"alice","name":"Alice","role":"admin","custom":{},"teams":[]}}}`, shape: "upserted"},
	{route: "GET /users", query: `payload=%7B%22filter_conditions%22%3A%7B%22id%22%3A%22alice%22%7D%2C%22limit%22%3A1%7D`, shape: "found_users"},
	{route: "PATCH /users", body: `{"users":[{"id":"alice","set":{"color":"red"},"unset":["name"]}]}`, shape: "upserted"},
	{route: "POST /guest", body: `{"user":{"id":"joe"}}`, shape: "guest"},
	{route: "GET /app", shape: "app"},
	{route: "POST /devices", body: `{"id":"d1","push_provider":"apn","user_id":"sara"}`, shape: "duration"},
	{route: "GET /devices", query: "user_id=sara", shape: "devices"},
	{route: "DELETE /devices", query: "id=d1&user_id=sara", shape: "duration"},
}

func (w *world) exchange(prefix string, x exchange, server bool) {
	w.t.Helper()
	method, path, _ := strings.Cut(x.route, " ")
	path = prefix + strings.NewReplacer("{type}", "default", "{id}", "c1").Replace(path)
	user := x.user
	if user == "" {
		user = "sara"
	}
	if server && !x.alone {
		user = ""
	}
	status := 200
	if method == "POST" {
		status = 201
	}
	a := w.as(user, method, path, x.body, status, x.query)
	wantShape(w.t, method+" "+path, x.shape, a.body, server)
	if got := a.header.Get("Content-Type"); got != "application/json" {
		w.t.Errorf("%s: got %s", x.route, got)
	}
}

func TestEveryRouteHasItsShape(t *testing.T) {
	walked := func(xs []exchange) map[string]bool {
		routes := map[string]bool{}
		for _, x := range xs {
			routes[x.route] = true
		}
		return routes
	}
	missing := func(table []route, routes map[string]bool) {
		for _, rt := range table {
			if name := rt.method + " " + rt.path; !routes[name] && !strings.HasPrefix(name, "POST /call/{type}/{id}/") {
				t.Errorf("%s is not walked", name)
			}
		}
	}
	missing(new(Server).video(), walked(exchanges))
	missing(new(Server).userRoutes(), walked(userExchanges))
	for _, surface := range []struct {
		prefix string
		server bool
	}{{"/video", false}, {"/api/v2/video", true}} {
		inWorld(t, nil, func(t *testing.T, w *world) {
			w.as("sara", "POST", "/video/call/default/c1", "", 201)
			for _, rt := range w.srv.video() {
				// What has no effect is answered alike.
				if x := (exchange{route: rt.method + " " + rt.path, shape: "duration"}); !walked(exchanges)[x.route] {
					w.exchange(surface.prefix, x, surface.server)
				}
			}
			w.as("sara", "POST", "/video/call/default/c1/delete", "", 201)
			for _, x := range exchanges {
				w.exchange(surface.prefix, x, surface.server)
			}
		})
	}
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, x := range userExchanges {
			w.exchange("/api/v2", x, true)
		}
	})
}

func TestEveryEventHasItsShape(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack, phone := w.dial("jack", w.srv.Token("jack", 0)), w.dial("jack", w.srv.Token("jack", 0))
		synctest.Wait()
		for _, x := range exchanges {
			w.exchange("/video", x, false)
			if x.route == "POST /call/{type}/{id}/accept" {
				for range 2 { // who joins again leaves first
					w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+w.srv.Connections()[0].ID)
				}
			}
		}
		w.as("sara", "POST", "/video/call/default/c2", `{"ring":true,"data":{"members":[{"user_id":"jack"}]}}`, 201)
		time.Sleep(15 * time.Second)
		jack.ping()
		w.as("", "POST", "/api/v2/users", `{"users":{"jack":{"id":"jack"}}}`, 201)
		w.arm("error:code=40,phase=session,user=jack")
		seen, echoed := map[string]int{}, map[string]int{}
		jack.each(func(typ string, data []byte) {
			seen[typ]++
			wantShape(t, typ, typ, data, false)
		})
		phone.each(func(typ string, _ []byte) { echoed[typ]++ })
		for _, typ := range slices.Sorted(maps.Keys(shapes)) {
			isEvent := strings.Contains(shapes[typ], "type:text created_at") || strings.HasPrefix(typ, "connection.") || typ == "health.check"
			if isEvent && seen[typ] == 0 {
				t.Errorf("%s was sent", typ)
			}
		}
		delete(seen, wire.TypeHealthCheck) // an answer to the one that asked
		if !maps.Equal(seen, echoed) {
			t.Errorf("every connection of a user hears the same, got %v and %v", seen, echoed)
		}
		jack.close()
		phone.close()
	})
}

func TestErrorsHaveTheirShape(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, prefix := range []string{"/video", "/api/v2/video"} {
			for _, rt := range w.srv.video() {
				path := prefix + strings.NewReplacer("{type}", "default", "{id}", "nope").Replace(rt.path)
				a, err := w.do(rt.method, path, "a.bad.token", `{"ring":`)
				if err != nil {
					t.Fatal(err)
				}
				if a.status < 400 {
					t.Errorf("%s %s: a bad token is refused, got %d", rt.method, path, a.status)
				}
				wantShape(t, rt.method+" "+path, "error", a.body, false)
			}
		}
		for _, path := range []string{"/", "/video", "/api/v2/nothing", "/favicon.ico", "/video/call/default"} {
			wantShape(t, path, "error", w.as("sara", "GET", path, "", 404).body, false)
		}
	})
}
