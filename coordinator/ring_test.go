package coordinator

import (
	"testing"
	"time"

	"streamscope/internal/wire"
)

const ringJackAndNina = `{"ring":true,"video":true,"data":{"members":[{"user_id":"jack"},{"user_id":"nina"}]}}`

// startRing lets sara ring jack and nina, and takes everything that was sent.
func startRing(t *testing.T, w *world) (sara, jack, nina *peer) {
	t.Helper()
	sara, jack, nina = w.connect("sara"), w.connect("jack"), w.connect("nina")
	w.as("sara", "POST", "/video/call/default/c1", ringJackAndNina, 201, "connection_id="+sara.connID)
	return sara, jack, nina
}

func TestRing(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		second := w.connect("jack")
		created := sara.wantEvent("the caller hears of the new call", wire.TypeCallCreated)
		if created.CallCID != "default:c1" || len(created.Members) != 3 {
			t.Errorf("with its creator among the members, got %+v", created.Members)
		}
		sara.wantIdle("the caller is not rung")
		for _, p := range []*peer{jack, nina} {
			p.wantEvent("those rung hear of the call first", wire.TypeCallCreated)
			ring := p.wantEvent("then it rings", wire.TypeCallRing)
			if ring.SessionID == "" || ring.Call.Session.ID != ring.SessionID || ring.Call.CurrentSessionID != ring.SessionID {
				t.Errorf("a ring names its session in every place, got %q and %+v", ring.SessionID, ring.Call)
			}
			if ring.User.ID != "sara" || !*ring.Video || len(ring.Members) != 2 {
				t.Errorf("a ring says who rings, with video, and whom besides its creator, got %+v", ring)
			}
			if ring.Call.Settings.Ring.MissedCall() != 15*time.Second {
				t.Errorf("the call's ring settings are the defaults, got %+v", ring.Call.Settings.Ring)
			}
		}
		w.as("jack", "POST", "/video/call/default/c1/accept", "", 201)
		for _, p := range []*peer{sara, jack, second, nina} {
			e := p.wantEvent("every device of every member hears who accepted", wire.TypeCallAccepted)
			if e.User.ID != "jack" || e.Call.Session.AcceptedBy["jack"].IsZero() {
				t.Errorf("and the session says so, got %+v", e.Call.Session)
			}
		}
		w.as("nina", "POST", "/video/call/default/c1/reject", `{"reason":"busy"}`, 201)
		e := sara.wantEvent("a reject is told with its reason as it is", wire.TypeCallRejected)
		if e.Reason != "busy" || e.User.ID != "nina" || e.Call.Session.RejectedBy["nina"].IsZero() {
			t.Errorf("got %+v", e)
		}
		for _, p := range []*peer{sara, jack, second, nina} {
			p.close()
		}
	})
}

func TestMissed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		w.as("nina", "POST", "/video/call/default/c1/reject", `{}`, 201)
		sara.skip()
		jack.skip()
		nina.skip()
		time.Sleep(15 * time.Second)
		for _, p := range []*peer{sara, jack} {
			e := p.wantEvent("after 15 s who said nothing has missed the call", wire.TypeCallMissed)
			if len(e.Members) != 1 || e.Members[0].UserID != "jack" || e.User.ID != "sara" || !*e.NotifyUser || e.Call.Session.MissedBy["jack"].IsZero() {
				t.Errorf("got %+v", e)
			}
		}
		nina.wantIdle("who rejected has not missed it")
		state := decodeBody[wire.RingState](t, w.as("sara", "GET", "/video/call/default/c1/ring_state", "", 200, "call_session_id="+w.srv.Calls()[0].Session.ID))
		if state.MissedBy["jack"].IsZero() || state.RejectedBy["nina"].IsZero() || len(state.AcceptedBy) != 0 || state.CreatedByUserID != "sara" {
			t.Errorf("the ring state tells the same, got %+v", state)
		}
		w.as("sara", "GET", "/video/call/default/c1/ring_state", "", 404, "call_session_id=other")
		for _, p := range []*peer{sara, jack, nina} {
			p.close()
		}
	})
}

