package coordinator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// from sends a request with a Host and an Origin; either may be empty.
func (w *world) from(method, path, host, origin string, headers ...string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1:8800"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Host = host
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { res.Body.Close() })
	return res
}

func TestBrowsersOfThisMachineAreLetIn(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		res := w.from("OPTIONS", "/video/call/default/c1", "localhost:8800", "http://localhost:3000", "Access-Control-Request-Private-Network: true")
		if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" ||
			!strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "stream-auth-type") ||
			res.Header.Get("Access-Control-Allow-Private-Network") != "true" || res.Header.Get("Vary") != "Origin" {
			t.Errorf("a preflight is answered, got %d %v", res.StatusCode, res.Header)
		}
		res = w.from("HEAD", hintPath, "localhost:8800", "http://localhost:3000")
		if res.StatusCode != 200 || len(res.Header.Get("X-Amz-Cf-Pop")) < 3 || !strings.Contains(res.Header.Get("Access-Control-Expose-Headers"), "x-amz-cf-pop") {
			t.Errorf("the location hint has its header, got %d %v", res.StatusCode, res.Header)
		}
	})
}

func TestStrangersAreTurnedAway(t *testing.T) {
	prepare := func(s *Server) {
		s.AllowOrigins, s.AllowHosts = []string{"https://app.example"}, []string{"dev.tunnel.example"}
	}
	inWorld(t, prepare, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			host, origin string
			allowed      bool
		}{
			"a program":                          {"127.0.0.1:8800", "", true},
			"a program, by name":                 {"localhost:8800", "", true},
			"a program, by IPv6":                 {"[::1]:8800", "", true},
			"an emulator's view of the machine":  {"10.0.2.2:8800", "", true},
			"a container's view of it":           {"host.docker.internal:8800", "", true},
			"its socket has the server's name":   {"10.0.2.2:8800", "http://10.0.2.2:8800", true},
			"a name that was made to point here": {"evil.example:8800", "", false},
			"and a page of that name":            {"evil.example:8800", "http://evil.example:8800", false},
			"a name that begins like an address": {"127.0.0.1.evil.example", "", false},
			"a name that ends like localhost":    {"evillocalhost", "", false},
			"a tunnel that was allowed":          {"dev.tunnel.example", "", true},
			"a page in development":              {"localhost:8800", "http://localhost:3000", true},
			"by address":                         {"127.0.0.1:8800", "http://127.0.0.1:5173", true},
			"of a name below localhost":          {"localhost:8800", "http://app.localhost:3000", true},
			"an app in a web view":               {"localhost:8800", "capacitor://localhost", true},
			"a page from elsewhere":              {"localhost:8800", "https://evil.example", false},
			"a page that looks like localhost":   {"localhost:8800", "http://localhost.evil.example", false},
			"a page without an origin":           {"localhost:8800", "null", false},
			"a page that was allowed":            {"localhost:8800", "https://app.example", true},
			"but not over plain HTTP":            {"localhost:8800", "http://app.example", false},
		} {
			res := w.from("GET", "/video/edges", c.host, c.origin, "stream-auth-type: anonymous")
			if turned := res.StatusCode == 403; turned == c.allowed {
				t.Errorf("%s: got %d, want allowed %v", name, res.StatusCode, c.allowed)
			}
			if c.allowed {
				continue
			}
			body, err := io.ReadAll(res.Body)
			if fail, _ := wire.Decode[wire.APIError](body); err != nil || fail.Code != wire.CodeNotAllowed || !strings.Contains(fail.Message, "allow the") {
				t.Errorf("%s: the answer says what to do, got %s, %v", name, body, err)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: the page may not even read that", name)
			}
		}
		res := w.from("OPTIONS", "/video/edges", "localhost:8800", "https://evil.example")
		if res.StatusCode != 403 {
			t.Errorf("a preflight is turned away, got %d", res.StatusCode)
		}
		_, res, err := websocket.Dial(t.Context(), "ws://127.0.0.1:8800/video/connect?api_key="+DefaultAPIKey,
			&websocket.DialOptions{HTTPClient: w.http, HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
		if err == nil || res.StatusCode != 403 {
			t.Errorf("and so is a socket, got %v, %v", res, err)
		}
	})
}

func TestOtherAddressesAreForStrangers(t *testing.T) {
	s := &Server{}
	defer s.Close()
	req := httptest.NewRequest("GET", "http://coordinator.lan:8800/video/edges?api_key="+DefaultAPIKey, nil)
	req.Header.Set("Origin", "https://app.example")
	req.Header.Set("stream-auth-type", "anonymous")
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, req)
	if rec.Code != 200 || rec.Header().Get("Access-Control-Allow-Origin") != "https://app.example" {
		t.Errorf("who listens on other addresses lets every page in, got %d %v", rec.Code, rec.Header())
	}
}

