package timeline_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

func busyOn(p *timeline.SessionOpened) { p.RejectWhenBusy = true }

// TestNextRing is the table of protocol 7.3.
func TestNextRing(t *testing.T) {
	inState := func(state timeline.CallingState, ringing bool) *script {
		return opened(busyOn).add(calling("default:standup", state, ringing))
	}
	tests := []struct {
		name   string
		script *script
		busy   bool
	}{
		{"no other call", opened(busyOn), false},
		{"another ring", inState(timeline.CallingRinging, true), true},
		{"our own ring", opened(busyOn).add(timeline.CallEvent{Type: "call.created", CID: "default:standup", Creator: "sara"}, calling("default:standup", timeline.CallingRinging, true)), true},
		{"joining a ring call", inState(timeline.CallingJoining, true), true},
		{"in a ring call", inState(timeline.CallingJoined, true), true},
		{"a ring call that reconnects", inState(timeline.CallingReconnecting, true), true},
		{"a ring call that migrates", inState(timeline.CallingMigrating, true), true},
		{"a ring call that is offline", inState(timeline.CallingOffline, true), true},
		{"a ring call in an unknown state", inState(timeline.CallingUnknown, true), true},
		{"a ring call that is idle", inState(timeline.CallingIdle, true), false},
		{"a ring call whose reconnect failed", inState(timeline.CallingReconnectingFailed, true), false},
		{"a ring call that was left", inState(timeline.CallingLeft, false), false},
		{"a call joined without a ring", inState(timeline.CallingJoined, false), false},
		{"the switch is off", opened(nil).add(calling("default:standup", timeline.CallingJoined, true)), false},
		{"the switch was turned off", inState(timeline.CallingJoined, true).add(timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "off"}), false},
		{"the switch was turned on", opened(nil).add(calling("default:standup", timeline.CallingJoined, true), timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "on"}), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			session := tt.script.fold()
			got := session.NextRing()
			if got.Busy != tt.busy {
				t.Errorf("the verdict is %+v, want busy %v", got, tt.busy)
			}
			if got.Busy && (got.CID != "default:standup" || len(got.Counted) != 1) {
				t.Errorf("the verdict counts %+v", got)
			}
			if again := session.RingOf("default:standup"); again.Busy {
				t.Errorf("the same call rings again and counts itself: %+v", again)
			}
		})
	}
}

