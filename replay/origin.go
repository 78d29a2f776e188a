package replay

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

// stranger says why a request is not answered, or nothing. Pages from elsewhere
// reach a loopback port through the developer's browser, by its address or by a
// name that was made to point here, and a recording is private.
func (s *Server) stranger(r *http.Request) string {
	host := hostname(r.Host)
	if !ours(host) && !containsFold(s.AllowHosts, host) {
		return fmt.Sprintf("this server is not %q: address it as 127.0.0.1 or localhost, or allow the name (--allow-host)", r.Host)
	}
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.AllowOrigins, "*") || containsFold(s.AllowOrigins, origin) {
		return ""
	}
	if u, err := url.Parse(origin); err == nil && (local(u.Hostname()) || u.Host != "" && strings.EqualFold(u.Host, r.Host)) {
		return ""
	}
	return fmt.Sprintf("pages of %q may not use this server: allow the origin (--allow-origin)", origin)
}

func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, why string) {
	s.logger().Warn("a client is turned away", "path", wire.Clean(r.URL.Path), "reason", wire.Clean(why))
	writeError(w, wire.NewAPIError(wire.CodeNotAllowed, wire.Clean(why)))
}

// ours reports whether a name is one that nobody else's name server answers for:
// this machine, any address, or what containers call the machine they run on.
func ours(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || local(host) || host == "host.docker.internal" || host == "host.containers.internal"
}

// local reports whether a name is this machine's alone.
func local(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// loopback reports whether only this machine reaches an address with a port.
func loopback(addr string) bool { return local(hostname(addr)) }

// hostname is a host without its port and brackets.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func containsFold(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}

// allowOrigin lets pages read the answers (protocol.md 1.6).
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	h := w.Header()
	h.Set("Vary", "Origin")
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "authorization, content-type, stream-auth-type, x-stream-client, x-client-request-id")
	h.Set("Access-Control-Expose-Headers", "date, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset")
	h.Set("Access-Control-Max-Age", "600")
}
