package session

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"streamscope/internal/wire"
)

const (
	// BodyKept is how much of an answer's body [HTTPDoer] keeps, in bytes.
	BodyKept = 1 << 20

	bodyCounted  = 64 << 20 // bytes; past them an answer is not even counted
	maxRedirects = 10
)

// HTTPDoer makes REST calls over the network. The zero value is ready; the
// fields must not change after the first call. It keeps connections, which
// [HTTPDoer.CloseIdleConnections] lets go.
//
// The time of a call is bounded by its context only. Redirects are followed
// within a host; one that leads elsewhere is the answer.
type HTTPDoer struct {
	// TLSConfig is cloned; nil means the defaults of crypto/tls.
	TLSConfig *tls.Config
	// DialContext makes the connections; nil means a [net.Dialer].
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy chooses the proxy of a target with TLS; nil means
	// [http.ProxyFromEnvironment].
	Proxy func(*http.Request) (*url.URL, error)

	once   sync.Once
	client *http.Client // set by once
}

var _ RESTDoer = (*HTTPDoer)(nil)

// Do implements [RESTDoer]. Of a body larger than [BodyKept] the beginning is
// returned, and the Content-Length of the response then is what came in all.
func (d *HTTPDoer) Do(ctx context.Context, req RESTRequest) (RESTResponse, error) {
	d.once.Do(d.open)
	start := time.Now()
	r, err := http.NewRequestWithContext(ctx, cmp.Or(req.Method, http.MethodGet), req.URL.String(), bytes.NewReader(req.Body))
	if err != nil {
		return RESTResponse{}, httpError(ctx, err, 0)
	}
	r.Header = quietHeader(req.Header)
	resp, err := d.client.Do(r)
	if err != nil {
		return RESTResponse{}, httpError(ctx, err, 0)
	}
	body, size, err := readBody(resp)
	if err != nil {
		return RESTResponse{}, httpError(ctx, err, resp.StatusCode)
	}
	if size > len(body) {
		resp.Header.Set("Content-Length", strconv.Itoa(size))
	}
	answer := RESTResponse{Status: resp.StatusCode, Header: resp.Header, Body: body, Took: time.Since(start)}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		answer.Date = date
	}
	return answer, nil
}

// CloseIdleConnections closes the connections that no call uses.
func (d *HTTPDoer) CloseIdleConnections() {
	d.once.Do(d.open)
	d.client.CloseIdleConnections()
}

func (d *HTTPDoer) open() {
	t := &http.Transport{
		Proxy:           secureProxy(d.Proxy),
		DialContext:     d.DialContext,
		IdleConnTimeout: 90 * time.Second,
	}
	if d.TLSConfig != nil {
		t.TLSClientConfig = d.TLSConfig.Clone()
	}
	d.client = &http.Client{Transport: t, CheckRedirect: sameHost}
}

// secureProxy leaves plain targets alone: they are servers on this machine or
// next to it, and proxies rarely upgrade.
func secureProxy(choose func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if choose == nil {
		choose = http.ProxyFromEnvironment
	}
	return func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme != "https" {
			return nil, nil
		}
		return choose(req)
	}
}

// sameHost keeps what is in the headers with the host it was meant for: another
// host's address is the answer, and the caller may name it. It is stricter than
// net/http, which trusts subdomains and knows only Authorization.
func sameHost(req *http.Request, via []*http.Request) error {
	from, to := via[len(via)-1].URL, req.URL
	upgraded := from.Scheme == "http" && to.Scheme == "https" && from.Hostname() == to.Hostname()
	if !upgraded && (from.Scheme != to.Scheme || from.Host != to.Host) {
		return http.ErrUseLastResponse
	}
	if len(via) >= maxRedirects {
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	}
	return nil
}

func readBody(resp *http.Response) (body []byte, size int, err error) {
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, BodyKept))
	if err != nil {
		return nil, 0, err
	}
	rest, err := io.Copy(io.Discard, io.LimitReader(resp.Body, bodyCounted))
	return body, len(body) + int(rest), err
}

// httpError strips the URL, which names more than a reader needs, and puts what
// is known about TLS first. A deadline is the cause of ctx.
func httpError(ctx context.Context, err error, status int) *Error {
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err
	}
	e := &Error{Op: "http", Status: status, Reason: tlsProblem(err), Err: cleanError(err)}
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case isOp:
		e.Err = op
	}
	return e
}

// foreignAnswer says what an answer is when it is not Stream's JSON: the page of a
// proxy, a captive portal, another server. It returns "" for a JSON object.
func foreignAnswer(resp RESTResponse) string {
	body := bytes.TrimSpace(resp.Body)
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	switch {
	case len(body) == 0:
		return "an empty body"
	case body[0] == '{' && (len(body) < BodyKept && json.Valid(body) || len(body) >= BodyKept):
		return ""
	case isHTML(kind, body):
		if title := htmlTitle(body); title != "" {
			return fmt.Sprintf("an HTML page titled %q", title)
		}
		return "an HTML page"
	case json.Valid(body):
		return "JSON that is not an object"
	case kind != "":
		return fmt.Sprintf("%s: %q", wire.Clean(kind), wire.Clean(cutText(string(body), foreignShown)))
	}
	return fmt.Sprintf("text: %q", wire.Clean(cutText(string(body), foreignShown)))
}

const foreignShown = 80 // bytes of an answer that is not understood

func isHTML(kind string, body []byte) bool {
	start := strings.ToLower(string(body[:min(len(body), 64)]))
	return strings.EqualFold(strings.TrimSpace(kind), "text/html") ||
		strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

func htmlTitle(body []byte) string {
	lower := bytes.ToLower(body)
	from := bytes.Index(lower, []byte("<title>"))
	if from < 0 {
		return ""
	}
	from += len("<title>")
	to := bytes.Index(lower[from:], []byte("</title>"))
	if to < 0 || from+to > len(body) {
		return ""
	}
	title := strings.Join(strings.Fields(string(body[from:from+to])), " ")
	return wire.Clean(cutText(title, foreignShown))
}
