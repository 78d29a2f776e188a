package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/fault"
	"streamscope/internal/memnet"
	"streamscope/internal/wire"
)

// world is a coordinator on a network in memory, and clients of it. Its tests
// run in a bubble and read as transcripts.
type world struct {
	t      *testing.T
	srv    *Server
	ln     *memnet.Listener
	http   *http.Client
	cancel context.CancelFunc
	served chan error

	mu     sync.Mutex
	events []Event
}

// inWorld runs a test against a coordinator that prepare, if any, has set up.
func inWorld(t *testing.T, prepare func(*Server), test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, srv: &Server{Secret: "a secret of tests"}, ln: memnet.Listen("127.0.0.1:8800"), served: make(chan error, 1)}
		if prepare != nil {
			prepare(w.srv)
		}
		w.srv.OnEvent = func(e Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		}
		transport := &http.Transport{DialContext: w.ln.Dial, DisableKeepAlives: true}
		w.http = &http.Client{Transport: transport}
		ctx, cancel := context.WithCancel(t.Context())
		w.cancel = cancel
		go func() { w.served <- w.srv.Serve(ctx, w.ln) }()
		test(t, w)
		w.srv.Close()
		cancel()
		// net/http lingers half a second over a body that it did not read.
		time.Sleep(time.Second)
		if err := <-w.served; err != nil {
			t.Errorf("serving ends without an error, got %v", err)
		}
	})
}

// peer is a client's end of a socket.
type peer struct {
	w      *world
	ws     *websocket.Conn
	user   string
	connID string
	frames chan []byte
	ended  chan error
}

// dial opens a socket and authenticates with a token, or sends nothing if the
// user is empty.
func (w *world) dial(user, token string) *peer {
	w.t.Helper()
	ws, _, err := websocket.Dial(w.t.Context(), "ws://127.0.0.1:8800/video/connect?api_key="+DefaultAPIKey+"&stream-auth-type=jwt&X-Stream-Client=test", &websocket.DialOptions{HTTPClient: w.http})
	if err != nil {
		w.t.Fatalf("dial: %v", err)
	}
	ws.SetReadLimit(-1)
	p := &peer{w: w, ws: ws, user: user, frames: make(chan []byte, 100), ended: make(chan error, 1)}
	go func() {
		for {
			_, data, err := ws.Read(context.Background())
			if err != nil {
				p.ended <- err
				return
			}
			p.frames <- data
		}
	}()
	if user != "" {
		p.send(wire.AuthMessage{Token: wire.Secret(token), Products: []string{"video"}, UserDetails: wire.UserDetails{ID: user}})
	}
	return p
}

// connect opens a socket that is expected to be established.
func (w *world) connect(user string) *peer {
	w.t.Helper()
	p := w.dial(user, w.srv.Token(user, time.Hour))
	ok := want[wire.ConnectedEvent](p, "connection.ok answers the auth message", wire.TypeConnectionOK)
	p.connID = ok.ConnectionID
	return p
}

func (p *peer) send(v any) {
	p.w.t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		p.w.t.Fatal(err)
	}
	if err := p.ws.Write(p.w.t.Context(), websocket.MessageText, data); err != nil {
		p.w.t.Errorf("send: %v", err)
	}
}

func (p *peer) ping() {
	p.send([]wire.Ping{{Type: wire.TypeHealthCheck, ClientID: p.user + "--1"}})
}

// want takes the next frame, which must have the type.
func want[T any](p *peer, expectation, typ string) T {
	p.w.t.Helper()
	synctest.Wait()
	var v T
	select {
	case data := <-p.frames:
		if got := wire.SniffType(data); got != typ {
			p.w.t.Errorf("%s: got %s, want %s", expectation, got, typ)
			return v
		}
		v, err := wire.Decode[T](data)
		if err != nil {
			p.w.t.Errorf("%s: %v", expectation, err)
		}
		return v
	default:
		p.w.t.Errorf("%s: got no frame, want %s", expectation, typ)
	}
	return v
}

func (p *peer) wantEvent(expectation, typ string) wire.CallEvent {
	p.w.t.Helper()
	return want[wire.CallEvent](p, expectation, typ)
}

func (p *peer) wantIdle(expectation string) {
	p.w.t.Helper()
	synctest.Wait()
	select {
	case data := <-p.frames:
		p.w.t.Errorf("%s: got %s", expectation, data)
	case err := <-p.ended:
		p.w.t.Errorf("%s: the socket ended: %v", expectation, err)
		p.ended <- err
	default:
	}
}

// wantClose expects the socket to have ended with a close code, -1 for an end
// without a close frame.
func (p *peer) wantClose(expectation string, code int) {
	p.w.t.Helper()
	synctest.Wait()
	select {
	case err := <-p.ended:
		if got := int(websocket.CloseStatus(err)); got != code {
			p.w.t.Errorf("%s: got close %d (%v), want %d", expectation, got, err, code)
		}
	default:
		p.w.t.Errorf("%s: the socket is still open", expectation)
	}
}

// close closes the socket and lets the server take note.
func (p *peer) close() {
	p.ws.Close(websocket.StatusNormalClosure, "bye")
	synctest.Wait()
}

// skip throws away what was received.
func (p *peer) skip() {
	synctest.Wait()
	for len(p.frames) > 0 {
		<-p.frames
	}
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) apiError(t *testing.T) wire.APIError {
	t.Helper()
	e, err := wire.Decode[wire.APIError](a.body)
	if err != nil {
		t.Errorf("an error has Stream's envelope, got %s", a.body)
	}
	return e
}

// do sends a request as an official client does; token may be empty.
func (w *world) do(method, path, token, body string, query ...string) (answer, error) {
	w.t.Helper()
	url := "http://127.0.0.1:8800" + path + "?" + strings.Join(append([]string{"api_key=" + DefaultAPIKey}, query...), "&")
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("stream-auth-type", "jwt")
	if token == "" {
		req.Header.Set("stream-auth-type", "anonymous")
	} else {
		req.Header.Set("Authorization", token)
	}
	res, err := w.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, data}, err
}

// as sends a request for a user and expects a status.
func (w *world) as(user, method, path, body string, status int, query ...string) answer {
	w.t.Helper()
	token := w.srv.ServerToken()
	if user != "" {
		token = w.srv.Token(user, time.Hour)
	}
	a, err := w.do(method, path, token, body, query...)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		w.t.Errorf("%s %s: got %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

func (w *world) arm(text string) string {
	w.t.Helper()
	f, err := fault.Parse(text)
	if err != nil {
		w.t.Fatal(err)
	}
	id, err := w.srv.Arm(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// noted lists the events of some kinds as lines.
func (w *world) noted(kinds ...EventKind) []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for _, e := range w.events {
		for _, kind := range kinds {
			if e.Kind == kind {
				lines = append(lines, fmt.Sprintf("%s %s", kind, e.UserID))
			}
		}
	}
	return lines
}

func decodeBody[T any](t *testing.T, a answer) T {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(a.body))
	var v T
	if err := dec.Decode(&v); err != nil {
		t.Errorf("the body decodes: %v: %s", err, a.body)
	}
	return v
}

// each hands everything that was received to a function.
func (p *peer) each(look func(typ string, data []byte)) {
	synctest.Wait()
	for len(p.frames) > 0 {
		data := <-p.frames
		look(wire.SniffType(data), data)
	}
}
