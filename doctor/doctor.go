package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"streamscope/explain"
	"streamscope/internal/redact"
	"streamscope/internal/wire"
)

// Resolver looks names up. [*net.Resolver] is one. It may be called from several
// goroutines at a time and has to end with the context.
type Resolver interface {
	// LookupNetIP returns the addresses of a host; network is ip4 or ip6.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// DialFunc opens a connection as [net.Dialer.DialContext] does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Options say what to look at. Only BaseURL is required; what is zero is the real
// network.
type Options struct {
	// BaseURL is the API that a session would use, "/video" included.
	BaseURL string
	// APIKey is sent with the requests, as every client does; empty means none.
	APIKey string
	// HintURL is asked for the nearest edge; empty means not to ask.
	HintURL string
	// Env is the environment as [os.Environ] gives it, for proxy variables.
	Env []string
	// Timeout limits the whole; zero means DefaultTimeout.
	Timeout time.Duration

	Resolver Resolver
	// Servers names the resolvers that the system uses; nil means to look.
	Servers func() []string
	Dial    DialFunc
	// Proxy says which proxy a request goes through; nil means as the environment
	// of the process says.
	Proxy func(*http.Request) (*url.URL, error)
	// Roots are the trusted authorities; nil means those of the system.
	Roots *x509.CertPool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// DefaultTimeout limits all checks together, and checkTimeout each of them.
const (
	DefaultTimeout = 15 * time.Second
	checkTimeout   = 5 * time.Second
)

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Servers == nil {
		o.Servers = systemResolvers
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// examination is one run. Each check writes its own findings; a later one reads
// what an earlier one has found after that has ended.
type examination struct {
	Options
	base   *url.URL
	host   string
	port   string
	secure bool
	client *http.Client

	v4, v6  []netip.Addr // of the dns check
	reached bool         // tls, or tcp where there is no TLS, worked
	skew    time.Duration
	date    bool // the http check got a Date

	proxied *url.URL // the proxy that requests to the base URL go through

	proxy, dns, ipv4, ipv6, tls, http, clock, socket, hint Finding
}

// Run makes all checks and returns when they are done, or the time or the context
// is over. It makes no more than a handful of small requests.
func Run(ctx context.Context, o Options) Report {
	o = o.withDefaults()
	began := o.Now()
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	x, err := newExamination(o)
	if err != nil {
		f := fault("base URL", explain.Facts{Text: err.Error()}, err.Error())
		return Report{Target: wire.Clean(redact.Text(o.BaseURL)), Findings: []Finding{f}, Verdict: "The base URL cannot be used: " + wire.Clean(err.Error()) + "."}
	}
	defer x.client.CloseIdleConnections()
	x.run(ctx)
	r := Report{
		Target: x.base.Redacted(),
		Findings: []Finding{
			x.proxy, x.dns, x.ipv4, x.ipv6, x.tls, x.http, x.clock, x.socket, x.hint,
		},
	}
	r.Took = o.Now().Sub(began)
	r.Verdict = verdict(r, x.host)
	return r
}

func newExamination(o Options) (*examination, error) {
	u, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is not a URL: %w", err)
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, fmt.Errorf("%q has no http or https in front, or no host", redact.Text(o.BaseURL))
	}
	x := &examination{Options: o, base: u, host: u.Hostname(), port: u.Port(), secure: u.Scheme == "https"}
	if x.port == "" {
		x.port = map[bool]string{true: "443", false: "80"}[x.secure]
	}
	x.client = &http.Client{
		Transport: &http.Transport{
			Proxy: o.Proxy, DialContext: o.Dial,
			TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12, Time: o.Now},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return x, nil
}

// run makes the checks, those that do not need each other at the same time.
func (x *examination) run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { x.timed(ctx, &x.hint, x.checkHint) })
	x.timed(ctx, &x.proxy, x.checkProxy)
	x.timed(ctx, &x.dns, x.checkDNS)
	var ground sync.WaitGroup
	ground.Go(func() {
		x.timed(ctx, &x.ipv4, func(ctx context.Context) Finding { return x.checkFamily(ctx, "IPv4", x.v4) })
	})
	ground.Go(func() {
		x.timed(ctx, &x.ipv6, func(ctx context.Context) Finding { return x.checkFamily(ctx, "IPv6", x.v6) })
	})
	ground.Go(func() { x.timed(ctx, &x.tls, x.checkTLS) })
	ground.Wait()
	x.compareFamilies()
	all.Go(func() { x.timed(ctx, &x.socket, x.checkSocket) })
	x.timed(ctx, &x.http, x.checkHTTP)
	x.timed(ctx, &x.clock, func(context.Context) Finding { return x.checkClock() })
}

// timed makes one check within its time.
func (x *examination) timed(ctx context.Context, into *Finding, check func(context.Context) Finding) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	began := x.Now()
	f := check(ctx)
	f.Took = x.Now().Sub(began)
	for _, s := range []*string{&f.Detail, &f.Cause, &f.Fix} {
		*s = wire.Clean(redact.Text(*s))
	}
	*into = f
}

// fault is a finding that failed, explained by the dictionary.
func fault(check string, facts explain.Facts, detail string) Finding {
	if facts.Op == "" {
		facts.Op = "dial"
	}
	e := explain.Failure(facts)
	return Finding{Check: check, Result: Fail, Detail: detail, Cause: e.Cause, Fix: e.Fix}
}

func skipped(check, why string) Finding { return Finding{Check: check, Result: Skipped, Detail: why} }

// verdict says in one sentence what it all adds up to.
func verdict(r Report, host string) string {
	if f := r.first(Fail); f != nil {
		return fmt.Sprintf("A connection to %s fails here at %s: %s.", host, f.Check, strings.TrimSuffix(f.Detail, "."))
	}
	if f := r.first(Warn); f != nil {
		return fmt.Sprintf("A connection to %s works, with a doubt about %s: %s.", host, f.Check, strings.TrimSuffix(f.Detail, "."))
	}
	return fmt.Sprintf("Nothing on the network stands in the way of a connection to %s.", host)
}
