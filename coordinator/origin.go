package coordinator

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"streamscope/internal/wire"
)

// stranger says why a request is not answered, or nothing. A coordinator on
// loopback is for the programs and pages of this machine: a page from elsewhere
// in the developer's browser reaches it as well, by its address or by a name
// that was made to point here (DNS rebinding), and its secret may be the
// well-known one. Who listens on other addresses has asked for strangers.
func (s *Server) stranger(r *http.Request) string {
	if !onLoopback(r) {
		return ""
	}
	if !plainHost(r.Host) && !slices.ContainsFunc(s.AllowHosts, func(name string) bool { return strings.EqualFold(name, hostname(r.Host)) }) {
		return fmt.Sprintf("this coordinator is not %q: address it as 127.0.0.1 or localhost, or allow the name (serve --allow-host)", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" && !s.allows(origin, r.Host) {
		return fmt.Sprintf("pages of %q may not use this coordinator: allow the origin (serve --allow-origin)", origin)
	}
	return ""
}

// onLoopback reports whether a request came in through a loopback address. One
// that tells no address did not come through a listener.
func onLoopback(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	ip, err := netip.ParseAddr(hostname(addr.String()))
	return err == nil && ip.Unmap().IsLoopback()
}

// plainHost reports whether a Host is one that nobody else's name server can
// answer for: localhost, an address, or what containers call the machine that
// they run on. An address other than loopback is how an emulator sees it.
func plainHost(hostport string) bool {
	host := hostname(hostport)
	_, err := netip.ParseAddr(host)
	return err == nil || localhost(host) || host == "host.docker.internal" || host == "host.containers.internal"
}

func localhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// hostname is a host without its port and brackets.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// allows reports whether the pages of an origin may use the coordinator: those
// of localhost, those that it serves itself as far as clients can tell (some
// put the address of the server there), and those that were allowed.
func (s *Server) allows(origin, host string) bool {
	if slices.ContainsFunc(s.AllowOrigins, func(allowed string) bool { return allowed == "*" || strings.EqualFold(allowed, origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return localhost(u.Hostname()) || err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(u.Host, host)
}

// turnAway answers a stranger.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, why string) {
	fail := apiError(wire.CodeNotAllowed, wire.Clean(why))
	s.refuse(w, fail)
	s.note(Event{Kind: Refused, Method: r.Method, Path: r.URL.Path, Status: fail.StatusCode, Code: fail.Code, Reason: why})
	s.flush()
}

// allowOrigin lets browser clients in (protocol.md 1.6). The token is what
// counts; cookies are neither set nor read.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "authorization, content-type, stream-auth-type, x-stream-client, x-client-request-id")
	h.Set("Access-Control-Expose-Headers", "x-amz-cf-pop, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, date")
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
}

// tidy makes one slash of several in a path, because a base URL with a slash at
// its end gives paths with two (protocol.md 1.2), and reports false for paths
// that no client has: with . or .., with an escaped slash, or with a segment
// longer than any id. The mux would answer those with a redirect, which
// WebSocket clients do not follow, or take one segment for another.
func tidy(u *url.URL) bool {
	escaped := u.EscapedPath()
	if !strings.HasPrefix(escaped, "/") {
		return false
	}
	for strings.Contains(escaped, "//") {
		escaped = strings.ReplaceAll(escaped, "//", "/")
	}
	for segment := range strings.SplitSeq(escaped[1:], "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "." || plain == ".." || strings.Contains(plain, "/") || len(plain) > maxID {
			return false
		}
	}
	path, err := url.PathUnescape(escaped)
	u.Path, u.RawPath = path, escaped
	return err == nil
}
