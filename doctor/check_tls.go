package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"streamscope/explain"
)

// interceptors are words in the names of authorities that open TLS on the way: of
// debugging proxies, virus scanners, and gateways of companies and schools.
var interceptors = []string{
	"zscaler", "netskope", "fortinet", "fortigate", "palo alto", "blue coat", "bluecoat", "symantec web", "forcepoint",
	"websense", "cisco umbrella", "opendns", "sophos", "watchguard", "barracuda", "check point", "sonicwall", "untangle",
	"iboss", "cato networks", "menlo security", "lightspeed", "securly", "goguardian", "contentkeeper", "smoothwall",
	"squid", "kaspersky", "eset ssl", "avast", "avg ", "bitdefender", "norton web", "mcafee web", "trend micro", "drweb",
	"adguard", "mitmproxy", "charles proxy", "proxyman", "fiddler", "do_not_trust", "portswigger", "burp", "http toolkit",
	"telerik",
}

// soonExpires is when the end of a certificate is worth a word.
const soonExpires = 14 * 24 * time.Hour

// checkTLS makes a handshake and looks at whose certificate it was.
func (x *examination) checkTLS(ctx context.Context) Finding {
	const name = "tls"
	if len(x.v4)+len(x.v6) == 0 {
		return skipped(name, "the host has no address")
	}
	if !x.secure {
		x.reached = true // the http check says whether it is
		return skipped(name, "the base URL is plain http")
	}
	raw, err := x.Dial(ctx, "tcp", net.JoinHostPort(x.host, x.port))
	if err != nil {
		return skipped(name, "no TCP connection: "+err.Error())
	}
	conn := tls.Client(raw, &tls.Config{ServerName: x.host, RootCAs: x.Roots, MinVersion: tls.VersionTLS12, Time: x.Now})
	defer conn.Close() //nolint:errcheck // nothing was sent that could be lost
	if err := conn.HandshakeContext(ctx); err != nil {
		return x.badHandshake(name, err)
	}
	x.reached = true
	state := conn.ConnectionState()
	leaf := state.PeerCertificates[0]
	detail := fmt.Sprintf("%s · issued by %s · until %s", tls.VersionName(state.Version), issuer(leaf), leaf.NotAfter.UTC().Format(time.DateOnly))
	switch {
	case intercepted(state) && !local(x.host):
		e, _ := explain.ByID("net/tls-intercepted")
		return Finding{Check: name, Result: Warn, Detail: detail + " · not a public authority", Cause: e.Means + " " + e.Cause, Fix: e.Fix}
	case leaf.NotAfter.Sub(x.Now()) < soonExpires:
		return Finding{Check: name, Result: Warn, Detail: detail,
			Cause: "The certificate ends soon.", Fix: "Have whoever runs the server renew it."}
	}
	return Finding{Check: name, Result: OK, Detail: detail}
}

// badHandshake tells whose certificate was not trusted, where there was one.
func (x *examination) badHandshake(name string, err error) Finding {
	f := fault(name, explain.Facts{Stage: "tls", Text: err.Error()}, err.Error())
	verify, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(verify.UnverifiedCertificates) == 0 {
		return f
	}
	chain := verify.UnverifiedCertificates
	leaf := chain[0]
	f.Detail = fmt.Sprintf("%v · issued by %s, %s to %s", verify.Err, issuer(leaf), leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	if known(chain) {
		e, _ := explain.ByID("net/tls-intercepted")
		f.Cause, f.Fix = e.Means+" "+e.Cause, e.Fix
	}
	return f
}

func issuer(c *x509.Certificate) string {
	name, org := c.Issuer.CommonName, strings.Join(c.Issuer.Organization, ", ")
	switch {
	case name == "":
		return cmp.Or(org, "nobody named")
	case org == "" || strings.Contains(name, org):
		return name
	}
	return name + " (" + org + ")"
}

// known reports whether an authority of the chain is one that opens connections.
func known(chain []*x509.Certificate) bool {
	return slices.ContainsFunc(chain, func(c *x509.Certificate) bool {
		name := strings.ToLower(c.Issuer.String())
		return slices.ContainsFunc(interceptors, func(word string) bool { return strings.Contains(name, word) })
	})
}

// sctList is the certificate extension with the promises of the public logs of
// certificates (RFC 6962, 3.3).
var sctList = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}

// intercepted reports whether a trusted certificate does not come from a public
// authority: by its name, or because it is in no public log, without which no
// browser takes a public certificate.
func intercepted(s tls.ConnectionState) bool {
	chain := s.PeerCertificates
	if len(s.VerifiedChains) > 0 {
		chain = s.VerifiedChains[0]
	}
	if known(chain) {
		return true
	}
	logged := len(s.SignedCertificateTimestamps) > 0 || slices.ContainsFunc(s.PeerCertificates[0].Extensions, func(e pkix.Extension) bool { return e.Id.Equal(sctList) })
	return !logged
}
