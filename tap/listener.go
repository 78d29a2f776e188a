package tap

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// listener makes the app's connections known by what belongs to them.
type listener struct{ net.Listener }

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &appConn{Conn: c}, nil
}

// appConn is a connection of the app, with connections to upstream of its own: where
// the app makes a new one a new one is made, which may be refused, and one that the
// app keeps is kept.
type appConn struct {
	net.Conn
	once sync.Once
	up   *http.Transport
}

// rawKey is where a request has the connection that it came on.
type rawKey struct{}

func connContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, rawKey{}, c)
}

// connState lets go of what belongs to a connection when it is over.
func connState(c net.Conn, state http.ConnState) {
	if own, ok := c.(*appConn); ok && (state == http.StateClosed || state == http.StateHijacked) {
		own.transport(nil).CloseIdleConnections()
	}
}

// transport is made by the first request.
func (c *appConn) transport(p *Proxy) *http.Transport {
	c.once.Do(func() {
		c.up = new(http.Transport)
		if p != nil {
			c.up = p.transport()
		}
	})
	return c.up
}

// perConn sends requests on as they came: over the connection that belongs to the
// app's, and once. A transport repeats those without a body when a connection that
// it had kept is cut, and the app would never hear of it.
type perConn struct{ proxy *Proxy }

// RoundTrip implements [http.RoundTripper].
func (t perConn) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("")), 0 // it cannot be had a second time
	}
	conn, ok := r.Context().Value(rawKey{}).(*appConn)
	if !ok { // another server than ours has accepted it
		conn = &appConn{}
		defer conn.transport(t.proxy).CloseIdleConnections()
	}
	return conn.transport(t.proxy).RoundTrip(r)
}