func TestAllOriginsWhenAsked(t *testing.T) {
	inWorld(t, func(s *Server) { s.AllowOrigins = []string{"*"} }, func(t *testing.T, w *world) {
		if res := w.from("GET", "/video/edges", "localhost", "https://app.example", "stream-auth-type: anonymous"); res.StatusCode == 403 {
			t.Error("a star allows every page")
		}
	})
}

func TestTidy(t *testing.T) {
	for raw, want := range map[string]string{
		"/video/edges":                      "/video/edges",
		"/video//connect":                   "/video/connect",
		"////video///call//default/c1":      "/video/call/default/c1",
		"/video/call/default/caf%C3%A9":     "/video/call/default/caf%C3%A9",
		"/video/call/default/a%3Ab":         "/video/call/default/a%3Ab",
		"/video/call/default/a%2Fb":         "",
		"/video/call/default/a%2F%2Faccept": "",
		"/video/call/default/../../edges":   "",
		"/video/call/default/%2e%2e/x":      "",
		"/video/./edges":                    "",
		"/" + strings.Repeat("x", 256):      "",
		"video/edges":                       "",
		"":                                  "",
	} {
		u := &url.URL{Path: raw}
		if plain, err := url.PathUnescape(raw); err == nil {
			u = &url.URL{Path: plain, RawPath: raw}
		}
		got := ""
		if tidy(u) {
			got = u.EscapedPath()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

// raw sends bytes over a connection of their own and returns the answer, nil
// when the connection ends without one.
func (w *world) raw(t *testing.T, text string) (*http.Response, []byte) {
	t.Helper()
	c, err := w.ln.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go io.WriteString(c, text)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return nil, nil
	}
	defer res.Body.Close()
	// What came before the end is what counts.
	body, _ := io.ReadAll(res.Body)
	return res, body
}

func TestPathTricksGetJSON(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, path := range []string{
			"/video/call/default/%2e%2e/%2e%2e", "/video/../api/v2/users", "/video/call/default/a%2Fb", "/video/call//", "//", "/video/call/default/",
			"/video/call/default/" + strings.Repeat("x", 2000), "/video/call/de%00fault/c1/nothing", "/.%2e/.git/config",
		} {
			req := fmt.Sprintf("GET %s?api_key=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: %s\r\n\r\n", path, DefaultAPIKey, w.srv.Token("sara", 0))
			res, body := w.raw(t, req)
			if res == nil || res.StatusCode != 404 && res.StatusCode != 400 {
				t.Errorf("%.60s: got %v", path, res)
				continue
			}
			if fail, err := wire.Decode[wire.APIError](body); err != nil || fail.Code != wire.CodeDoesNotExist || fail.StatusCode != res.StatusCode {
				t.Errorf("%.60s: an unknown path is answered in JSON, got %s", path, body)
			}
		}
	})
}

func TestIDsThatNothingCouldShow(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		long := strings.Repeat("x", maxID+1)
		w.as("sara", "POST", "/video/call/default/%1B%5B2J", "", 400)
		w.as("sara", "POST", "/video/call/de%3Afault/c1", "", 400)
		w.as("sara", "POST", "/video/call/default/"+long, "", 404)
		w.as("", "POST", "/api/v2/users", `{"users":{"x":{"id":"`+long+`"}}}`, 400)
		w.as("", "POST", "/api/v2/users", `{"users":{"x":{"id":"a\u0007"}}}`, 400)
		w.as("", "POST", "/api/v2/guest", `{"user":{"id":"a\nb"}}`, 400)
		w.as(long, "GET", "/video/edges", "", 400)
		p := w.dial(long, w.srv.Token(long, 0))
		if fail := want[wire.ConnectionError](p, "nor may anybody connect as one", wire.TypeConnectionError); fail.Error.Code != wire.CodeInput {
			t.Errorf("got %+v", fail.Error)
		}
	})
}

func TestSlowClientsAreNotWaitedForForEver(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		start := time.Now()
		res, _ := w.raw(t, "POST /video/call/default/c1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow")
		if took := time.Since(start); took > headerTimeout || res != nil && res.StatusCode < 400 {
			t.Errorf("headers that do not end are given up after %v, got %v after %v", headerTimeout, res, took)
		}
		start = time.Now()
		res, body := w.raw(t, "POST /video/call/default/c1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{\"ring")
		if took := time.Since(start); res == nil || res.StatusCode != http.StatusRequestTimeout || took != bodyTimeout {
			t.Errorf("a body that does not end gets 408 after %v, got %v after %v", bodyTimeout, res, took)
		}
		if fail, err := wire.Decode[wire.APIError](body); err != nil || fail.Code != wire.CodeRequestTimeout {
			t.Errorf("in the envelope, got %s", body)
		}
	})
}

func TestAnAnswerThatNobodyTakesIsGivenUp(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		c, err := w.ln.Dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /video/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(headerTimeout + time.Second)
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\n"); err == nil {
			t.Error("the connection is gone")
		}
	})
}
