package doctor_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"streamscope/doctor"
)

func TestMain(m *testing.M) {
	if d, ok := http.DefaultTransport.(*http.Transport); ok { // no test leaves this machine
		d.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("a test dials the network")
		}
	}
	goleak.VerifyTestMain(m)
}

// names answers look-ups from a table; what is not in it does not exist.
type names map[string][]netip.Addr

func (n names) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	addrs, ok := n[network+" "+host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, ctx.Err()
}

// silent is a resolver that does not answer.
type silent struct{}

func (silent) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, &net.DNSError{Err: "i/o timeout", Name: host, IsTimeout: true}
}

// api answers as the API does to someone without a token, and upgrades sockets.
func api(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/video/edges":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"code":5,"message":"authentication failed"}`)
	case "/video/connect":
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Accept", accept(r.Header.Get("Sec-WebSocket-Key")))
		w.WriteHeader(http.StatusSwitchingProtocols)
	case "/hint":
		w.Header().Set("X-Amz-Cf-Pop", "AMS1-P2")
	default:
		http.NotFound(w, r)
	}
}

// network is a server with a certificate for example.com, and the way to it.
type network struct {
	server *httptest.Server
	opts   doctor.Options
}

func newNetwork(t *testing.T, handler http.HandlerFunc) *network {
	t.Helper()
	n := &network{server: httptest.NewUnstartedServer(handler)}
	n.server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are cut short are meant
	n.server.StartTLS()
	t.Cleanup(n.server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(n.server.Certificate())
	n.opts = doctor.Options{
		BaseURL: "https://example.com/video", APIKey: "key", HintURL: "https://example.com/hint", Roots: roots,
		Resolver: names{
			"ip4 example.com": {netip.MustParseAddr("192.0.2.7")},
			"ip6 example.com": {netip.MustParseAddr("2001:db8::7")},
		},
		Servers: func() []string { return []string{"192.0.2.53"} },
		Proxy:   func(*http.Request) (*url.URL, error) { return nil, nil },
		Dial:    n.dial,
	}
	return n
}

// dial leads every address to the server.
func (n *network) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, n.server.Listener.Addr().String())
}

func (n *network) run(t *testing.T) doctor.Report {
	t.Helper()
	r := doctor.Run(t.Context(), n.opts)
	if t.Failed() {
		t.Log(r.Text(100))
	}
	return r
}

func finding(t *testing.T, r doctor.Report, check string) doctor.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("there is no check %q in\n%s", check, r.Text(100))
	return doctor.Finding{}
}

func want(t *testing.T, r doctor.Report, check string, result doctor.Result, detail string) {
	t.Helper()
	f := finding(t, r, check)
	if f.Result != result || !strings.Contains(f.Detail, detail) {
		t.Errorf("%s is %s, %q; want %s, %q", check, f.Result, f.Detail, result, detail)
	}
	if (f.Result == doctor.Fail || f.Result == doctor.Warn) && (f.Cause == "" || f.Fix == "") {
		t.Errorf("%s has no cause or no fix: %+v", check, f)
	}
}

