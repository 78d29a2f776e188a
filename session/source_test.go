package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/memnet"
	"streamscope/internal/token"
	"streamscope/session"
)

// goodToken has the form of a token; no error may hold it.
const goodToken = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

// wantToken asks a source and expects the good token, or an error with a text.
func wantToken(t *testing.T, name string, s session.TokenSource, want string) {
	t.Helper()
	got, err := s.Token(t.Context())
	if want == "" {
		if err != nil || got != goodToken {
			t.Errorf("%s: the token comes, got %q, %v", name, got, err)
		}
		return
	}
	e, ok := errors.AsType[*session.Error](err)
	if !ok || e.Op != "token" || !strings.Contains(err.Error(), want) {
		t.Errorf("%s:\nwant an error of the token with %s\ngot  %v", name, want, err)
	}
	if err != nil && strings.Contains(err.Error(), goodToken) {
		t.Errorf("%s: the error keeps the token to itself, got %v", name, err)
	}
}

func TestTokensOfAnEndpoint(t *testing.T) {
	for name, tc := range map[string]struct {
		status        int
		kind, body    string
		pointer, want string
	}{
		"the documented object":     {200, "application/json", `{"token":"` + goodToken + `"}`, "", ""},
		"a JSON string":             {200, "application/json", `"` + goodToken + `"`, "", ""},
		"bare text":                 {200, "text/plain", goodToken + "\n", "", ""},
		"behind a pointer":          {200, "", `{"data":[{"a/b":"` + goodToken + `"}]}`, "/data/0/a~1b", ""},
		"created":                   {201, "", `{"token":"` + goodToken + `"}`, "", ""},
		"a pointer that misses":     {200, "", `{"data":{"jwt":"` + goodToken + `"}}`, "/data/token", `/data, an object with "jwt", has no "token" on the way to /data/token`},
		"a pointer past a list":     {200, "", `{"data":[]}`, "/data/00", `/data, an array, has no "00"`},
		"a pointer to a number":     {200, "", `{"token":7}`, "/token", "at /token is a number, not a string"},
		"a pointer into text":       {200, "", goodToken, "/token", "not JSON, so that the pointer /token leads nowhere"},
		"another name":              {200, "", `{"access":"` + goodToken + `","ok":true}`, "", `a JSON object with "access", "ok" but no "token": set a JSON pointer`},
		"a token that is no string": {200, "", `{"token":{"value":"` + goodToken + `"}}`, "", `"token" is an object, not a string`},
		"null":                      {200, "", `null`, "", "null, not a token"},
		"a sentence":                {200, "text/plain", "please log in", "", `neither a bare token, nor a JSON string`},
		"broken JSON":               {200, "application/json", `{"token":"` + goodToken, "", `neither a bare token`},
		"nothing":                   {200, "", "", "", "the token endpoint answered with an empty body"},
		"a login page":              {200, "text/html", "<!DOCTYPE html><title>Log\n in</title>", "", `an HTML page titled "Log in": is the address right, and is a login in front of it?`},
		"an error of the endpoint":  {403, "application/json", `{"error":"no","seen":"` + goodToken + `"}`, "", "the token endpoint answered 403 Forbidden"},
		"an error page":             {502, "text/html", "<html><title>Bad Gateway</title></html>", "", `status 502: an HTML page titled "Bad Gateway"`},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tc.kind != "" {
					w.Header().Set("Content-Type", tc.kind)
				}
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.body)
			}))
			defer srv.Close()
			wantToken(t, name, session.HTTPSource{URL: srv.URL, Pointer: tc.pointer}, tc.want)
		})
	}
}

func TestATokenEndpointThatMovedIsNamed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("headers stay with their host, got %v elsewhere", r.Header)
	}))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL+"/t", http.StatusFound))
	defer srv.Close()
	wantToken(t, "a redirect to another host", session.HTTPSource{URL: srv.URL, Header: http.Header{"x-api-key": {"secret"}}},
		"redirects to "+other.URL+"/t: the token endpoint answered 302 Found")
}

