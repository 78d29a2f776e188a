package tap

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/fault"
)

// TestFaultsOfLiveSockets arms each fault on a socket that is up, and looks at what
// the app gets.
func TestFaultsOfLiveSockets(t *testing.T) {
	for spec, want := range map[string]string{
		"drop":                          "1006",
		"close:code=1000":               "1000",
		"close:code=4001,reason=bye":    "4001 bye",
		"error:code=9,phase=session":    `"code":9`,
		"unknown-event:type=call.odd":   `"type":"call.odd"`,
		"huge-frame:size=100000":        "xxxxxxxxxx",
		"corrupt":                       `<{"type":"custom"`,
		"truncate":                      `{"type":"`,
		"withhold:type=custom":          `{"type":"next"}`,
		"duplicate:type=custom":         `{"type":"custom","n":1}`,
		"drop:user=jack":                `{"type":"custom","n":1}`,
		"slow:latency=300ms":            `{"type":"custom","n":1}`,
		"withhold:type=custom,user=bob": `{"type":"custom","n":1}`,
	} {
		var struck []string
		prepare := func(p *Proxy) {
			p.Struck = func(session, id string, _ fault.Fault) { struck = append(struck, session+" "+id) }
		}
		inWorld(t, prepare, func(t *testing.T, w *world) {
			app, up := w.login("sara")
			w.arm(spec)
			go func() {
				for _, m := range []string{`{"type":"custom","n":1}`, `{"type":"next"}`} {
					up.ws.Write(t.Context(), websocket.MessageText, []byte(m))
				}
			}()
			_, data, err := app.ws.Read(t.Context())
			got := string(data)
			if err != nil {
				got = app.endOf(err)
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: the app gets %.80q, want %q", spec, got, want)
			}
			if other := strings.Contains(spec, "user="); other != (len(struck) == 0) || !other && !strings.HasPrefix(struck[0], "sara ") {
				t.Errorf("%s: the strokes are told: %v", spec, struck)
			}
		})
	}
}

func TestFaultsOfTheHandshake(t *testing.T) {
	for spec, want := range map[string]string{
		"refuse-upgrade:status=503":     "503",
		"refuse-tcp":                    "no answer",
		"stall-upgrade:for=20s":         "no answer after 20s",
		"error:code=71":                 `"code":71`,
		"wrong-signature":               `"code":43`,
		"close:code=1000,phase=connect": "1000",
		"drop:phase=connect":            "1006",
	} {
		inWorld(t, nil, func(t *testing.T, w *world) {
			w.arm(spec)
			began := time.Now()
			app, resp, err := w.dial("/video/connect?api_key=key1", nil)
			var got string
			switch {
			case err != nil && resp != nil:
				got = itoa(resp.StatusCode)
			case err != nil:
				got = "no answer"
				if took := time.Since(began); took > 0 {
					got += " after " + took.String()
				}
			default:
				up := <-w.up
				auth := `{"token":"` + sign(t, "sara") + `","user_details":{"id":"sara"}}`
				app.say(auth)
				up.want("the auth message", websocket.MessageText, auth)
				go up.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"connection.ok","connection_id":"c-1"}`))
				_, data, err := app.ws.Read(t.Context())
				got = string(data)
				if err != nil {
					got = app.endOf(err)
				} else if end := app.end(); end != "1000" {
					t.Errorf("%s: after the refusal the socket ends with 1000, got %s", spec, end)
				}
				app.gone()
				up.gone()
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: the app gets %q, want %q", spec, got, want)
			}
		})
	}
}

func TestHalfOpenSwallowsBothWays(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		w.arm("half-open:for=40s")
		up.say("lost for now")
		app.say("lost for ever")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		w.hasNot("nothing comes in", "lost for now")
		up.say("second")
		app.want("what was held comes when it is over", websocket.MessageText, "lost for now")
		app.want("in order", websocket.MessageText, "second")
		app.say("after")
		up.want("the app's words of the time are gone", websocket.MessageText, "after")
	})
}

func TestFaultsOfRequests(t *testing.T) {
	for spec, want := range map[string]string{
		"rest-error:code=40":                          "401 code 40",
		"rest-error:code=9,status=429,retry_after=5s": "429 code 9 retry 5",
		"rest-html":                    "502 <html>",
		"rest-reset":                   "no answer",
		"rest-hang:for=20s":            "no answer after 20s",
		"wrong-signature":              "401 code 43",
		"rest-error:code=9,path=/call": "429 code 9",
		"rest-error:path=/elsewhere":   "200 passed",
		"rest-error:user=jack":         "200 passed",
		"slow:latency=2s":              "200 passed after 2s",
	} {
		inWorld(t, nil, func(t *testing.T, w *world) {
			w.answer = func(rw http.ResponseWriter, _ *http.Request) bool { io.WriteString(rw, "passed"); return true }
			w.arm(spec)
			began := time.Now()
			resp, text := w.request("POST", "/video/calls?api_key=key1&user_id=sara", "{}", "Origin: http://localhost:3000")
			var got []string
			switch {
			case resp == nil:
				got = append(got, "no answer")
			default:
				got = append(got, itoa(resp.StatusCode))
				if _, after, ok := strings.Cut(text, `"code":`); ok {
					code, _, _ := strings.Cut(after, ",")
					got = append(got, "code "+code)
				} else {
					got = append(got, text)
				}
				if after := resp.Header.Get("Retry-After"); after != "" {
					got = append(got, "retry "+after)
				}
				if text != "passed" && resp.Header.Get("Access-Control-Allow-Origin") == "" {
					t.Errorf("%s: a page can read the refusal", spec)
				}
			}
			if took := time.Since(began); took > 0 {
				got = append(got, "after "+took.String())
			}
			if line := strings.Join(got, " "); !strings.HasPrefix(line, want) {
				t.Errorf("%s: the app gets %q, want %q", spec, line, want)
			}
			if s := w.state("sara"); s.Requests != 1 {
				t.Errorf("%s: the request is on the record, got %d", spec, s.Requests)
			}
			w.has(spec+": and its end", "POST …/calls")
		})
	}
}

func TestTheTapCausesWhatIsSaidOfIt(t *testing.T) {
	p := &Proxy{}
	for _, info := range fault.Kinds() {
		if got := p.Faults().CanCause(info.Kind); got != slices.Contains(info.Sites, fault.Tap) {
			t.Errorf("%s: the table and the tap disagree: %t", info.Kind, got)
		}
	}
}
