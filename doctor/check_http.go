package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"streamscope/explain"
	"streamscope/internal/redact"
)

// maxBody is how much of an answer is looked at.
const maxBody = 64 << 10

// endpoint is a path of the API with the key.
func (x *examination) endpoint(path string) string {
	u := *x.base
	u.Path += path
	q := url.Values{}
	if x.APIKey != "" {
		q.Set("api_key", x.APIKey)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// ground says why the checks that make requests cannot be made; empty if they can.
func (x *examination) ground() string {
	switch {
	case x.proxied != nil || x.reached:
		return ""
	case x.dns.Result == Fail:
		return "the name has no address"
	case x.tls.Result == Fail:
		return "no trusted TLS connection"
	}
	return "no TCP connection"
}

// checkHTTP asks the API something that needs no token. An error of the API is a
// good answer; a page or a way to somewhere else is a captive portal or a gateway.
func (x *examination) checkHTTP(ctx context.Context) Finding {
	const name = "http"
	if why := x.ground(); why != "" {
		return skipped(name, why)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.endpoint("/edges"), nil)
	if err != nil {
		return fault(name, explain.Facts{Text: err.Error()}, err.Error())
	}
	sent := x.Now()
	res, err := x.client.Do(req)
	if err != nil {
		err = plain(err)
		return fault(name, explain.Facts{Op: "http", Text: err.Error()}, err.Error())
	}
	defer res.Body.Close() //nolint:errcheck // nothing more is read
	x.readDate(res.Header, sent, x.Now())
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fault(name, explain.Facts{Op: "read", Text: err.Error()}, err.Error())
	}
	return x.judge(name, res, body)
}

// plain takes the URL, and the key in it, out of an error.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func (x *examination) judge(name string, res *http.Response, body []byte) Finding {
	detail := res.Status
	switch {
	case res.StatusCode == http.StatusProxyAuthRequired:
		return fault(name, explain.Facts{Stage: "tcp", Status: res.StatusCode}, detail+" from the proxy")
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return portal(name, detail+" to "+place(res.Header.Get("Location")))
	case !json.Valid(body) || len(bytes.TrimSpace(body)) == 0:
		if page(res, body) {
			return portal(name, detail+" with a web page"+title(body))
		}
		return fault(name, explain.Facts{Op: "http", Status: res.StatusCode}, fmt.Sprintf("%s with %d bytes that are not JSON", detail, len(body)))
	case res.StatusCode >= 500:
		return fault(name, explain.Facts{Stage: "upgrade", Status: res.StatusCode}, detail)
	}
	return Finding{Check: name, Result: OK, Detail: detail + ", JSON, as the API answers without a token"}
}

// portal is a finding about somebody who answers in place of the API.
func portal(name, detail string) Finding {
	return Finding{Check: name, Result: Fail, Detail: detail,
		Cause: "Something on the way answers in place of the API: a captive portal that waits for a sign-in, or a gateway that blocks the host.",
		Fix:   "Open a web page in a browser and sign in, or have the host allowed. On another network, such as a phone's hotspot, it should work."}
}

// place is where a redirect leads, without its query.
func place(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "nowhere"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

func page(res *http.Response, body []byte) bool {
	return strings.Contains(res.Header.Get("Content-Type"), "html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// title is that of a page.
func title(body []byte) string {
	_, rest, ok := bytes.Cut(body, []byte("<title>"))
	text, _, closed := bytes.Cut(rest, []byte("</title>"))
	const longest = 80
	if !ok || !closed || len(text) > longest {
		return ""
	}
	return fmt.Sprintf(" %q", bytes.TrimSpace(text))
}

// readDate compares the clocks. The Date is whole seconds, so that up to one is no
// difference.
func (x *examination) readDate(h http.Header, sent, got time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	x.date = true
	switch early, late := date, date.Add(time.Second); {
	case got.Before(early):
		x.skew = early.Sub(got)
	case sent.After(late):
		x.skew = late.Sub(sent)
	}
}

// hardSkew is a difference of clocks that no token survives.
const hardSkew = 5 * time.Minute

func (x *examination) checkClock() Finding {
	const name = "clock"
	if !x.date {
		return skipped(name, "no answer with a date")
	}
	size := x.skew.Abs().Round(time.Second)
	f := Finding{Check: name, Result: OK, Detail: "agrees with the server's to the second"}
	if size == 0 {
		return f
	}
	word := "behind"
	if x.skew < 0 {
		word = "ahead of"
	}
	f.Detail = fmt.Sprintf("this machine's clock is %s %s the server's", size, word)
	if size < explain.SkewAlarm {
		return f
	}
	f.Result = Warn
	if size >= hardSkew {
		f.Result = Fail
	}
	f.Cause = "Tokens that are signed by this clock are not valid yet, or expire early, and countdowns are off."
	f.Fix = "Switch automatic time on."
	return f
}

// acceptSalt is the constant of the WebSocket handshake (RFC 6455, 1.3).
const acceptSalt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// checkSocket asks for the upgrade of a WebSocket and hangs up: the API wants the
// token only after it.
func (x *examination) checkSocket(ctx context.Context) Finding {
	const name = "websocket"
	if why := x.ground(); why != "" {
		return skipped(name, why)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.endpoint("/connect"), nil)
	if err != nil {
		return fault(name, explain.Facts{Text: err.Error()}, err.Error())
	}
	nonce := base64.StdEncoding.EncodeToString([]byte(rand.Text())[:16])
	for key, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": nonce} {
		req.Header.Set(key, value)
	}
	res, err := x.client.Do(req)
	if err != nil {
		err = plain(err)
		return fault(name, explain.Facts{Stage: "upgrade", Text: err.Error()}, err.Error())
	}
	defer res.Body.Close() //nolint:errcheck // nothing was said that could be lost
	if res.StatusCode != http.StatusSwitchingProtocols {
		detail := "the upgrade was answered with " + res.Status
		return fault(name, explain.Facts{Stage: "upgrade", Status: res.StatusCode}, detail)
	}
	want := sha1.Sum([]byte(nonce + acceptSalt))
	if res.Header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(want[:]) {
		return fault(name, explain.Facts{Stage: "upgrade", Status: res.StatusCode}, "the answer to the upgrade is not that of a WebSocket server")
	}
	return Finding{Check: name, Result: OK, Detail: "101 Switching Protocols"}
}

// hintTimeout is that of the official client (protocol 1.5).
const hintTimeout = 2 * time.Second

// checkHint asks for the nearest edge, as a client does before it joins a call.
func (x *examination) checkHint(ctx context.Context) Finding {
	const name = "location hint"
	if x.HintURL == "" {
		return skipped(name, "not asked for")
	}
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, x.HintURL, nil)
	if err != nil {
		return noHint(name, plain(err).Error())
	}
	res, err := x.client.Do(req)
	if err != nil {
		return noHint(name, plain(err).Error())
	}
	if err := res.Body.Close(); err != nil {
		return noHint(name, err.Error())
	}
	pop := res.Header.Get("X-Amz-Cf-Pop")
	if res.StatusCode >= 300 || len(pop) < 3 {
		return noHint(name, res.Status+" without an edge")
	}
	return Finding{Check: name, Result: OK, Detail: redact.Text(pop[:3]) + " (" + redact.Text(pop) + ")"}
}

func noHint(name, detail string) Finding {
	return Finding{Check: name, Result: Warn, Detail: detail,
		Cause: "The host of the location hint is blocked or down. Connecting and ringing do not need it.",
		Fix:   "Have it allowed: without it calls are joined through an edge that may be far away."}
}