func TestTheRequestToATokenEndpoint(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		r.Body.Read(body)
		got = fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Type"), r.Header.Get("X-Key"), body)
		fmt.Fprint(w, goodToken)
	}))
	defer srv.Close()
	who := session.TokenRequest{UserID: `sa"ra&`, APIKey: "k"}
	wantToken(t, "a GET", session.HTTPSource{URL: srv.URL + "/t?user={{query .UserID}}", Request: who}, "")
	if want := "GET /t?user=sa%22ra%26   "; got != want {
		t.Errorf("the address is filled in, got %q", got)
	}
	wantToken(t, "a POST", session.HTTPSource{URL: srv.URL, Body: `{"user_id":{{json .UserID}}}`, Request: who,
		Header: http.Header{"X-Key": {"secret"}}}, "")
	if want := `POST / application/json secret {"user_id":"sa\"ra\u0026"}`; got != want {
		t.Errorf("a body makes a POST of JSON, got %q", got)
	}
	wantToken(t, "a mistake in the template", session.HTTPSource{URL: srv.URL, Body: "{{.Nobody}}"}, "Nobody")
	wantToken(t, "no address", session.HTTPSource{URL: "ftp://x"}, "not an http or https URL")
}

func TestATokenEndpointHasLimitedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := memnet.Listen("127.0.0.1:80")
		srv := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) })}
		go srv.Serve(ln)
		rest := &session.HTTPDoer{DialContext: ln.Dial}
		start := time.Now()
		wantToken(t, "an endpoint that hangs", session.HTTPSource{URL: "http://127.0.0.1/", REST: rest}, "the token endpoint did not answer within 10s")
		if got := time.Since(start); got != session.DefaultTokenTimeout {
			t.Errorf("it ends with the limit, got %v", got)
		}
		rest.CloseIdleConnections()
		time.Sleep(time.Minute)
		srv.Close()
	})
}

func TestTokensOfACommand(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell")
	}
	for command, want := range map[string]string{
		"echo " + goodToken:                                       "",
		`printf '{"token":"%s"}' ` + goodToken:                    "",
		`test "$STREAMSCOPE_USER_ID" = sara && echo ` + goodToken: "",
		"echo no luck >&2; exit 3":                                "no luck: the command ended with exit status 3",
		"echo " + goodToken + " >&2; exit 1":                      "eyJ….….…",
		"true":                                                    "printed nothing on standard output",
		"kill -9 $$":                                              "the command was ended: signal: killed",
		"echo not a token":                                        "the command's output: neither a bare token",
		"yes 0123456789 | head -c 10000 >&2; exit 2":              "and 7952 bytes more",
	} {
		wantToken(t, command, session.ExecSource{Command: command, UserID: "sara"}, want)
	}
	wantToken(t, "what a command started ends with it", session.ExecSource{Command: "sleep 600 & sleep 600", Timeout: 50 * time.Millisecond},
		"the command did not end within 50ms")
}

func TestTokensOfAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := session.FileSource{Path: path}
	wantToken(t, "no file", s, "no such file")
	put(goodToken + "\r\n\n")
	wantToken(t, "a file with line breaks", s, "")
	put("\n")
	wantToken(t, "an empty file, read again", s, "is empty")
	put(strings.Repeat("x", 1<<17))
	wantToken(t, "a file that is no token", s, "larger than any token")
	wantToken(t, "a directory", session.FileSource{Path: dir}, "not a regular file")
	put(" " + goodToken)
	if got, err := s.Token(t.Context()); err != nil || got != " "+goodToken {
		t.Errorf("only the line breaks at the end are removed, got %q, %v", got, err)
	}
}

func TestSecretSourceSigns(t *testing.T) {
	s := session.SecretSource{Secret: "secret", UserID: "sara", TTL: time.Minute}
	raw, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Verify(raw, "secret"); err != nil {
		t.Errorf("the secret signed the token, got %v", err)
	}
	c, err := token.Parse(raw)
	if err != nil || c.UserID != "sara" || c.Lifetime() != time.Minute+token.Backdate {
		t.Errorf("the user and the life are in it, got %+v, %v", c, err)
	}
	wantToken(t, "no secret", session.SecretSource{UserID: "sara"}, "the secret is empty")
	if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, `"secret"`) || strings.Contains(text, "{secret ") {
		t.Errorf("the source prints without its secret, got %s", text)
	}
}