func TestEndStopsTheRing(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		jack.skip()
		if e := w.as("jack", "POST", "/video/call/default/c1/mark_ended", "", 403).apiError(t); e.Code != wire.CodeNotAllowed {
			t.Errorf("only its creator may end a call, got %+v", e)
		}
		w.as("sara", "POST", "/video/call/default/c1/mark_ended", "", 201)
		e := jack.wantEvent("the members hear of the end", wire.TypeCallEnded)
		if e.User.ID != "sara" || e.Call.EndedAt.IsZero() || e.Call.CurrentSessionID != "" || e.Call.Session.EndedAt.IsZero() {
			t.Errorf("and the call is over, got %+v", e.Call)
		}
		jack.wantEvent("and of the end of the session", wire.TypeSessionEnded)
		time.Sleep(time.Minute)
		jack.wantIdle("a call that has ended is not missed")
		if e := w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 403).apiError(t); e.Code != wire.CodeNotAllowed || !e.Unrecoverable {
			t.Errorf("nobody joins any more, got %+v", e)
		}
		for _, p := range []*peer{sara, jack, nina} {
			p.close()
		}
	})
}

func TestRingAgainAsksAfresh(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		first := w.srv.Calls()[0].Session.ID
		w.as("jack", "POST", "/video/call/default/c1/reject", `{"reason":"decline"}`, 201)
		jack.skip()
		nina.skip()
		w.as("sara", "POST", "/video/call/default/c1/ring", `{"members_ids":["jack"]}`, 201)
		ring := jack.wantEvent("a member is rung again", wire.TypeCallRing)
		if ring.SessionID == first || len(ring.Call.Session.RejectedBy) != 0 {
			t.Errorf("in a new session, in which nobody has said no, got %+v", ring.Call.Session)
		}
		nina.wantIdle("only the member that was named")
		if e := w.as("sara", "POST", "/video/call/default/c1/ring", `{"members_ids":["eva"]}`, 400).apiError(t); e.Code != wire.CodeInput {
			t.Errorf("who is not a member cannot be rung, got %+v", e)
		}
		for _, p := range []*peer{sara, jack, nina} {
			p.close()
		}
	})
}

func TestJoinAndLeave(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		sara.skip()
		res := decodeBody[wire.JoinResponse](t, w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+jack.connID))
		if res.Credentials.Server.WSEndpoint == "" || len(res.Call.Session.Participants) != 1 || res.Call.Session.ParticipantsCountByRole["user"] != 1 {
			t.Errorf("a join has credentials and the participant, got %+v", res)
		}
		started := sara.wantEvent("the first to join starts the session", wire.TypeSessionStarted)
		if started.Call.Session.StartedAt.IsZero() {
			t.Error("which has a start now")
		}
		joined := sara.wantEvent("and is in", wire.TypeParticipantJoined)
		if joined.Participant.User.ID != "jack" || joined.Participant.UserSessionID == "" || joined.Call != nil {
			t.Errorf("told without the call, got %+v", joined)
		}
		if count := want[wire.ParticipantCountEvent](sara, "the number is told", wire.TypeParticipantCount); count.ParticipantsCountByRole["user"] != 1 || count.SessionID != joined.SessionID {
			t.Errorf("one by role, got %+v", count)
		}
		again := decodeBody[wire.JoinResponse](t, w.as("jack", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+jack.connID))
		if len(again.Call.Session.Participants) != 1 {
			t.Errorf("who joins again is in once, got %+v", again.Call.Session.Participants)
		}
		sara.wantEvent("his first stay is over", wire.TypeParticipantLeft)
		sara.wantEvent("nobody is in", wire.TypeParticipantCount)
		sara.wantEvent("and the second begins", wire.TypeParticipantJoined)
		sara.wantEvent("one is in", wire.TypeParticipantCount)
		time.Sleep(7 * time.Second)
		jack.close()
		left := sara.wantEvent("the end of the socket takes the participant out", wire.TypeParticipantLeft)
		if left.Participant.User.ID != "jack" || *left.DurationSeconds != 7 {
			t.Errorf("with the time he was in, got %+v", left)
		}
		if count := want[wire.ParticipantCountEvent](sara, "the number is told", wire.TypeParticipantCount); len(count.ParticipantsCountByRole) != 0 {
			t.Errorf("nobody is in, got %+v", count)
		}
		time.Sleep(8 * time.Second)
		sara.wantEvent("nina has missed the call meanwhile", wire.TypeCallMissed)
		time.Sleep(22 * time.Second)
		sara.wantEvent("30 s without participants end the session", wire.TypeSessionEnded)
		sara.close()
		nina.close()
	})
}

