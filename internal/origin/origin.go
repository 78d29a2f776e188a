// Package origin turns pages from elsewhere away from a server on loopback. They
// reach it through the developer's browser, by its address or by a name that was
// made to point here (DNS rebinding).
package origin

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard says who may use a server. The zero value lets in the programs and pages
// of this machine.
type Guard struct {
	// Hosts are further names under which the server may be addressed, as behind a
	// tunnel.
	Hosts []string
	// Origins are further origins whose pages may use it, such as
	// https://app.example; * for all.
	Origins []string
}

// Refuse says why a request is not answered, and what to do about it; empty when it
// is.
func (g Guard) Refuse(r *http.Request) string {
	host := Hostname(r.Host)
	if !plain(host) && !containsFold(g.Hosts, host) {
		return fmt.Sprintf("this server is not %q: address it as 127.0.0.1 or localhost, or allow the name (--allow-host)", r.Host)
	}
	return g.RefuseOrigin(r)
}

// RefuseOrigin is Refuse for a server that is known under any name.
func (g Guard) RefuseOrigin(r *http.Request) string {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(g.Origins, "*") || containsFold(g.Origins, origin) {
		return ""
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && (Local(u.Hostname()) || strings.EqualFold(u.Host, r.Host)) {
		return "" // some clients put the address of the server there
	}
	return fmt.Sprintf("pages of %q may not use this server: allow the origin (--allow-origin)", origin)
}

// plain reports whether a name is one that nobody else's name server answers for:
// this machine, any address (which is how an emulator sees it), or what containers
// call the machine that they run on.
func plain(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || Local(host) || host == "host.docker.internal" || host == "host.containers.internal"
}

// Local reports whether a name or address is this machine's alone.
func Local(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Hostname is a host without its port and brackets.
func Hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func containsFold(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}