func TestAVerdictSaysWhy(t *testing.T) {
	s := opened(busyOn).add(calling("default:standup", timeline.CallingRinging, true), calling("default:town", timeline.CallingJoined, false))
	want := timeline.Verdict{
		Busy: true, CID: "default:standup", State: timeline.CallingRinging, Because: "default:standup is ringing",
		Counted: []string{"default:standup"}, Ignored: []string{"default:town"}, Rule: timeline.RuleBusy,
	}
	if diff := cmp.Diff(want, s.fold().NextRing()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func members(c timeline.Call) map[string]string {
	m := map[string]string{}
	for _, member := range c.Members {
		m[member.ID] = string(member.Outcome)
		if member.Reason != "" {
			m[member.ID] += " " + member.Reason
		}
	}
	return m
}

func TestAnIncomingRing(t *testing.T) {
	s := opened(nil).connect().after(time.Second, ring("default:lunch"), calling("default:lunch", timeline.CallingRinging, true))
	call, _ := s.fold().Call("default:lunch")
	if left, ok := call.RingLeft(at(6 * time.Second)); !ok || left != 15*time.Second {
		t.Errorf("the ring ends in %v, %v, want 15s of the callee's 20s", left, ok)
	}
	if call.Outgoing || !call.MissedDeadline.Equal(at(31*time.Second)) {
		t.Errorf("outgoing %v, missed at %v", call.Outgoing, call.MissedDeadline)
	}
	s.after(time.Second, timeline.CallEvent{Type: "call.rejected", CID: "default:lunch", By: "nina", Reason: "busy", Rejected: []string{"nina"}})
	s.after(time.Second, timeline.HTTPRequest{ID: "a", Method: "POST", Path: "/video/call/default/lunch/accept"}, timeline.HTTPResponse{ID: "a", Status: 201})
	s.add(calling("default:lunch", timeline.CallingJoined, true))
	call, _ = s.fold().Call("default:lunch")
	if diff := cmp.Diff(map[string]string{"sara": "accepted", "nina": "rejected busy"}, members(call)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if _, ok := call.RingLeft(at(s.now)); ok || call.State != timeline.CallingJoined || !call.Ringing {
		t.Errorf("after joining the call is %+v", call)
	}
	if got := s.fold().InCall(); len(got) != 1 || len(s.fold().Ringing()) != 0 {
		t.Errorf("in call %v, ringing %v", got, s.fold().Ringing())
	}
}

func TestOurOwnRing(t *testing.T) {
	s := opened(nil).connect()
	s.after(time.Second, timeline.HTTPRequest{ID: "c", Method: "POST", Path: "/video/call/default/lunch", Ring: true, Members: []string{"jack", "sara"}})
	s.after(time.Second, timeline.HTTPResponse{ID: "c", Status: 201, Call: &timeline.CallEvent{CID: "default:lunch", Creator: "sara", AutoCancel: 15 * time.Second}})
	s.add(calling("default:lunch", timeline.CallingRinging, true))
	call, _ := s.fold().Call("default:lunch")
	if deadline, ok := call.Deadline(); !call.Outgoing || !ok || !deadline.Equal(at(16*time.Second)) {
		t.Errorf("outgoing %v, given up at %v %v", call.Outgoing, deadline, ok)
	}
	if diff := cmp.Diff(map[string]string{"jack": "ringing"}, members(call)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	s.add(timeline.CallEvent{Type: "call.missed", CID: "default:lunch", Members: []string{"jack"}},
		timeline.BusyTone{CID: "default:lunch", By: "jack", On: true, For: 1500 * time.Millisecond})
	session := s.fold()
	call, _ = session.Call("default:lunch")
	if got := members(call)["jack"]; got != "missed" {
		t.Errorf("jack is %q, want missed", got)
	}
	if !session.Tone.Sounding(at(s.now+time.Second)) || session.Tone.Sounding(at(s.now+2*time.Second)) {
		t.Errorf("the tone is %+v", session.Tone)
	}
}

func TestABusyRejection(t *testing.T) {
	s := opened(busyOn).connect().add(ring("default:lunch"),
		timeline.RingDecision{CID: "default:lunch", Caller: "jack", Busy: true, Counted: []string{"default:standup"}, Rule: timeline.RuleBusy})
	session := s.fold()
	call, _ := session.Call("default:lunch")
	if !call.Busy || call.State != timeline.CallingLeft || call.Ringing {
		t.Errorf("the call is %+v", call)
	}
	if d, ok := session.LastDecision(); !ok || !d.Busy || d.Caller != "jack" {
		t.Errorf("the last decision is %+v", d)
	}
	s.after(time.Minute, timeline.CallEvent{Type: "call.ring", CID: "default:lunch", SessionID: "another", Creator: "jack", Members: []string{"sara"}},
		calling("default:lunch", timeline.CallingRinging, true))
	call, _ = s.fold().Call("default:lunch")
	if call.Busy || members(call)["sara"] != "ringing" || !call.RingAt.Equal(at(time.Minute)) {
		t.Errorf("rung again, the call is %+v", call)
	}
}

func TestBusyIsReadFromTheTrafficOfAnApp(t *testing.T) {
	s := opened(tapped).connect().add(ring("default:standup"), ring("default:lunch"))
	s.add(timeline.HTTPRequest{ID: "r", Method: "POST", Path: "/video/call/default/lunch/reject", Reason: "busy"}, timeline.HTTPResponse{ID: "r", Status: 201})
	d, ok := s.fold().LastDecision()
	if !ok || !d.Busy || d.CID != "default:lunch" || d.Caller != "jack" || len(d.Counted) != 1 || d.Counted[0] != "default:standup" {
		t.Errorf("the decision is %+v", d)
	}
	if call, _ := s.fold().Call("default:lunch"); members(call)["sara"] != "rejected busy" || !call.Busy {
		t.Errorf("the call is %+v", call)
	}
}

func TestMemberListsFollowTheEvents(t *testing.T) {
	s := opened(nil).add(timeline.CallEvent{Type: "call.created", CID: "default:x", SessionID: "s-1", Creator: "jack", Members: []string{"jack", "sara"}},
		timeline.CallEvent{Type: "call.member_added", CID: "default:x", Members: []string{"nina"}},
		timeline.CallEvent{Type: "call.accepted", CID: "default:x", By: "nina"},
		timeline.CallEvent{Type: "call.updated", CID: "default:x", Members: []string{"nina"}, Missed: []string{"nina"}},
		timeline.CallEvent{Type: "call.member_removed", CID: "default:x", Members: []string{"sara"}},
		timeline.CallEvent{Type: "call.accepted", CID: "default:unknown", By: "nina"})
	session := s.fold()
	call, _ := session.Call("default:x")
	if diff := cmp.Diff(map[string]string{"jack": "", "nina": "accepted"}, members(call)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if len(session.Calls) != 1 {
		t.Errorf("a call that the client does not know was added: %v", session.Calls)
	}
	s.add(timeline.CallEvent{Type: "call.ended", CID: "default:x"})
	if call, _ = s.fold().Call("default:x"); !call.Ended {
		t.Error("the call has ended and is not marked so")
	}
}

func TestTheCallsOfAnAppAreReadFromItsTraffic(t *testing.T) {
	const path = "/video/call/default/lunch"
	post := func(verb string) timeline.HTTPRequest {
		return timeline.HTTPRequest{ID: verb, Method: "POST", Path: path + verb, Ring: verb == ""}
	}
	done := func(verb string, status int) timeline.HTTPResponse {
		return timeline.HTTPResponse{ID: verb, Status: status}
	}
	rejected := func(by string) timeline.CallEvent {
		return timeline.CallEvent{Type: "call.rejected", CID: "default:lunch", Creator: "jack", By: by}
	}
	accepted := timeline.CallEvent{Type: "call.accepted", CID: "default:lunch", Creator: "jack", By: "sara"}
	tests := []struct {
		name   string
		events []timeline.Payload
		want   timeline.CallingState
		flag   bool
	}{
		{"rung", []timeline.Payload{ring("default:lunch")}, timeline.CallingRinging, true},
		{"joining", []timeline.Payload{ring("default:lunch"), post("/join")}, timeline.CallingJoining, true},
		{"joined", []timeline.Payload{ring("default:lunch"), post("/join"), done("/join", 201)}, timeline.CallingJoined, true},
		{"a join that fails", []timeline.Payload{ring("default:lunch"), post("/join"), done("/join", 500)}, timeline.CallingRinging, true},
		{"joined without a ring", []timeline.Payload{post("/join"), done("/join", 201)}, timeline.CallingJoined, false},
		{"declined", []timeline.Payload{ring("default:lunch"), post("/reject"), done("/reject", 201)}, timeline.CallingLeft, false},
		{"the caller gives up", []timeline.Payload{ring("default:lunch"), rejected("jack")}, timeline.CallingLeft, false},
		{"another callee declines", []timeline.Payload{ring("default:lunch"), rejected("nina")}, timeline.CallingRinging, true},
		{"answered elsewhere", []timeline.Payload{ring("default:lunch"), accepted}, timeline.CallingLeft, false},
		{"answered here", []timeline.Payload{ring("default:lunch"), post("/join"), done("/join", 201), accepted}, timeline.CallingJoined, true},
		{"ended", []timeline.Payload{ring("default:lunch"), timeline.CallEvent{Type: "call.ended", CID: "default:lunch", Ended: true}}, timeline.CallingLeft, false},
		{"ended by the app", []timeline.Payload{post("/join"), done("/join", 201), post("/mark_ended"), done("/mark_ended", 201)}, timeline.CallingLeft, false},
		{"our own ring", []timeline.Payload{post(""), done("", 201)}, timeline.CallingRinging, true},
		{"our own ring, refused", []timeline.Payload{timeline.CallEvent{Type: "call.created", CID: "default:lunch", Creator: "sara"}, post(""), done("", 403)}, timeline.CallingIdle, false},
		{"the app disconnects", []timeline.Payload{ring("default:lunch"), timeline.Close{Dir: timeline.Out, Code: 1000}}, timeline.CallingLeft, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			call, ok := opened(tapped).connectTapped().add(tt.events...).fold().Call("default:lunch")
			if !ok || call.State != tt.want || call.Ringing != tt.flag {
				t.Errorf("the call is %q, ring call %v, want %q and %v", call.State, call.Ringing, tt.want, tt.flag)
			}
		})
	}
}

func TestAPolledRingStateCounts(t *testing.T) {
	s := opened(nil).connect().add(timeline.CallEvent{Type: "call.created", CID: "default:lunch", Creator: "sara", Members: []string{"jack", "nina"}})
	req := timeline.NewRequest("p", "GET", &url.URL{Path: "/video/call/default/lunch/ring_state"}, nil)
	s.add(req, timeline.NewResponse(req, 200, time.Millisecond, []byte(`{"call_cid":"default:lunch","accepted_by":{},"rejected_by":{"jack":"2026-01-02T03:04:10Z"},"missed_by":{"nina":1}}`)))
	call, _ := s.fold().Call("default:lunch")
	if diff := cmp.Diff(map[string]string{"jack": "rejected", "nina": "missed"}, members(call)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}
