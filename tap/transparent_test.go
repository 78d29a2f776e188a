package tap

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/timeline"
)

// TestMessagesPassAsTheyAre sends what a proxy could be tempted to tidy up, both
// ways.
func TestMessagesPassAsTheyAre(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.connect()
		messages := []struct {
			kind websocket.MessageType
			data string
		}{
			{websocket.MessageText, ""},
			{websocket.MessageText, "{ \"type\" :\t\"odd.spacing\", \"n\": 1.0e2 }\n"},
			{websocket.MessageText, `{"type":"twice","type":"once","é":"\u00e9"}`},
			{websocket.MessageText, "not JSON \x00\x1b[31m"},
			{websocket.MessageText, `[{"type":"health.check","client_id":"x"}]`},
			{websocket.MessageBinary, string([]byte{0, 0xff, 0xfe, '{', 0x80})},
			{websocket.MessageBinary, ""},
			{websocket.MessageText, `{"type":"big","padding":"` + strings.Repeat("x", 3<<20) + `"}`},
			{websocket.MessageText, "last"},
		}
		for _, m := range messages {
			go up.send(m.kind, m.data)
			app.want("from upstream", m.kind, m.data)
			go app.send(m.kind, m.data)
			up.want("from the app", m.kind, m.data)
		}
		for _, end := range []struct{ from, to *peer }{{app, up}, {up, app}} {
			go func() {
				for i := range 200 {
					end.from.say(strings.Repeat("n", i))
				}
			}()
			for i := range 200 {
				end.to.want("in order", websocket.MessageText, strings.Repeat("n", i))
			}
		}
		app.gone()
		up.gone()
	})
}

// TestEndsPassAsTheyAre holds each way that a socket ends to arrive at the other end.
func TestEndsPassAsTheyAre(t *testing.T) {
	const abrupt = 1006
	for _, c := range []struct {
		code   int
		reason string
		want   string
	}{
		{1000, "Manually closed connection by calling client.disconnect()", ""},
		{1000, "", "1000"},
		{1001, "going away", ""},
		{1005, "", "1005"},
		{1008, "policy", ""},
		{1011, strings.Repeat("r", 123), ""},
		{1012, "service restart", ""},
		{3999, "", "3999"},
		{4000, "a code of its own: “ü”", ""},
		{abrupt, "", "1006"},
	} {
		for _, byApp := range []bool{true, false} {
			inWorld(t, nil, func(t *testing.T, w *world) {
				app, up := w.connect()
				from, to := up, app
				if byApp {
					from, to = app, up
				}
				go func() {
					if c.code == abrupt {
						from.ws.CloseNow()
						return
					}
					from.ws.Close(websocket.StatusCode(c.code), c.reason)
				}()
				want := c.want
				if want == "" {
					want = itoa(c.code) + " " + c.reason
				}
				if got := to.end(); unquote(got) != want {
					t.Errorf("%d %q by the app %t: the other end gets %q", c.code, c.reason, byApp, got)
				}
				app.gone()
				up.gone()
			})
		}
	}
}

func TestRequestsPassAsTheyAre(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, `{"duration":"1ms","call":{"cid":"default:c1"}}`)
	z.Close()
	inWorld(t, nil, func(t *testing.T, w *world) {
		var got *http.Request
		var body string
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			b, _ := io.ReadAll(r.Body)
			got, body = r, string(b)
			rw.Header()["X-Odd-Header"] = []string{"one", "two"}
			rw.Header().Set("Content-Encoding", "gzip")
			rw.Header().Set("Access-Control-Allow-Origin", "*")
			rw.WriteHeader(201)
			rw.Write(zipped.Bytes())
			return true
		}
		path := "/video//call/default/a%2Fb?api_key=key1&user_id=sara&x=%zz&y=a;b"
		resp, text := w.request("POST", path, `{ "ring" : true }`, "Authorization: "+sign(t, "sara"), "X-Stream-Client: test|app=1",
			"Origin: http://localhost:3000", "Accept-Encoding: gzip, compress, deflate, br")
		if got.RequestURI != path || got.Method != "POST" || body != `{ "ring" : true }` || got.Host != "127.0.0.1:8800" {
			t.Errorf("the request arrives as it was made: %s %s to %s with %q", got.Method, got.RequestURI, got.Host, body)
		}
		for name, want := range map[string]string{
			"Accept-Encoding": "gzip, compress, deflate, br", "Origin": "http://localhost:3000", "X-Stream-Client": "test|app=1",
			"X-Forwarded-For": "", "Via": "",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("the header %s arrives as %q, want %q", name, got.Header.Get(name), want)
			}
		}
		if resp.StatusCode != 201 || text != zipped.String() || len(resp.Header["X-Odd-Header"]) != 2 || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("the answer arrives as it was given: %d %v, %d bytes", resp.StatusCode, resp.Header, len(text))
		}
		w.has("the answer is on the record", "← 201")
		for e := range w.proxy.Timeline.All() {
			if answer, ok := e.Payload.(timeline.HTTPResponse); ok && !strings.Contains(string(answer.Body), `"cid":"default:c1"`) {
				t.Errorf("a compressed answer is read all the same, got %q", answer.Body)
			}
		}
	})
}

