package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"streamscope/explain"
)

// proxyVariables are what programs read for their proxy, in either case.
var proxyVariables = []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"}

// checkProxy looks at the settings; whether a proxy works shows in the checks that
// go through it.
func (x *examination) checkProxy(context.Context) Finding {
	const name = "proxy"
	var set []string
	for _, v := range x.Env {
		key, value, _ := strings.Cut(v, "=")
		if value != "" && slices.Contains(proxyVariables, strings.ToUpper(key)) {
			set = append(set, key+"="+withoutPassword(value))
		}
	}
	proxied, err := x.Proxy(&http.Request{URL: x.base, Header: http.Header{}})
	switch {
	case err != nil:
		return Finding{Check: name, Result: Fail, Detail: "the proxy settings cannot be read: " + err.Error(),
			Cause: "A proxy variable does not hold a URL.", Fix: "Correct or unset it: " + strings.Join(set, " ")}
	case proxied != nil:
		x.proxied = proxied
		return Finding{Check: name, Result: Warn, Detail: "requests go through " + withoutPassword(proxied.String()),
			Cause: "Proxy variables are set: " + strings.Join(set, " ") + ". Clients on phones and most WebSocket libraries do not read them.",
			Fix:   "If the app runs without the proxy, unset the variables here too, or add " + x.host + " to NO_PROXY."}
	case len(set) > 0:
		return Finding{Check: name, Result: OK, Detail: "not used for this host; set are " + strings.Join(set, " ")}
	}
	return Finding{Check: name, Result: OK, Detail: "none set"}
}

// withoutPassword is the URL of a proxy as it can be shown.
func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err == nil && u.User != nil {
		return u.Redacted()
	}
	if _, host, ok := strings.Cut(s, "@"); ok { // user:password@host without a scheme
		return "…@" + host
	}
	return s
}

// checkDNS looks up both families at the same time.
func (x *examination) checkDNS(ctx context.Context) Finding {
	const name = "dns"
	if ip, err := netip.ParseAddr(x.host); err == nil {
		if ip.Unmap().Is4() {
			x.v4 = []netip.Addr{ip}
		} else {
			x.v6 = []netip.Addr{ip}
		}
		return skipped(name, "the base URL has an address")
	}
	var both sync.WaitGroup
	var err4, err6 error
	both.Go(func() { x.v4, err4 = x.Resolver.LookupNetIP(ctx, "ip4", x.host) })
	both.Go(func() { x.v6, err6 = x.Resolver.LookupNetIP(ctx, "ip6", x.host) })
	both.Wait()
	if len(x.v4)+len(x.v6) == 0 {
		err := errors.Join(err4)
		if err == nil {
			err = err6
		}
		text := "no addresses"
		if err != nil {
			text = err.Error()
		}
		return fault(name, explain.Facts{Stage: "dns", Text: text}, text+" (asked "+x.servers()+")")
	}
	detail := fmt.Sprintf("A %s · AAAA %s · by %s", list(x.v4), list(x.v6), x.servers())
	if i := slices.IndexFunc(slices.Concat(x.v4, x.v6), blocked); i >= 0 && !local(x.host) {
		return Finding{Check: name, Result: Warn, Detail: detail,
			Cause: "The name leads to " + slices.Concat(x.v4, x.v6)[i].String() + ", which is not on the internet: a DNS filter, a hosts file or a private network answers.",
			Fix:   "Ask another resolver, such as 1.1.1.1, and look for the name in the hosts file."}
	}
	return Finding{Check: name, Result: OK, Detail: detail}
}

func (x *examination) servers() string {
	if s := x.Servers(); len(s) > 0 {
		return strings.Join(s, ", ")
	}
	return "the system's resolver"
}

// systemResolvers reads the resolvers where the system keeps them in a file.
func systemResolvers() []string {
	data, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var servers []string
	for line := range bytes.Lines(data) {
		if f := strings.Fields(string(line)); len(f) > 1 && f[0] == "nameserver" {
			servers = append(servers, f[1])
		}
	}
	return servers
}

func list(addrs []netip.Addr) string {
	if len(addrs) == 0 {
		return "none"
	}
	const shown = 3
	var parts []string
	for _, a := range addrs[:min(len(addrs), shown)] {
		parts = append(parts, a.Unmap().String())
	}
	if n := len(addrs) - shown; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}

// blocked reports whether no public service can have the address.
func blocked(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// local reports whether a host is meant to be on this machine or network.
func local(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return blocked(ip)
	}
	return host == "localhost" || !strings.Contains(host, ".") ||
		slices.ContainsFunc([]string{".localhost", ".local", ".lan", ".internal", ".test", ".home.arpa"}, func(s string) bool { return strings.HasSuffix(host, s) })
}

// checkFamily opens a TCP connection over one family of addresses.
func (x *examination) checkFamily(ctx context.Context, name string, addrs []netip.Addr) Finding {
	switch {
	case len(x.v4)+len(x.v6) == 0:
		return skipped(name, "the name has no address")
	case len(addrs) == 0:
		return skipped(name, "the host has no such address")
	}
	to := net.JoinHostPort(addrs[0].Unmap().String(), x.port)
	conn, err := x.Dial(ctx, "tcp", to)
	if err != nil {
		return fault(name, explain.Facts{Stage: "tcp", Text: err.Error()}, err.Error())
	}
	if err := conn.Close(); err != nil {
		return Finding{Check: name, Result: Warn, Detail: err.Error()}
	}
	return Finding{Check: name, Result: OK, Detail: to}
}

// compareFamilies makes of one family that fails beside one that works what it is:
// a delay for clients that try it first, or nothing if this network does not have
// it.
func (x *examination) compareFamilies() {
	for _, pair := range [][2]*Finding{{&x.ipv4, &x.ipv6}, {&x.ipv6, &x.ipv4}} {
		bad, good := pair[0], pair[1]
		if bad.Result != Fail || good.Result != OK {
			continue
		}
		if strings.Contains(bad.Detail, "unreachable") || strings.Contains(bad.Detail, "no route") || strings.Contains(bad.Detail, "cannot assign") {
			bad.Result, bad.Cause, bad.Fix = Skipped, "", ""
			bad.Detail = "this network has no " + bad.Check
			continue
		}
		bad.Result = Warn
		bad.Cause = "The other family works, so that clients that try both get through; those that do not, or try this one first, wait or fail."
		bad.Fix = "Repair or switch off " + bad.Check + " on this network."
	}
	if x.proxied == nil {
		return
	}
	for _, f := range []*Finding{&x.dns, &x.ipv4, &x.ipv6, &x.tls} {
		if f.Result == Fail {
			f.Result = Warn
			f.Cause = "This network has no direct way; what goes through the proxy is in the checks below."
			f.Fix = "An app that does not use the proxy cannot connect from here."
		}
	}
}
