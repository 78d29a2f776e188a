package coordinator

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"streamscope/internal/origin"
	"streamscope/internal/wire"
)

// stranger says why a request is not answered, or nothing. A coordinator on
// loopback is for the programs and pages of this machine; its secret may be the
// well-known one. Who listens on other addresses has asked for strangers.
func (s *Server) stranger(r *http.Request) string {
	if !onLoopback(r) {
		return ""
	}
	return origin.Guard{Hosts: s.AllowHosts, Origins: s.AllowOrigins}.Refuse(r)
}

// onLoopback reports whether a request came in through a loopback address. One
// that tells no address did not come through a listener.
func onLoopback(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	return origin.Local(origin.Hostname(addr.String()))
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
	page := r.Header.Get("Origin")
	if page == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", page)
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
