package coordinator

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// rawConn is a TCP connection that can be reset, and that falls silent while
// the WebSocket on it is half-open.
type rawConn struct {
	net.Conn
	silent  atomic.Pointer[func() bool] // set once the WebSocket has a user
	inFrame atomic.Bool                 // a data frame is being written: it must not be torn
	shut    atomic.Bool                 // the WebSocket was closed while it was silent
}

type rawKey struct{}

// ConnContext makes a connection accepted by another server's listener
// available to the faults that need it. Give it to http.Server when [Server.Handler]
// is served by anything but [Server.Serve].
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if raw, ok := c.(*rawConn); ok {
		return context.WithValue(ctx, rawKey{}, raw)
	}
	return ctx
}

func rawOf(r *http.Request) *rawConn {
	raw, _ := r.Context().Value(rawKey{}).(*rawConn)
	return raw
}

func (c *rawConn) isSilent() bool {
	silent := c.silent.Load()
	return silent != nil && (*silent)()
}

// Write loses what is written between frames while the connection is silent:
// pongs and close frames, which the WebSocket library sends by itself.
func (c *rawConn) Write(b []byte) (int, error) {
	if !c.inFrame.Load() && c.isSilent() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// Close closes the connection unless it is silent: the peer of a half-open
// socket does not see it end.
func (c *rawConn) Close() error {
	if c.isSilent() {
		c.shut.Store(true)
		return nil
	}
	return c.Conn.Close()
}

// reset ends the connection without ceremony. On TCP the peer sees a reset.
func (c *rawConn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		// If this fails the peer sees an ordinary end, which it treats alike.
		tcp.SetLinger(0)
	}
	c.Conn.Close()
}

// outlive keeps a connection that was closed while silent until its peer goes,
// the silence ends or the server closes.
func (s *Server) outlive(raw *rawConn) {
	if raw == nil || !raw.shut.Load() {
		return
	}
	s.mu.Lock()
	if s.closed || !raw.isSilent() {
		s.mu.Unlock()
		raw.Conn.Close()
		return
	}
	s.linger[raw] = struct{}{}
	s.mu.Unlock()
	// It ends with an error in any case: the peer went, or release closed it.
	io.Copy(io.Discard, raw.Conn)
	raw.Conn.Close()
	s.mu.Lock()
	delete(s.linger, raw)
	s.mu.Unlock()
}

// release lets go of connections whose silence is over.
func (s *Server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for raw := range s.linger {
		if !raw.isSilent() {
			raw.Conn.Close()
		}
	}
}