func TestWatching(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/c1", "", 201)
		eva := w.connect("eva")
		w.as("sara", "POST", "/video/call/default/c1/event", `{"custom":{"n":1}}`, 201)
		eva.wantIdle("who neither watches nor is a member hears nothing")
		res := decodeBody[wire.QueryCallsResponse](t, w.as("eva", "POST", "/video/calls",
			`{"watch":true,"filter_conditions":{"cid":{"$in":["default:c1"]}}}`, 201, "connection_id="+eva.connID))
		if len(res.Calls) != 1 || res.Calls[0].Call.CID != "default:c1" {
			t.Errorf("the query finds the call, got %+v", res)
		}
		w.as("sara", "POST", "/video/call/default/c1/event", `{"custom":{"n":2}}`, 201)
		e := eva.wantEvent("from then on its events arrive", wire.TypeCustom)
		if e.Custom["n"] != 2.0 || e.User.ID != "sara" || e.CallCID != "default:c1" {
			t.Errorf("got %+v", e)
		}
		old := eva.connID
		eva.close()
		if e := w.as("eva", "POST", "/video/calls", `{"watch":true}`, 400, "connection_id="+old).apiError(t); e.Code != wire.CodeConnectionIDNotFound {
			t.Errorf("a connection that is gone cannot watch, got %+v", e)
		}
	})
}

func TestMembers(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/c1", "", 201)
		jack := w.connect("jack")
		w.as("sara", "POST", "/video/call/default/c1/members", `{"update_members":[{"user_id":"jack","role":"host"}]}`, 201)
		if e := jack.wantEvent("a new member hears of it", wire.TypeCallMemberAdded); e.Members[0].UserID != "jack" || e.Members[0].Role != "host" {
			t.Errorf("got %+v", e.Members)
		}
		w.as("sara", "POST", "/video/call/default/c1/members", `{"remove_members":["jack"]}`, 201)
		if e := jack.wantEvent("and of being removed, by id", wire.TypeCallMemberRemoved); e.Members[0].UserID != "jack" {
			t.Errorf("got %+v", e.Members)
		}
		if e := w.as("jack", "POST", "/video/call/default/c1/accept", "", 403).apiError(t); e.Code != wire.CodeNotAllowed {
			t.Errorf("then he may not answer, got %+v", e)
		}
		if e := w.as("sara", "POST", "/video/call/default/c2", `{"data":{"members":[{"user_id":"nobody"}]}}`, 400).apiError(t); e.Code != wire.CodeInput {
			t.Errorf("members must exist, got %+v", e)
		}
		jack.close()
	})
}

func TestSettings(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		over := `{"data":{"settings_override":{"ring":{"auto_cancel_timeout_ms":5000,"incoming_call_timeout_ms":6000,"missed_call_timeout_ms":7000},"audio":{"mic_default_on":false}}}}`
		res := decodeBody[wire.CallStateResponse](t, w.as("sara", "POST", "/video/call/default/c1", over, 201))
		if got := res.Call.Settings.Ring; got != (wire.RingSettings{AutoCancelTimeoutMS: 5000, IncomingCallTimeoutMS: 6000, MissedCallTimeoutMS: 7000}) {
			t.Errorf("the ring settings are overridden, got %+v", got)
		}
		audio, _ := wire.Decode[struct{ Audio, Video map[string]any }](res.Call.Settings.Raw)
		if audio.Audio["mic_default_on"] != false || audio.Audio["default_device"] != "speaker" || audio.Video["enabled"] != true {
			t.Errorf("and nothing else is lost, got %s", res.Call.Settings.Raw)
		}
		for _, bad := range []string{`{"ring":{"missed_call_timeout_ms":1}}`, `{"ring":{"missed_call_timeout_ms":"soon"}}`, `[]`} {
			w.as("sara", "PATCH", "/video/call/default/c1", `{"settings_override":`+bad+`}`, 400)
		}
		w.as("jack", "PATCH", "/video/call/default/c1", `{"custom":{"a":1}}`, 403)
	})
}

func TestRingWithoutTimers(t *testing.T) {
	off := wire.RingSettings{AutoCancelTimeoutMS: -1, IncomingCallTimeoutMS: -1, MissedCallTimeoutMS: -1}
	inWorld(t, func(s *Server) { s.RingTimeouts = off }, func(t *testing.T, w *world) {
		sara, jack, nina := startRing(t, w)
		jack.wantEvent("the call is made", wire.TypeCallCreated)
		if ring := jack.wantEvent("and rings", wire.TypeCallRing); ring.Call.Settings.Ring != (wire.RingSettings{}) {
			t.Errorf("without timeouts, which clients read as never, got %+v", ring.Call.Settings.Ring)
		}
		time.Sleep(time.Hour)
		jack.wantIdle("it rings for ever")
		w.as("sara", "PATCH", "/video/call/default/c1", `{"settings_override":{"audio":{"mic_default_on":false}}}`, 200)
		for _, p := range []*peer{sara, jack, nina} {
			p.close()
		}
	})
}