func TestAllIsWell(t *testing.T) {
	r := newNetwork(t, api).run(t)
	want(t, r, "proxy", doctor.OK, "none")
	want(t, r, "dns", doctor.OK, "A 192.0.2.7 · AAAA 2001:db8::7 · by 192.0.2.53")
	want(t, r, "IPv4", doctor.OK, "192.0.2.7:443")
	want(t, r, "IPv6", doctor.OK, "[2001:db8::7]:443")
	want(t, r, "tls", doctor.Warn, "not a public authority") // the server's certificate is its own
	want(t, r, "http", doctor.OK, "401")
	want(t, r, "clock", doctor.OK, "agrees")
	want(t, r, "websocket", doctor.OK, "101")
	want(t, r, "location hint", doctor.OK, "AMS")
	if r.Failed() || !strings.Contains(r.Verdict, "doubt about tls") {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func TestWhatStandsInTheWay(t *testing.T) {
	answer := func(status int, header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	refused := errors.New("dial tcp: connect: connection refused")
	tests := []struct {
		name    string
		handler http.HandlerFunc
		change  func(*network)
		checks  map[string]string // "result detail" by check
		verdict string
	}{
		{"the name does not exist", api, func(n *network) { n.opts.Resolver = names{} },
			map[string]string{"dns": "fail no such host", "IPv4": "skipped the name has no address", "tls": "skipped no address", "http": "skipped no address", "websocket": "skipped", "clock": "skipped"},
			"fails here at dns"},
		{"only IPv4", api, func(n *network) { delete(n.opts.Resolver.(names), "ip6 example.com") },
			map[string]string{"dns": "ok AAAA none", "IPv6": "skipped no such address", "IPv4": "ok"}, "doubt about tls"},
		{"IPv6 is broken", api, func(n *network) {
			n.opts.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if strings.HasPrefix(addr, "[") {
					return nil, refused
				}
				return n.dial(ctx, network, addr)
			}
		}, map[string]string{"IPv6": "warn refused", "IPv4": "ok", "http": "ok"}, "doubt about IPv6"},
		{"no IPv6 here", api, func(n *network) {
			n.opts.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if strings.HasPrefix(addr, "[") {
					return nil, errors.New("connect: network is unreachable")
				}
				return n.dial(ctx, network, addr)
			}
		}, map[string]string{"IPv6": "skipped this network has no IPv6"}, "doubt about tls"},
		{"nothing listens", api, func(n *network) {
			n.opts.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, refused }
		}, map[string]string{"IPv4": "fail refused", "IPv6": "fail refused", "tls": "skipped refused", "http": "skipped", "location hint": "warn refused"}, "fails here at IPv4"},
		{"a DNS filter", api, func(n *network) { n.opts.Resolver.(names)["ip4 example.com"][0] = netip.MustParseAddr("0.0.0.0") },
			map[string]string{"dns": "warn 0.0.0.0"}, "doubt about dns"},
		{"an unknown authority", api, func(n *network) { n.opts.Roots = x509.NewCertPool() },
			map[string]string{"tls": "fail issued by", "http": "skipped no trusted TLS", "websocket": "skipped"}, "fails here at tls"},
		{"another host's certificate", api, func(n *network) {
			n.opts.BaseURL = "https://else.org/video"
			n.opts.Resolver.(names)["ip4 else.org"] = n.opts.Resolver.(names)["ip4 example.com"]
		}, map[string]string{"tls": "fail else.org"}, "fails here at tls"},
		{"plain text where TLS should be", api, func(n *network) {
			plain := httptest.NewServer(http.HandlerFunc(api))
			n.server.Close()
			n.server = plain
		}, map[string]string{"tls": "fail does not look like a TLS handshake"}, "fails here at tls"},
		{"a certificate that ended", api, func(n *network) {
			n.opts.Now = func() time.Time { return time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }
		}, map[string]string{"tls": "fail expired"}, "fails here at tls"},
		{"a captive portal with a page", answer(200, "Content-Type", "text/html", "<html><title>Hotel \x1b[31mWiFi</title>"), nil,
			map[string]string{"http": `fail web page "Hotel`, "websocket": "fail 200", "location hint": "warn without an edge"}, "fails here at http"},
		{"a captive portal that redirects", answer(302, "Location", "http://login.hotel/start?token=secretsecretsecret", ""), nil,
			map[string]string{"http": "fail 302 Found to http://login.hotel/start", "websocket": "fail 302"}, "fails here at http"},
		{"a server that is down", answer(503, "Content-Type", "application/json", `{"code":-1}`), nil,
			map[string]string{"http": "fail 503", "websocket": "fail 503"}, "fails here at http"},
		{"something that is not the API", answer(200, "Content-Type", "text/plain", "hello"), nil,
			map[string]string{"http": "fail 5 bytes that are not JSON"}, "fails here at http"},
		{"a clock that is ahead", answer(401, "Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), `{}`), nil,
			map[string]string{"clock": "fail ahead of"}, "fails here at clock"},
		{"a clock that is a little behind", answer(401, "Date", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat), `{}`), nil,
			map[string]string{"clock": "warn behind"}, "fails here at websocket"},
		{"an upgrade that is no upgrade", func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Sec-WebSocket-Key", "other")
			api(w, r)
		}, nil, map[string]string{"websocket": "fail not that of a WebSocket server", "http": "ok"}, "fails here at websocket"},
		{"no hint", api, func(n *network) { n.opts.HintURL = "https://example.com/nothing" },
			map[string]string{"location hint": "warn 404"}, "doubt about tls"},
		{"a proxy", api, func(n *network) {
			n.opts.Env = []string{"https_proxy=http://user:hunter2@proxy.corp:3128", "PATH=/bin"}
			n.opts.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse("http://user:hunter2@proxy.corp:3128") }
		}, map[string]string{"proxy": "warn through http://user:xxxxx@proxy.corp:3128"}, ""},
		{"proxy variables that do not matter", api, func(n *network) { n.opts.Env = []string{"NO_PROXY=example.com"} },
			map[string]string{"proxy": "ok NO_PROXY=example.com"}, "doubt about tls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newNetwork(t, tt.handler)
			if tt.change != nil {
				tt.change(n)
				t.Cleanup(func() { n.server.Close() })
			}
			r := n.run(t)
			for check, expected := range tt.checks {
				result, detail, _ := strings.Cut(expected, " ")
				want(t, r, check, doctor.Result(result), detail)
			}
			if !strings.Contains(r.Verdict, tt.verdict) {
				t.Errorf("verdict %q, want %q", r.Verdict, tt.verdict)
			}
			text := r.Text(80)
			for _, secret := range []string{"hunter2", "secretsecret", "\x1b", "api_key"} {
				if strings.Contains(text, secret) {
					t.Errorf("the text holds %q:\n%s", secret, text)
				}
			}
		})
	}
}

func TestNothingTakesLongerThanItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("dial tcp: i/o timeout")
		}
		opts := doctor.Options{
			BaseURL: "https://example.com/video", HintURL: "https://hint.example.com/", Resolver: silent{}, Dial: hang,
			Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }, Servers: func() []string { return nil },
		}
		r := doctor.Run(t.Context(), opts)
		want(t, r, "dns", doctor.Fail, "i/o timeout (asked the system's resolver)")
		if r.Took != 5*time.Second {
			t.Errorf("a resolver that is silent takes %s, want 5 s", r.Took)
		}
		opts.Resolver = names{"ip4 example.com": {netip.MustParseAddr("192.0.2.7")}}
		opts.Timeout = 3 * time.Second
		r = doctor.Run(t.Context(), opts)
		want(t, r, "IPv4", doctor.Fail, "timeout")
		if r.Took != 3*time.Second {
			t.Errorf("all takes %s, want the 3 s that it was given", r.Took)
		}
	})
}

func TestBaseURLsThatAreNone(t *testing.T) {
	for _, base := range []string{"", "video.example.com", "ftp://x", "http://", "://"} {
		r := doctor.Run(t.Context(), doctor.Options{BaseURL: base})
		if !r.Failed() || !strings.Contains(r.Verdict, "cannot be used") {
			t.Errorf("%q: %+v", base, r)
		}
	}
}

func TestPlainHTTPOnThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(api))
	defer server.Close()
	r := doctor.Run(t.Context(), doctor.Options{BaseURL: server.URL + "/video", Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }})
	want(t, r, "dns", doctor.Skipped, "address")
	want(t, r, "IPv4", doctor.OK, "127.0.0.1")
	want(t, r, "tls", doctor.Skipped, "plain http")
	want(t, r, "websocket", doctor.OK, "101")
	if r.Failed() || !strings.HasPrefix(r.Verdict, "Nothing on the network") {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func TestForms(t *testing.T) {
	r := newNetwork(t, api).run(t)
	for _, width := range []int{40, 80, 200} {
		for line := range strings.Lines(r.Text(width)) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > max(width, 80) {
				t.Errorf("at %d a line is %d wide: %q", width, n, line)
			}
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		SchemaVersion int `json:"schema_version"`
		OK            bool
		Verdict       string
		Findings      []struct {
			Check, Result string
			TookMS        *float64 `json:"took_ms"`
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil || doc.SchemaVersion != 1 || !doc.OK || len(doc.Findings) != 9 || doc.Findings[0].TookMS == nil {
		t.Errorf("%v: %s", err, data)
	}
}