func TestSourcesOfTheProgram(t *testing.T) {
	wantToken(t, "static", session.StaticSource{Raw: goodToken}, "")
	wantToken(t, "a provider that fails", session.FuncSource{Func: func(context.Context) (string, error) {
		return "", errors.New("bad " + goodToken + "\x1b")
	}}, `bad eyJ….….`)
	wantToken(t, "a nil provider", session.FuncSource{}, "nil")
	calls := 0
	s := &session.SeededSource{First: goodToken, Then: session.FuncSource{Func: func(context.Context) (string, error) {
		calls++
		return goodToken, nil
	}}}
	for want := range 3 {
		wantToken(t, "a token beside a provider", s, "")
		if calls != want {
			t.Errorf("the provider is asked from the second load on: want %d calls, got %d", want, calls)
		}
	}
	for kind, s := range map[string]session.TokenSource{
		"static": session.StaticSource{}, "func": session.FuncSource{}, "http": session.HTTPSource{}, "exec": session.ExecSource{},
		"file": session.FileSource{}, "secret": session.SecretSource{},
	} {
		if s.Kind() != kind || s.Refreshable() != (kind != "static") {
			t.Errorf("a source knows its kind, and only a static one cannot refresh: %s, %v", s.Kind(), s.Refreshable())
		}
	}
}

func TestRESTCalls(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the token stays with its host, got %q elsewhere", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.WriteHeader(201)
		fmt.Fprintf(w, "%s %s %q", r.Method, r.Header.Get("Authorization"), r.Header.Values("User-Agent"))
	})
	mux.Handle("/away", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/near", http.RedirectHandler("/ok", http.StatusTemporaryRedirect))
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, session.BodyKept+5))
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		w.Write([]byte("x"))
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	var rest session.HTTPDoer
	defer rest.CloseIdleConnections()
	do := func(path string) (session.RESTResponse, error) {
		u, err := url.Parse(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		return rest.Do(t.Context(), session.RESTRequest{Method: "POST", URL: u, Body: []byte("{}"), Header: http.Header{"Authorization": {goodToken}}})
	}
	for _, path := range []string{"/ok", "/near"} {
		resp, err := do(path)
		if want := "POST " + goodToken + " []"; err != nil || resp.Status != 201 || string(resp.Body) != want || resp.Date.Year() != 2006 {
			t.Errorf("%s: status, body and date come back, got %+v %s, %v", path, resp, resp.Body, err)
		}
	}
	if resp, err := do("/away"); err != nil || resp.Status != 302 {
		t.Errorf("a redirect to another host is the answer, got %+v, %v", resp, err)
	}
	if resp, err := do("/big"); err != nil || len(resp.Body) != session.BodyKept || resp.Header.Get("Content-Length") != fmt.Sprint(session.BodyKept+5) {
		t.Errorf("a large body is cut and counted, got %d, %v, %v", len(resp.Body), resp.Header, err)
	}
	_, err := do("/cut")
	wantError(t, "an answer that breaks off is a failure", err, session.Error{Op: "http", Status: 200})
	srv.Close()
	_, err = do("/ok")
	wantError(t, "no server is a failure", err, session.Error{Op: "http"})
	if !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "/ok") {
		t.Errorf("the error names the cause and not the address, got %v", err)
	}
}

func TestARESTCallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := memnet.Listen("127.0.0.1:80")
		srv := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) })}
		go srv.Serve(ln)
		rest := &session.HTTPDoer{DialContext: ln.Dial}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := rest.Do(ctx, session.RESTRequest{URL: &url.URL{Scheme: "http", Host: "127.0.0.1"}})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Errorf("the cause is the context's, at once, got %v after %v", err, time.Since(start))
		}
		rest.CloseIdleConnections()
		time.Sleep(time.Minute)
		srv.Close()
	})
}