func TestARefusedUpgradePassesWhole(t *testing.T) {
	page := "<html>" + strings.Repeat("no sockets here ", 1000) + "</html>"
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, status := range []int{401, 503, 302} {
			w.answer = func(rw http.ResponseWriter, _ *http.Request) bool {
				rw.Header().Set("Retry-After", "7")
				rw.Header().Set("Location", "/elsewhere")
				rw.WriteHeader(status)
				io.WriteString(rw, page)
				return true
			}
			resp, text := w.request("GET", "/video/connect?api_key=key1", "", "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
			if resp.StatusCode != status || text != page || resp.Header.Get("Retry-After") != "7" {
				t.Errorf("status, headers and body pass: %d %v, %d bytes", resp.StatusCode, resp.Header, len(text))
			}
		}
		w.has("the attempt says so", "503")
	})
}

func TestPingsReachTheOtherEnd(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		pinged := make(chan struct{}, 1)
		w.t.Cleanup(func() {})
		ctx := t.Context()
		go app.ws.Read(ctx)
		go func() {
			up.ws.Read(ctx)
			close(pinged)
		}()
		if err := app.ws.Ping(ctx); err != nil {
			t.Errorf("a ping is answered: %v", err)
		}
		synctest.Wait()
		if n := up.pings.Load(); n != 1 {
			t.Errorf("upstream is pinged as well, got %d pings", n)
		}
		app.gone()
		up.gone()
		<-pinged
	})
}

func TestASlowAppHoldsUpstreamBack(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.connect()
		sent := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			for up.ws.Write(t.Context(), websocket.MessageText, bytes.Repeat([]byte("x"), 100<<10)) == nil {
				sent++
			}
		}()
		time.Sleep(time.Minute) // the app reads nothing
		synctest.Wait()
		if held := sent; held > 100 {
			t.Errorf("%d messages of 100 KiB are held for an app that does not read", held)
		}
		app.gone()
		up.gone()
		<-done
	})
}

// TestCompressionIsAgreedOnByBothEnds: what the app is told is what upstream said.
func TestCompressionIsAgreedOnByBothEnds(t *testing.T) {
	for _, c := range []struct {
		offered bool
		agreed  websocket.CompressionMode
		want    bool
	}{
		{true, websocket.CompressionContextTakeover, true},
		{true, websocket.CompressionDisabled, false},
		{false, websocket.CompressionContextTakeover, false},
	} {
		inWorld(t, nil, func(t *testing.T, w *world) {
			w.deflate = c.agreed
			mode := websocket.CompressionDisabled
			if c.offered {
				mode = websocket.CompressionContextTakeover
			}
			ws, resp, err := websocket.Dial(t.Context(), w.base+"/video/connect", &websocket.DialOptions{HTTPClient: w.app, CompressionMode: mode})
			if err != nil {
				t.Fatal(err)
			}
			app, up := &peer{t: t, ws: ws}, <-w.up
			if got := resp.Header.Get("Sec-Websocket-Extensions") != ""; got != c.want {
				t.Errorf("%+v: the app is told %q", c, resp.Header.Get("Sec-Websocket-Extensions"))
			}
			text := strings.Repeat("compress me ", 1000)
			go up.say(text)
			app.want("from upstream", websocket.MessageText, text)
			go app.say(text)
			up.want("from the app", websocket.MessageText, text)
			app.gone()
			up.gone()
		})
	}
}
