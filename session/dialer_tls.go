package session

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"streamscope/internal/wire"
)

// describeTLS says what a handshake agreed on: version, name, and whose
// certificate it was, which is how an interception that is trusted shows.
func describeTLS(s tls.ConnectionState) string {
	if s.Version == 0 {
		return ""
	}
	parts := []string{tls.VersionName(s.Version)}
	if s.ServerName != "" {
		parts = append(parts, s.ServerName)
	}
	if len(s.PeerCertificates) > 0 {
		cert := s.PeerCertificates[0]
		parts = append(parts, "certificate by "+issuer(cert)+" until "+cert.NotAfter.UTC().Format(time.DateOnly))
	}
	return wire.Clean(strings.Join(parts, ", "))
}

// tlsProblem puts what a failed handshake was about into one sentence. It
// returns "" for failures that are not about TLS.
func tlsProblem(err error) string {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "the port answers in plain HTTP: use an http base URL, or something between here and the server answered"
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Sprintf("the port does not speak TLS: it answered %q", record.RecordHeader[:])
	}
	var chain []*x509.Certificate
	if verify, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		chain = verify.UnverifiedCertificates
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return untrusted(unknown.Cert, chain)
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate is not for %s but for %s: another server answered, "+
			"such as a captive portal or a proxy", name.Host, certNames(name.Certificate))
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fmt.Sprintf("the certificate is valid from %s to %s: it has expired, or the clock of this machine is wrong",
			invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return "the server refused the handshake: " + alert.Error()
	}
	return ""
}

// untrusted is the face of TLS interception: a certificate for the right name
// from an authority that only a managed machine knows.
func untrusted(cert *x509.Certificate, chain []*x509.Certificate) string {
	if len(chain) > 0 {
		cert = chain[0]
	}
	if cert == nil {
		return "the certificate is from an authority that this machine does not trust"
	}
	if cert.Issuer.String() == cert.Subject.String() {
		return fmt.Sprintf("the certificate of %s is signed by itself", certNames(cert))
	}
	return fmt.Sprintf("the certificate is issued by %s, which this machine does not trust: "+
		"a proxy or virus scanner may be reading the connection, or the authority is private", issuer(cert))
}

func issuer(cert *x509.Certificate) string {
	name := cert.Issuer.CommonName
	if len(cert.Issuer.Organization) > 0 && cert.Issuer.Organization[0] != name {
		name = strings.TrimSpace(cert.Issuer.Organization[0] + " " + name)
	}
	if name == "" {
		return "an unnamed authority"
	}
	return name
}

func certNames(cert *x509.Certificate) string {
	const shown = 3
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0 && cert.Subject.CommonName != "":
		return cert.Subject.CommonName
	case len(names) == 0:
		return "no name"
	case len(names) > shown:
		return strings.Join(names[:shown], ", ") + fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return strings.Join(names, ", ")
}
