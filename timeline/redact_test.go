package timeline_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"streamscope/timeline"
)

// plantedToken has the shape of a real token and the signature of none.
const plantedToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGwtabcdef"

func TestRedactFindsPlantedSecrets(t *testing.T) {
	const opaque = "0123456789abcdef0123456789abcdef"
	tests := []struct{ name, in string }{
		{"token in the auth frame", `{"token":"` + plantedToken + `"}`},
		{"access_token of a guest", `{"access_token":"` + plantedToken + `","user":{}}`},
		{"an opaque access_token", `{"access_token":"` + opaque + `"}`},
		{"Authorization", `{"headers":{"Authorization":"` + opaque + `"}}`},
		{"a secret", `{"api_secret":"` + opaque + `"}`},
		{"a token in a sentence", `{"message":"cannot use ` + plantedToken + `"}`},
		{"a token in a query", `api_key=k&token=` + opaque + `&x=1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(timeline.Redact([]byte(tt.in)))
			if strings.Contains(got, plantedToken[:30]) || strings.Contains(got, opaque[:12]) {
				t.Errorf("the secret survives in %s", got)
			}
			if !strings.Contains(got, "abcdef") {
				t.Errorf("the last six characters are gone from %s", got)
			}
		})
	}
}

func TestRedactReturnsCleanBodiesAsTheyAre(t *testing.T) {
	body := wireFile(t, "server_call.ring.json")
	got := timeline.Redact(body)
	if !bytes.Equal(got, body) || &got[0] != &body[0] {
		t.Error("a body without secrets was copied or changed")
	}
}

// TestNoTokenReachesARecording sends planted tokens the ways that they travel,
// and looks for any part of them in the recording.
func TestNoTokenReachesARecording(t *testing.T) {
	const opaque = "q7Zk2mV9xT4bN8rL1sWc"
	frame := func(dir timeline.Direction, op, body string) timeline.Payload {
		f, _ := timeline.DecodeFrame(dir, op, []byte(body), 0)
		return f
	}
	req := timeline.NewRequest("r", "POST", &url.URL{Path: "/video/call/default/x/join", RawQuery: "api_key=k&token=" + opaque},
		[]byte(`{"data":{"custom":{"authorization":"`+opaque+`"}}}`))
	payloads := []timeline.Payload{
		frame(timeline.Out, "text", `{"token":"`+plantedToken+`","user_details":{"id":"sara","custom":{"token":"`+opaque+`"}}}`),
		frame(timeline.Out, "binary", `{"token":"`+plantedToken+`"}`),
		frame(timeline.Out, "text", `{"token":"`+plantedToken[:70]), // cut
		frame(timeline.In, "text", `{"type":"connection.error","error":{"code":5,"message":"bad token `+plantedToken+`"}}`),
		frame(timeline.In, "text", `{"type":"call.rejected","call_cid":"a:b","reason":"`+plantedToken+`"}`),
		req,
		timeline.NewResponse(req, 201, 0, []byte(`{"credentials":{"token":"`+opaque+`","ice_servers":[{"password":"`+opaque+`"}]}}`)),
		timeline.NewResponse(req, 401, 0, []byte(`{"code":5,"message":"Authorization: `+opaque+`"}`)),
		timeline.NewRequest("g", "POST", &url.URL{Path: "/" + plantedToken}, []byte(`{"access_token":"`+plantedToken+`"}`)),
	}
	var events []timeline.Event
	for _, p := range payloads {
		events = append(events, timeline.Event{Payload: p})
		if text := timeline.Describe(timeline.Event{Payload: p}).Text; leaks(text, plantedToken, opaque) != "" {
			t.Errorf("the row of %s shows %q", p.Kind(), text)
		}
	}
	for _, line := range strings.SplitAfter(string(record(t, events...)), "\n") {
		if part := leaks(line, plantedToken, opaque); part != "" {
			t.Errorf("%q of a secret is recorded in %s", part, line)
		}
	}
}

// leaks returns a part of a secret that a text holds, longer than what a mask
// keeps.
func leaks(text string, secrets ...string) string {
	const window = 12
	for _, secret := range secrets {
		for i := 0; i+window <= len(secret); i++ {
			if strings.Contains(text, secret[i:i+window]) {
				return secret[i : i+window]
			}
		}
	}
	return ""
}
