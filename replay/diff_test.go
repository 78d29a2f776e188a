package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

// story is a session with one request, one call and one loss; what can be
// changed in it without being another story is in the arguments.
func story(user, cid, id string, later int, more ...timeline.Payload) func(*tape) {
	return func(p *tape) {
		p.opened(user)
		p.at(later, 1, timeline.AttemptStarted{Cycle: 1})
		p.at(later, 1, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed, Status: 101})
		p.at(later, 1, said(timeline.In, `{"type":"connection.ok","connection_id":"`+id+`","me":{"id":"`+user+`"}}`))
		path := "/video/call/" + strings.ReplaceAll(cid, ":", "/") + "/accept"
		p.at(later, 0, timeline.HTTPRequest{ID: id, Method: "POST", Path: path})
		for range later { // as many as there was time for
			p.at(later, 1, said(timeline.In, `{"type":"health.check","connection_id":"`+id+`"}`))
		}
		p.at(later, 0, timeline.HTTPResponse{ID: id, Method: "POST", Path: path, Status: 200})
		p.at(later, 0, timeline.CallChanged{CID: cid, From: timeline.CallingRinging, To: timeline.CallingJoined})
		p.at(later+10, 1, more...)
	}
}

func differ(t *testing.T, a, b func(*tape)) (Difference, bool) {
	t.Helper()
	left, right := newTape(t), newTape(t)
	a(left)
	b(right)
	return Diff(slices.Values(left.events()), slices.Values(right.events()))
}

func TestOneStoryTwice(t *testing.T) {
	lost := timeline.Close{Dir: timeline.In, Code: 1006}
	if d, differ := differ(t, story("sara", "default:lunch", "c-1", 3, lost), story("nina", "default:9f3a", "c-2", 20, lost)); differ {
		t.Errorf("other ids, names, times and as many keep-alives as there was time for are one story, got\n%s", d.Text("a", "b", 100))
	}
}

func TestAFaultMayBeTheCauseOfTheSameStory(t *testing.T) {
	lost := timeline.Close{Dir: timeline.In, Code: 1006}
	struck := story("sara", "default:lunch", "x", 1, timeline.FaultHit{ID: "f1", Fault: "drop"}, lost)
	if d, differ := differ(t, struck, story("sara", "default:lunch", "y", 1, lost)); differ {
		t.Errorf("the story is the same, whatever caused it; got\n%s", d.Text("a", "b", 100))
	}
}

func TestTheFirstDifferenceIsFound(t *testing.T) {
	const cid = "default:lunch"
	closing := func(code int) timeline.Payload { return timeline.Close{Dir: timeline.In, Code: code} }
	for name, c := range map[string]struct {
		a, b func(*tape)
		lane string
		want string // in the marked line
	}{
		"a close code": {story("sara", cid, "x", 1, closing(1000)), story("sara", cid, "y", 1, closing(1006)), "connection", "1006"},
		"a type of frame": {story("sara", cid, "x", 1, said(timeline.In, `{"type":"custom.a"}`)),
			story("sara", cid, "y", 1, said(timeline.In, `{"type":"custom.b"}`)), "connection", "custom.b"},
		"an error code": {story("sara", cid, "x", 1, said(timeline.In, no40)),
			story("sara", cid, "y", 1, said(timeline.In, strings.Replace(no40, "40", "43", 1))), "connection", "43"},
		"a type of call": {story("sara", cid, "x", 1), story("sara", "livestream:lunch", "y", 1), "requests", "livestream"},
		"an end":         {story("sara", cid, "x", 1, closing(1000)), story("sara", cid, "y", 1), "connection", "nothing more"},
		"a second call": {story("sara", cid, "x", 1, timeline.BusyTone{CID: cid, On: true}),
			story("sara", cid, "y", 1, timeline.BusyTone{CID: "default:tea", On: true}), "calls", "tea"},
		"a fault": {story("sara", cid, "x", 1, timeline.FaultHit{ID: "f1", Fault: "drop"}),
			story("sara", cid, "y", 1, timeline.FaultHit{ID: "f1", Fault: "close"}), "faults", "close"},
		"of two, the earlier": {
			story("sara", cid, "x", 1, closing(1000), timeline.BusyTone{CID: cid, On: true}),
			func(p *tape) {
				story("sara", cid, "y", 1, closing(1001))(p)
				p.at(5000, 0, timeline.BusyTone{CID: cid, On: false})
			}, "connection", "1001"},
	} {
		t.Run(name, func(t *testing.T) {
			d, found := differ(t, c.a, c.b)
			if !found || d.Lane != c.lane {
				t.Fatalf("want a difference in the %s, got %v %+v", c.lane, found, d)
			}
			shown := d.Text("a.ndjson", "b.ndjson", 160)
			var marked strings.Builder
			for line := range strings.Lines(shown) {
				if strings.HasPrefix(line, ">") {
					marked.WriteString(line)
				}
			}
			if !strings.Contains(marked.String(), c.want) {
				t.Errorf("one marked line says %q, got\n%s", c.want, shown)
			}
		})
	}
}

