package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"streamscope/timeline"
)

const ringFrame = `{"type":"call.ring","call":{"id":"lunch","members":[{"user_id":"jack"},{"user_id":"sara"}],"odd key":null},"n":1}`

func TestTreeKnowsPathsAndPlaces(t *testing.T) {
	tr, ok := parseTree([]byte(" " + ringFrame + "\n"))
	if !ok {
		t.Fatal("it is JSON")
	}
	want := map[string]string{
		".type": `"call.ring"`, ".call.members[1].user_id": `"sara"`, `.call["odd key"]`: "null", ".n": "1",
		".call.members[0]": `{"user_id":"jack"}`, ".": ringFrame,
	}
	for i := range tr.nodes {
		path := tr.path(i)
		if raw, known := want[path]; known {
			if tr.raw(i) != raw {
				t.Errorf("%s is %q, not %q", path, tr.raw(i), raw)
			}
			delete(want, path)
		}
	}
	for path := range want {
		t.Errorf("the tree has no %s", path)
	}
}

func TestTreeRefusesWhatIsNotOneValue(t *testing.T) {
	for name, text := range map[string]string{
		"text": "hello", "two values": "{} {}", "a torn frame": `{"a":[1,`, "nothing": "", "too deep": strings.Repeat("[", 400) + strings.Repeat("]", 400),
	} {
		if _, ok := parseTree([]byte(text)); ok {
			t.Errorf("%s is no tree", name)
		}
	}
}

func TestTreeFolds(t *testing.T) {
	tr, _ := parseTree([]byte(ringFrame))
	all := len(tr.shown())
	tr.foldAll(true)
	if n := len(tr.shown()); n != 4 {
		t.Errorf("folded it shows the whole and its three members, not %d rows", n)
	}
	tr.foldAll(false)
	if n := len(tr.shown()); n != all {
		t.Errorf("unfolded it shows all %d rows again, not %d", all, n)
	}
}

// ringing opens the inspector on a ring, after another one.
func ringing(t *testing.T, w, h int) *harness {
	x := newHarness(t, w, h)
	x.connectedStory()
	x.event(1, timeline.Frame{Dir: timeline.In, Op: "text", Size: 90, Type: "call.ring", CID: "default:lunch", Body: timeline.Body(strings.Replace(ringFrame, "lunch", "retro", 1))})
	x.now = x.now.Add(4 * time.Second)
	x.event(1, timeline.Frame{Dir: timeline.In, Op: "text", Size: 90, Type: "call.ring", CID: "default:lunch", Body: timeline.Body(ringFrame)})
	x.Press("enter")
	return x
}

func TestInspectorWalksTheTree(t *testing.T) {
	x := ringing(t, 120, 40)
	x.WantScreen("it begins with the facts and the tree", "from the server", `type: "call.ring"`, `user_id: "jack"`, ". bytes 0-")
	x.Press("j", "j")
	x.WantScreen("the status says which value is selected", ".call bytes 27-")
	x.Press("space")
	x.WantScreen("space folds it", "call: {…} 3 members")
	x.WantNotOnScreen("what is in it is gone", `user_id: "jack"`)
	x.Press("l", "l", "j")
	x.WantScreen("right unfolds and goes in", `user_id: "jack"`, ".call.members bytes")
	x.Press("-")
	x.WantScreen("minus folds everything", "call: {…} 3 members")
	x.Press("+", "g", "j", "tab", "tab")
	x.WantScreen("hex begins where the selection is", "00000000", "22 63 61 6c 6c 2e 72 69")
	x.Press("tab")
	x.WantScreen("diff names what changed", "4.0 s before", `.call.id  "retro" → "lunch"`)
	x.WantNotOnScreen("and nothing else", ".call.members")
	x.WantExact()
}

func TestInspectorCopiesInForms(t *testing.T) {
	x := ringing(t, 120, 40)
	x.Press("j", "j", "j", "y")
	x.WantScreen("y offers forms", "of .call.id", "payload", "pretty")
	x.Press("enter")
	x.wantMode("the inspector is still open", modeDetail)
	if len(x.Seen) != 1 {
		t.Fatalf("the value is on the clipboard: %v", x.Seen)
	}
	x.Press("y", "esc")
	x.wantMode("esc comes back to the inspector", modeDetail)
	x.Press("[")
	x.WantScreen("[ goes to the row before", `id: "retro"`)
	x.Press("]", "esc")
	x.wantMode("esc closes it", modeNormal)
}

func TestInspectorShowsBothHalvesOfAnExchange(t *testing.T) {
	x := newHarness(t, 120, 40)
	x.busyStory()
	x.Press("enter")
	x.WantScreen("the answer names its request and the round trip", "answers", "round trip 18 ms", "request")
	x.Press("k", "Y")
	x.WantScreen("a request can be copied as curl", "curl")
}

func TestCurlHoldsNoToken(t *testing.T) {
	s := timeline.Session{Opened: timeline.SessionOpened{BaseURL: "https://video.stream-io-api.com/video"}}
	got := curl(s, timeline.HTTPRequest{Method: "POST", Path: "/video/call/default/it's/reject", Query: "api_key=demo", Token: 1, Body: []byte(`{"reason":"busy"}`)})
	want := "curl -X POST 'https://video.stream-io-api.com/video/call/default/it'\\''s/reject?api_key=demo' \\\n" +
		"  -H \"Authorization: $STREAM_TOKEN\" \\\n  -H 'stream-auth-type: jwt' \\\n  -H 'Content-Type: application/json' \\\n  --data '{\"reason\":\"busy\"}'"
	if got != want {
		t.Errorf("the command is\n%s\nnot\n%s", got, want)
	}
}

func TestJQInTheInspector(t *testing.T) {
	x := ringing(t, 120, 40)
	x.Press("/")
	x.Type(".call.members[].user_id")
	x.WantScreen("it is typed in the footer", "jq .call.members[].user_id")
	x.Press("enter")
	x.WantScreen("the values are in a view of their own", `"jack"`, `"sara"`)
	x.Press("/")
	x.Type(".call | ")
	x.Press("enter")
	x.WantScreen("what cannot be read says why", "jq: ")
	x.wantMode("and leaves the inspector open", modeDetail)
}

func TestJQIsBounded(t *testing.T) {
	for name, expr := range map[string]string{
		"values without end": "repeat(1)",
		"a large text":       `"x" * 1000000`,
		"an error":           ".n | keys",
	} {
		code, err := compileJQ(expr)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := runJQ(context.Background(), code, []byte(ringFrame)); err == nil || len(out) > jqOutput {
			t.Errorf("%s: %d bytes and the error %v", name, len(out), err)
		}
	}
	code, _ := compileJQ("def f: f; f")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runJQ(ctx, code, []byte("1")); err == nil {
		t.Error("an expression that never ends is stopped by its context")
	}
}

// sending is a controller that sends frames.
type sending struct{ *fakeController }

func (c sending) SendFrame(s, text string) error { return c.note("send " + s + " " + text) }

func TestFrameByHandIsConfirmed(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	send := func() { x.Press(":"); x.Type("send"); x.Press("enter") }
	send()
	x.WantScreen("a session that takes none says so", "takes no frames by hand")
	x.m.o.Controller = sending{x.ctl}
	send()
	x.Type("{oops")
	x.Press("enter")
	x.WantScreen("it asks, and warns of what is not JSON", "Send this frame?", "not JSON", "marked in")
	x.Press("n")
	x.wantAsked("no sends nothing")
	send()
	x.Type(`{"type":"x"}`)
	x.Press("enter", "y")
	x.wantAsked("yes sends it as it is", `send sara {"type":"x"}`)
}
