package memnet

import (
	"context"
	"net"
	"sync"
)

// Listener is a listening socket in memory. Make one with [Listen].
type Listener struct {
	addr  Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// Addr is the address of a Listener, a name that means nothing outside it.
type Addr string

// Network returns "mem".
func (Addr) Network() string { return "mem" }

// String returns the address as host:port.
func (a Addr) String() string { return string(a) }

var (
	_ net.Listener = (*Listener)(nil)
	_ net.Conn     = (*conn)(nil)
)

// Listen makes a listener. The address is only for show; "127.0.0.1:8800" is
// as good as any.
func Listen(addr string) *Listener {
	return &Listener{addr: Addr(addr), conns: make(chan net.Conn), done: make(chan struct{})}
}

// Accept waits for the next dial. After Close it returns [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: "mem", Addr: l.addr, Err: net.ErrClosed}
	}
}

// Close ends Accept and refuses dials. Connections already made stay.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns the address given to [Listen].
func (l *Listener) Addr() net.Addr { return l.addr }

// Dial connects to the listener. It waits until Accept takes the connection
// and fails when the listener is closed or the context ends. The network and
// address are ignored, so that it fits http.Transport.DialContext.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	client := &conn{Conn: near, local: "client", remote: l.addr}
	server := &conn{Conn: far, local: l.addr, remote: "client"}
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, l.refuse(near, far, net.ErrClosed)
	case <-ctx.Done():
		return nil, l.refuse(near, far, context.Cause(ctx))
	}
}

func (l *Listener) refuse(near, far net.Conn, cause error) error {
	near.Close()
	far.Close()
	return &net.OpError{Op: "dial", Net: "mem", Addr: l.addr, Err: cause}
}

// conn gives a pipe the addresses that HTTP servers and logs ask for.
type conn struct {
	net.Conn
	local, remote Addr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }
