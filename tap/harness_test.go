package tap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/fault"
	"streamscope/internal/memnet"
	"streamscope/internal/token"
	"streamscope/logsink"
	"streamscope/timeline"
)

// world is an app, the tap and an upstream in a bubble. The test plays both ends.
type world struct {
	t     *testing.T
	proxy *Proxy
	app   *http.Client
	base  string
	// up gets the sockets that upstream has accepted.
	up chan *peer
	// deflate is whether upstream agrees to compression.
	deflate websocket.CompressionMode
	// answer is upstream's answer to requests and, where it is set, to upgrades.
	answer func(w http.ResponseWriter, r *http.Request) (taken bool)
}

// inWorld runs a test with a tap that serves until the test is over.
func inWorld(t *testing.T, prepare func(*Proxy), test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ln, upLn := memnet.Listen("127.0.0.1:8801"), memnet.Listen("127.0.0.1:8800")
		w := &world{t: t, up: make(chan *peer, 10), base: "http://127.0.0.1:8801"}
		w.proxy = &Proxy{
			Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:8800", Path: "/video"},
			Timeline: timeline.NewStore(timeline.Options{}), Logs: logsink.NewStore(logsink.StoreConfig{}), Levels: logsink.NewLevels(logsink.Info),
			DialContext: upLn.Dial,
		}
		if prepare != nil {
			prepare(w.proxy)
		}
		upstream := &http.Server{Handler: http.HandlerFunc(w.serveUpstream)}
		go upstream.Serve(upLn)
		defer upstream.Close()
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error)
		go func() { served <- w.proxy.Serve(ctx, ln) }()
		transport := &http.Transport{DialContext: ln.Dial, DisableCompression: true}
		defer transport.CloseIdleConnections()
		w.app = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		test(t, w)
		stop()
		if err := <-served; err != nil {
			t.Errorf("the tap ends when it is told to: %v", err)
		}
	})
}

func (w *world) serveUpstream(rw http.ResponseWriter, r *http.Request) {
	if w.answer != nil && w.answer(rw, r) {
		return
	}
	if !isUpgrade(r) {
		http.NotFound(rw, r)
		return
	}
	p := &peer{t: w.t, request: r, done: make(chan struct{})}
	ws, err := websocket.Accept(rw, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, CompressionMode: w.deflate,
		OnPingReceived: func(context.Context, []byte) bool { p.pings.Add(1); return true },
	})
	if err != nil {
		return
	}
	ws.SetReadLimit(-1)
	p.ws = ws
	w.up <- p
	<-p.done
}

// peer is one end of a socket, in the hands of the test.
type peer struct {
	t       *testing.T
	ws      *websocket.Conn
	request *http.Request
	pings   atomic.Int32
	over    sync.Once
	done    chan struct{} // nil for the app's end
}

func (p *peer) send(kind websocket.MessageType, data string) {
	p.t.Helper()
	if err := p.ws.Write(p.t.Context(), kind, []byte(data)); err != nil {
		p.t.Errorf("a message goes out: %v", err)
	}
}

func (p *peer) say(data string) { p.t.Helper(); p.send(websocket.MessageText, data) }

// want reads one message and holds it to be this one, kind and bytes.
func (p *peer) want(what string, kind websocket.MessageType, data string) {
	p.t.Helper()
	got, text, err := p.ws.Read(p.t.Context())
	if err != nil || got != kind || string(text) != data {
		p.t.Fatalf("%s: want %v of %d bytes, got %v of %d bytes, %v", what, kind, len(data), got, len(text), err)
	}
}

// end is how the socket has ended for this end: a close code and a reason, or 1006.
func (p *peer) end() string {
	_, _, err := p.ws.Read(p.t.Context())
	if err == nil {
		return "a message"
	}
	return p.endOf(err)
}

func (p *peer) endOf(err error) string {
	if frame, ok := asClose(err); ok {
		return strings.TrimSpace(fmt.Sprintf("%d %s", frame.Code, frame.Reason))
	}
	return "1006"
}

func asClose(err error) (websocket.CloseError, bool) {
	var frame websocket.CloseError
	ok := websocket.CloseStatus(err) != -1
	if ok {
		frame.Code = websocket.CloseStatus(err)
		_, reason, _ := strings.Cut(err.Error(), `reason = "`)
		frame.Reason = strings.TrimSuffix(reason, `"`)
	}
	return frame, ok
}

func (p *peer) gone() {
	p.ws.CloseNow()
	p.over.Do(func() {
		if p.done != nil {
			close(p.done)
		}
	})
}

// connect opens a socket of the app, and returns both ends of it.
func (w *world) connect() (app, up *peer) {
	w.t.Helper()
	app, resp, err := w.dial("/video/connect?api_key=key1&stream-auth-type=jwt&X-Stream-Client=test-app", nil)
	if err != nil {
		w.t.Fatalf("the app connects: %v, %v", err, resp)
	}
	up = <-w.up
	w.t.Cleanup(func() { app.gone(); up.gone() })
	return app, up
}

func (w *world) dial(path string, header http.Header) (*peer, *http.Response, error) {
	ws, resp, err := websocket.Dial(w.t.Context(), w.base+path, &websocket.DialOptions{HTTPClient: w.app, HTTPHeader: header})
	if err != nil {
		return nil, resp, err
	}
	ws.SetReadLimit(-1)
	return &peer{t: w.t, ws: ws}, resp, nil
}

// login is connect with the auth message of a user and connection.ok.
func (w *world) login(user string) (app, up *peer) {
	w.t.Helper()
	app, up = w.connect()
	w.authenticate(app, up, user, sign(w.t, user))
	return app, up
}

func (w *world) authenticate(app, up *peer, user, raw string) {
	w.t.Helper()
	auth := fmt.Sprintf(`{"token":%q,"products":["video"],"user_details":{"id":%q}}`, raw, user)
	app.say(auth)
	up.want("the auth message", websocket.MessageText, auth)
	ok := fmt.Sprintf(`{"type":"connection.ok","connection_id":"c-1","created_at":%q,"me":{"id":%q}}`, time.Now().Format(time.RFC3339Nano), user)
	up.say(ok)
	app.want("connection.ok", websocket.MessageText, ok)
	synctest.Wait()
}

func sign(t *testing.T, user string) string {
	t.Helper()
	raw, err := token.Sign("secret-of-the-app", token.Options{UserID: user, TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// request makes a REST call of the app.
func (w *world) request(method, path, body string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, from)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	resp, err := w.app.Do(req)
	if err != nil {
		return nil, err.Error()
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		return resp, err.Error()
	}
	synctest.Wait()
	return resp, text.String()
}

// events are the rows of what happened, as the timeline writes them.
func (w *world) events() []string {
	synctest.Wait()
	var rows []string
	for e := range w.proxy.Timeline.All() {
		rows = append(rows, fmt.Sprintf("%s#%d %s", e.Session, e.Attempt, timeline.Describe(e)))
	}
	return rows
}

// has fails unless a row with these words is there.
func (w *world) has(what, row string) {
	w.t.Helper()
	if !slices.ContainsFunc(w.events(), func(s string) bool { return strings.Contains(s, row) }) {
		w.t.Errorf("%s: want a row with %q in\n%s", what, row, strings.Join(w.events(), "\n"))
	}
}

func (w *world) hasNot(what, row string) {
	w.t.Helper()
	if slices.ContainsFunc(w.events(), func(s string) bool { return strings.Contains(s, row) }) {
		w.t.Errorf("%s: want no row with %q in\n%s", what, row, strings.Join(w.events(), "\n"))
	}
}

// state is the fold of all that happened to a session.
func (w *world) state(session string) timeline.Session {
	w.t.Helper()
	synctest.Wait()
	state := timeline.Fold(timeline.State{}, slices.Collect(w.proxy.Timeline.All()))
	s, ok := state.Session(session)
	if !ok {
		w.t.Fatalf("there is a session %s in\n%s", session, strings.Join(w.events(), "\n"))
	}
	return s
}

func (w *world) arm(spec string) {
	w.t.Helper()
	f, err := fault.Parse(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.proxy.Faults().Arm(spec, f); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

func itoa(n int) string { return fmt.Sprint(n) }

// unquote undoes the quoting of a reason in an error's text.
func unquote(s string) string { return strings.NewReplacer(`\"`, `"`).Replace(s) }