func TestAnswersAreComparedInTheOrderOfTheirRequests(t *testing.T) {
	ask := func(id, path string) timeline.Payload {
		return timeline.HTTPRequest{ID: id, Method: "GET", Path: path}
	}
	tell := func(id, path string, status int) timeline.Payload {
		return timeline.HTTPResponse{ID: id, Method: "GET", Path: path, Status: status}
	}
	both := func(payloads ...timeline.Payload) func(*tape) {
		return func(p *tape) {
			p.at(1, 0, ask("1", "/video/edges"), ask("2", "/video/devices"))
			p.at(2, 0, payloads...)
		}
	}
	inOrder := both(tell("1", "/video/edges", 200), tell("2", "/video/devices", 200))
	if d, found := differ(t, inOrder, both(tell("2", "/video/devices", 200), tell("1", "/video/edges", 200))); found {
		t.Errorf("which answer comes first is chance, got\n%s", d.Text("a", "b", 100))
	}
	d, found := differ(t, inOrder, both(tell("2", "/video/devices", 200), tell("1", "/video/edges", 500)))
	if !found || d.Lane != "answers" || d.Step != 1 {
		t.Errorf("a status is a difference, at the first request; got %v %+v", found, d)
	}
}

func TestTextIsNoWiderThanTheScreen(t *testing.T) {
	d, found := differ(t, story("sara", "default:lunch", "x", 1, timeline.Close{Code: 1000, Dir: timeline.In, Reason: strings.Repeat("long ", 40)}), story("sara", "default:lunch", "y", 1))
	if !found {
		t.Fatal("one recording ends earlier")
	}
	for line := range strings.Lines(d.Text("a", "b", 80)) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("a line has %d columns of 80: %q", n, line)
		}
	}
}

// TestEveryDifferenceIsFound changes a story in two places, and wants both, with
// what lies between them the same.
func TestEveryDifferenceIsFound(t *testing.T) {
	custom := func(names ...string) func(*tape) {
		return func(p *tape) {
			p.opened("sara")
			for i, name := range names {
				p.at(i, 1, said(timeline.In, `{"type":"custom.`+name+`"}`))
			}
		}
	}
	left, right := newTape(t), newTape(t)
	custom("a", "b", "c", "d", "e")(left)
	custom("a", "x", "y", "c", "d")(right)
	c := Compare(slices.Values(left.events()), slices.Values(right.events()))
	want := []Parting{
		{Step: 3, Events: [2][]uint64{{3}, {3, 4}}, At: [2]uint64{3, 3}},
		{Step: 6, Events: [2][]uint64{{6}, nil}, At: [2]uint64{6, 6}},
	}
	if len(c.Partings) != len(want) {
		t.Fatalf("want %d partings, got %+v", len(want), c.Partings)
	}
	for i, w := range want {
		got := c.Partings[i]
		w.Sessions, w.Lane, w.when = [2]string{"sara", "sara"}, "connection", got.when
		if diff := cmp.Diff(w, got, cmp.AllowUnexported(Parting{})); diff != "" {
			t.Errorf("parting %d (-want +got):\n%s", i, diff)
		}
	}
	if wantSame := [][2]uint64{{1, 1}, {2, 2}, {4, 5}, {5, 6}}; !slices.Equal(c.Same, wantSame) {
		t.Errorf("want the same steps %v, got %v", wantSame, c.Same)
	}
	d, _ := Diff(slices.Values(left.events()), slices.Values(right.events()))
	if first := c.Partings[0]; d.Step != first.Step || d.place() != first.String() {
		t.Errorf("the first parting is the difference of Diff: %s and %s", first, d.place())
	}
}
