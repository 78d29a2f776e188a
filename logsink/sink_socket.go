package logsink

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// redialPause is the pause between two attempts to reach the other end of a
// [SocketSink].
const redialPause = time.Second

// SocketSink is a [Sink] that sends records as JSON lines to whoever listens on a
// Unix socket or on a port of this machine. While nobody does, it waits and tries
// once a second; the store keeps the lines meanwhile, and what it has to drop is
// reported as a record when the connection is there.
type SocketSink struct {
	dial func(context.Context) (net.Conn, error) // immutable

	conn net.Conn
	buf  []byte
}

var _ Sink = (*SocketSink)(nil)

// NewSocketSink returns a sink for "unix:/path/to/socket" or "tcp:127.0.0.1:9000".
// It connects when there is something to send. Log lines do not leave the machine:
// an address that is not loopback is an error.
func NewSocketSink(address string) (*SocketSink, error) {
	network, rest, _ := strings.Cut(address, ":")
	switch network {
	case "unix":
		if rest == "" {
			return nil, fmt.Errorf("log socket %q has no path", address)
		}
	case "tcp":
		if err := checkLoopback(rest); err != nil {
			return nil, fmt.Errorf("log socket %q: %w", address, err)
		}
	default:
		return nil, fmt.Errorf("log socket %q: want unix:PATH or tcp:HOST:PORT", address)
	}
	return &SocketSink{dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, rest)
	}}, nil
}

func checkLoopback(hostport string) error {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return err
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("host %q is not this machine", host)
	}
	return nil
}

// Write sends the records, first connecting if need be. Its only error is that of a
// context that is done before it could. After a broken connection the whole batch is
// sent again on the next one, so that a record can arrive twice.
func (s *SocketSink) Write(ctx context.Context, batch []Record) error {
	s.buf = s.buf[:0]
	for _, r := range batch {
		var err error
		if s.buf, err = JSON.appendLine(s.buf, r); err != nil {
			return fmt.Errorf("log socket: %w", err)
		}
	}
	for {
		if s.send(ctx) == nil {
			return nil
		}
		if s.conn != nil {
			_ = s.conn.Close()
			s.conn = nil
		}
		pause(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// send writes the buffer. When ctx is done a deadline in the past ends the write.
func (s *SocketSink) send(ctx context.Context) error {
	if s.conn == nil {
		conn, err := s.dial(ctx)
		if err != nil {
			return err
		}
		s.conn = conn
	}
	conn, interrupted := s.conn, make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = conn.SetWriteDeadline(time.Unix(1, 0))
	})
	_, err := conn.Write(s.buf)
	if stop() {
		return err
	}
	<-interrupted
	if err != nil {
		return err
	}
	return conn.SetWriteDeadline(time.Time{})
}

func pause(ctx context.Context) {
	t := time.NewTimer(redialPause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Flush does nothing: every batch is sent at once.
func (s *SocketSink) Flush(context.Context) error { return nil }

// Close closes the connection.
func (s *SocketSink) Close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}
