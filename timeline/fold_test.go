package timeline_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"streamscope/timeline"
)

// difference compares two states with all that is in them.
func difference(want, got timeline.State) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	return cmp.Diff(want, got, all, cmpopts.EquateEmpty())
}

// checkFold folds a run event by event and in batches, and looks at the end
// whether every state is still what a fold from the beginning gives.
func checkFold(t *rapid.T) {
	events := likely.events(t, 40)
	single := make([]timeline.State, len(events)+1)
	for i := range events {
		single[i+1] = timeline.Apply(single[i], events[i])
	}
	var state timeline.State
	var done int
	batched := map[int]timeline.State{}
	for _, batch := range batches(t, events) {
		state = timeline.Fold(state, batch)
		done += len(batch)
		batched[done] = state
	}
	for n := range single {
		want := timeline.Fold(timeline.State{}, events[:n])
		if diff := difference(want, single[n]); diff != "" {
			t.Fatalf("Apply after %d events (-fold +apply):\n%s", n, diff)
		}
		if got, ok := batched[n]; ok {
			if diff := difference(want, got); diff != "" {
				t.Fatalf("Fold in batches after %d events (-whole +batches):\n%s", n, diff)
			}
		}
	}
	checkViews(t, state)
}

// checkViews asks everything that panes ask.
func checkViews(t *rapid.T, state timeline.State) {
	now := state.Time.Add(time.Duration(likely.span.Draw(t, "now")))
	state.ActiveFaults(now)
	for _, s := range state.Sessions {
		if in, ok := s.DeafIn(now); ok && in < 0 {
			t.Fatalf("the countdown to silence is at %v", in)
		}
		if v := s.NextRing(); v.Busy && (!s.RejectWhenBusy || v.CID == "" || v.Because == "") {
			t.Fatalf("the verdict is %+v", v)
		}
		for _, trap := range s.OpenTraps(now) {
			if trap.ID == "" || trap.Over {
				t.Fatalf("an open trap is %+v", trap)
			}
		}
		s.RetryIn(now)
		s.Lanes()
		s.Health.RTTStats()
		s.Token.ExpiresIn(now)
		s.Token.LoadsPerMinute(now)
		s.PendingRequests(now)
	}
}

func TestFoldIsApplyAndChangesNoOlderState(t *testing.T) { rapid.Check(t, checkFold) }

func FuzzApply(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkFold)) }

func TestLiveAndReplayAreTheSameAtEverySeq(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store := timeline.NewStore(timeline.Options{Start: start})
		var live []timeline.State
		var state timeline.State
		var written []timeline.Event
		for _, e := range likely.events(rt, 30) {
			e = store.Append(e)
			written = append(written, e)
			state = timeline.Apply(state, e)
			live = append(live, state)
		}
		read, report := readAll(t, record(t, written...))
		if len(read) != len(written) || report.Bad+report.Unknown > 0 {
			rt.Fatalf("read %d of %d events, report %+v", len(read), len(written), report)
		}
		again := timeline.NewStore(timeline.Options{Start: start.Add(time.Hour)})
		var replay timeline.State
		for i := range read {
			replay = timeline.Apply(replay, again.Restore(read[i]))
			if diff := difference(live[i], replay); diff != "" {
				rt.Fatalf("at %d (-live +replay):\n%s", i+1, diff)
			}
		}
	})
}

func TestAStateIsBounded(t *testing.T) {
	s := opened(nil)
	for i := range 300 {
		cid := fmt.Sprintf("default:c%d", i)
		s.connect().beat()
		s.add(ring(cid), calling(cid, timeline.CallingRinging, true), timeline.RingDecision{CID: cid},
			timeline.HTTPRequest{ID: cid, Method: "GET", Path: "/edges"},
			timeline.TokenLoading{Load: i}, timeline.Warning{ID: "K13", Text: cid}, refused(i), timeline.Switched{},
			timeline.Backoff{Drawn: time.Hour}, timeline.FaultArmed{Fault: timeline.Fault{ID: cid}},
			timeline.CallEvent{Type: "call.member_added", CID: "default:c0", Members: []string{cid}})
	}
	for i := range 300 {
		s.events = append(s.events, timeline.Event{Session: fmt.Sprint(i), Payload: timeline.Note{}})
	}
	state := timeline.Fold(timeline.State{}, s.events)
	if n := len(state.Sessions); n != 256 {
		t.Errorf("%d sessions are kept, want 256", n)
	}
	session, ok := timeline.Fold(timeline.State{}, s.events[:len(s.events)-300]).Session("sara")
	if !ok {
		t.Fatal("the session is gone")
	}
	for _, list := range []struct {
		name      string
		got, want int
	}{
		{"attempts", len(session.Attempts), 64}, {"tokens", len(session.Token.History), 32}, {"calls", len(session.Calls), 64},
		{"decisions", len(session.Decisions), 32}, {"traps", len(session.Traps), 64}, {"round trips", len(session.Health.RTTs), 60},
		{"warnings", len(session.Warnings), 32}, {"switches", len(session.Switches), 32}, {"loads", len(session.Token.LoadTimes), 128},
		{"waits", len(session.Backoffs), 1}, {"faults", len(state.Faults), 64},
	} {
		if list.got != list.want {
			t.Errorf("%d %s are kept, want %d", list.got, list.name, list.want)
		}
	}
	if n, _ := session.PendingRequests(at(s.now)); n != 64 {
		t.Errorf("%d pending requests are kept, want 64", n)
	}
}
