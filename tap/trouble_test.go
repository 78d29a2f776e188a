package tap

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/origin"
	"streamscope/logsink"
	"streamscope/timeline"
)

// TestAnUpstreamThatIsAwayIsNoAnswer: the app sees a dead network, never a close
// frame or a status of ours, and the record says why.
func TestAnUpstreamThatIsAwayIsNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		stage timeline.Stage
		want  string
	}{
		"nobody listens": {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, timeline.StageTCP, "connection refused"},
		"no such name":   {&net.DNSError{Err: "no such host", Name: "video.example", IsNotFound: true}, timeline.StageDNS, "no such host"},
		"a dead network": {&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, timeline.StageTCP, "network is unreachable"},
	} {
		away := func(p *Proxy) {
			p.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, c.err }
		}
		inWorld(t, away, func(t *testing.T, w *world) {
			_, resp, err := w.dial("/video/connect?api_key=key1", nil)
			if err == nil || resp != nil {
				t.Errorf("%s: the upgrade is not answered, got %v, %v", name, resp, err)
			}
			if f := w.state(unknown).Attempt.Failure(); f == nil || f.Stage != c.stage || !strings.Contains(f.Text, c.want) {
				t.Errorf("%s: the attempt stops at %s with the reason, got %+v", name, c.stage, f)
			}
			if resp, text := w.request("POST", "/video/calls?api_key=key1&user_id=sara", "{}"); resp != nil {
				t.Errorf("%s: the request is not answered, got %v %s", name, resp, text)
			}
			w.has("the request says why", c.want)
		})
	}
}

// TestACertificateThatNobodyTrusts needs TLS over real sockets.
func TestACertificateThatNobodyTrusts(t *testing.T) {
	upstream := httptest.NewUnstartedServer(http.NotFoundHandler())
	upstream.Config.ErrorLog = discard
	upstream.StartTLS()
	defer upstream.Close()
	u, err := url.Parse(upstream.URL + "/video")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		Upstream: u, Timeline: timeline.NewStore(timeline.Options{}),
		Logs: logsink.NewStore(logsink.StoreConfig{}), Levels: logsink.NewLevels(logsink.Info),
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- p.Serve(ctx, ln) }()
	if _, resp, err := websocket.Dial(ctx, "ws://"+ln.Addr().String()+"/video/connect?api_key=key1", nil); err == nil || resp != nil {
		t.Errorf("the upgrade is not answered: %v", resp)
	}
	stop()
	<-served
	var state timeline.State
	for e := range p.Timeline.All() {
		state = timeline.Apply(state, e)
	}
	s, _ := state.Session(unknown)
	if f := s.Attempt.Failure(); f == nil || f.Stage != timeline.StageTLS || !strings.Contains(f.Text, "certificate") {
		t.Errorf("the attempt stops at TLS: %+v", f)
	}
}

func TestAMessageThatIsTooLarge(t *testing.T) {
	inWorld(t, func(p *Proxy) { p.ReadLimit = 1000 }, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		go up.ws.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat("x", 2000)))
		if got := app.end(); got != "1006" {
			t.Errorf("the app is cut off, got %q", got)
		}
		if got := up.end(); got == "1000" {
			t.Errorf("upstream is not told that all is well, got %q", got)
		}
		w.has("the record says why", "larger than the tap holds")
	})
}

// TestTheEndOfTheTapIsNoNews: it is not the server that has closed anything.
func TestTheEndOfTheTapIsNoNews(t *testing.T) {
	var app *peer
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, _ = w.login("sara")
		w.t.Cleanup(func() {
			if got := app.end(); got != "1006" {
				t.Errorf("the app is cut off, got %q", got)
			}
			if s := w.state("sara"); s.Closed == "" || s.Attempt.End.By != timeline.ByUser {
				t.Errorf("the session is over, by us: %q, %s", s.Closed, s.Attempt.End.By)
			}
		})
	})
}

func TestStrangersAreTurnedAway(t *testing.T) {
	prepare := func(p *Proxy) {
		p.Guard = origin.Guard{Origins: []string{"https://app.example"}, Hosts: []string{"dev.tunnel.example"}}
	}
	inWorld(t, prepare, func(t *testing.T, w *world) {
		passed := 0
		w.answer = func(rw http.ResponseWriter, _ *http.Request) bool { passed++; return true }
		for _, c := range []struct {
			headers []string
			allowed bool
		}{
			{nil, true},
			{[]string{"Origin: http://localhost:3000"}, true},
			{[]string{"Origin: https://app.example"}, true},
			{[]string{"Origin: https://evil.example"}, false},
			{[]string{"Origin: null"}, false},
			{[]string{"Host: evil.example:8801"}, false},
			{[]string{"Host: dev.tunnel.example"}, true},
		} {
			for _, path := range []string{"/video/calls", LogPath, SinkPath} {
				before := passed
				resp, _ := w.request("GET", path, "", c.headers...)
				if refused := resp.StatusCode == http.StatusForbidden; refused == c.allowed {
					t.Errorf("%s with %v: status %d", path, c.headers, resp.StatusCode)
				}
				if !c.allowed && passed != before {
					t.Errorf("%s with %v was passed on", path, c.headers)
				}
			}
		}
		w.has("they are shown", `pages of "https://evil.example" may not use this server`)
		time.Sleep(time.Second)
		w.request("GET", "/video/calls", "", "Host: evil.example")
		w.has("and counted", "more before it")
	})
}

func TestThePairingCode(t *testing.T) {
	inWorld(t, func(p *Proxy) { p.Code = "letmein42" }, func(t *testing.T, w *world) {
		var path string
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			path = r.RequestURI
			io.WriteString(rw, "passed")
			return true
		}
		for _, wrong := range []string{"/video/calls", "/letmein4/video/calls", "/LETMEIN42/video/calls", "/x/letmein42/video/calls"} {
			if resp, text := w.request("GET", wrong, ""); resp.StatusCode != 403 || !strings.Contains(text, "pairing code") {
				t.Errorf("%s: %d %s", wrong, resp.StatusCode, text)
			}
		}
		for sent, want := range map[string]string{
			"/letmein42/video/call/a%2Fb/c?x=%zz": "/video/call/a%2Fb/c?x=%zz",
			"/letmein42//video/calls":             "//video/calls",
		} {
			if _, text := w.request("GET", sent, ""); text != "passed" || path != want {
				t.Errorf("%s arrives as %s: %s", sent, path, text)
			}
		}
		w.hasNot("the code is not shown", "letmein42")
	})
	if a, b := NewCode(), NewCode(); a == b || len(a) < 16 {
		t.Errorf("codes are long and differ: %s, %s", a, b)
	}
}

func TestAnAppThatGivesUp(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.answer = func(_ http.ResponseWriter, r *http.Request) bool {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return true
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "POST", w.base+"/video/calls?api_key=key1&user_id=sara", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.app.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the app's own timeout ends it: %v", err)
		}
		w.has("it is told so", "the app gave up")
	})
}

// TestARequestIsMadeOnce: on a connection that was kept and is cut, the transport
// would make some requests again.
func TestARequestIsMadeOnce(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
		inWorld(t, nil, func(t *testing.T, w *world) {
			made := 0
			w.app.Transport.(*http.Transport).DisableKeepAlives = true // or the app itself makes it again
			w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
				if made++; made > 1 {
					panic(http.ErrAbortHandler)
				}
				return true
			}
			w.request("GET", "/video/first?api_key=key1", "")
			if resp, _ := w.request(method, "/video/second?api_key=key1", ""); resp != nil || made != 2 {
				t.Errorf("%s: the app hears of the cut (%v), and upstream gets one request, not %d", method, resp, made-1)
			}
		})
	}
}

// TestAPortThatIsClosedIsSeen: a new connection of the app is a new one to upstream,
// whatever others are still up.
func TestAPortThatIsClosedIsSeen(t *testing.T) {
	closed := false
	var dials int
	prepare := func(p *Proxy) {
		dial := p.DialContext
		p.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials++; closed {
				return nil, syscall.ECONNREFUSED
			}
			return dial(ctx, network, addr)
		}
	}
	inWorld(t, prepare, func(t *testing.T, w *world) {
		w.answer = func(http.ResponseWriter, *http.Request) bool { return true }
		for range 3 {
			w.request("GET", "/video/edges", "")
		}
		if dials != 1 {
			t.Errorf("a connection that the app keeps is kept, and %d were made", dials)
		}
		closed = true
		if resp, _ := w.request("GET", "/video/edges", ""); resp == nil {
			t.Error("what is up still works")
		}
		w.app.Transport.(*http.Transport).CloseIdleConnections()
		if resp, _ := w.request("GET", "/video/edges", ""); resp != nil {
			t.Errorf("a new one is refused, got %d", resp.StatusCode)
		}
	})
}
