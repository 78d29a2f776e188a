package session_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"streamscope/session"
	"streamscope/timeline"
)

func TestTLSIsDescribed(t *testing.T) {
	srv := httptest.NewUnstartedServer(accept(echo))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of the refusals that are wanted
	srv.StartTLS()
	defer srv.Close()
	target, _ := url.Parse(strings.Replace(srv.URL, "https", "wss", 1))
	dial := func(d session.WebSocketDialer) (detail string, err error) {
		conn, err := d.Dial(t.Context(), session.DialRequest{URL: target}, func(s timeline.StageChanged) {
			if s.Stage == timeline.StageTLS {
				detail = s.Detail
			}
		})
		if err == nil {
			conn.Abort()
		}
		return detail, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	detail, err := dial(session.WebSocketDialer{TLSConfig: &tls.Config{RootCAs: pool, ServerName: "example.com"}})
	if err != nil || !strings.HasPrefix(detail, "TLS 1.3, example.com, certificate by Acme Co until ") {
		t.Errorf("version, name and issuer are told, got %q, %v", detail, err)
	}

	_, err = dial(session.WebSocketDialer{TLSConfig: &tls.Config{RootCAs: pool, ServerName: "video.stream-io-api.com"}})
	wantReason(t, err, "the certificate is not for video.stream-io-api.com but for example.com")
	_, err = dial(session.WebSocketDialer{})
	wantReason(t, err, "is signed by itself")
	srv.TLS.Certificates = []tls.Certificate{intercepted(t, "Zed Scanner")}
	_, err = dial(session.WebSocketDialer{})
	wantReason(t, err, "issued by Zed Scanner, which this machine does not trust: a proxy or virus scanner")

	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	target, _ = url.Parse(strings.Replace(plain.URL, "http", "wss", 1))
	_, err = dial(session.WebSocketDialer{})
	if err == nil || !strings.Contains(err.Error(), "plain HTTP") {
		t.Errorf("a server without TLS is recognised, got %v", err)
	}
}

func wantReason(t *testing.T, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[*session.Error](err)
	if !ok || e.Stage != timeline.StageTLS || !strings.Contains(e.Reason, want) {
		t.Errorf("want the stage tls with %q, got %v", want, err)
	}
}

// intercepted makes a certificate for this machine from an authority that
// nobody knows.
func intercepted(t *testing.T, authority string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: authority}}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{{127, 0, 0, 1}}}
	raw, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

func TestTheProxyOfTheEnvironmentIsUsedForTLSOnly(t *testing.T) {
	target := httptest.NewTLSServer(accept(echo))
	defer target.Close()
	var user string
	status := http.StatusOK
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user = r.Header.Get("Proxy-Authorization")
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		tunnel(w, target.Listener.Addr().String())
	}))
	defer proxy.Close()
	via, _ := url.Parse(strings.Replace(proxy.URL, "://", "://me:hunter2@", 1))
	pool := x509.NewCertPool()
	pool.AddCert(target.Certificate())
	d := session.WebSocketDialer{
		Proxy:     func(*http.Request) (*url.URL, error) { return via, nil },
		TLSConfig: &tls.Config{RootCAs: pool},
	}
	var stages []timeline.StageChanged
	trace := func(s timeline.StageChanged) { stages = append(stages, s) }
	req := session.DialRequest{URL: &url.URL{Scheme: "wss", Host: "example.com"}}
	conn, err := d.Dial(t.Context(), req, trace)
	if err != nil {
		t.Fatalf("the tunnel carries the socket, got %v", err)
	}
	conn.Abort()
	want := fmt.Sprintf("%s; via proxy http://%[1]s", proxy.Listener.Addr())
	if s := stages[2]; s.Stage != timeline.StageTCP || s.Progress != timeline.Passed || s.Detail != want {
		t.Errorf("the stage tcp names the proxy without its password, got %+v", s)
	}
	if !strings.HasPrefix(user, "Basic ") {
		t.Errorf("the proxy gets its password, got %q", user)
	}

	status, stages = http.StatusProxyAuthRequired, nil
	_, err = d.Dial(t.Context(), req, trace)
	wantError(t, "a refusing proxy is told by its status", err, session.Error{Op: "dial", Stage: timeline.StageTCP, Status: 407})
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the proxy's password stays out of the error, got %v", err)
	}
}

// tunnel joins a CONNECT request to a server until one side ends.
func tunnel(w http.ResponseWriter, to string) {
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	near.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() { copyConn(way[0], way[1]); done <- struct{}{} }()
	}
	<-done
}

func copyConn(from, to net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
