package logsink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"streamscope/internal/pause"
)

// retryPause is the pause between two attempts to reach the other end of a
// [SocketSink], or to write to a full disk.
const retryPause = time.Second

// SocketSink is a [Sink] that sends records as JSON lines to whoever listens on a
// Unix socket or on a port of this machine. While nobody does, it waits and tries
// once a second; the store keeps the lines meanwhile, and what it has to drop is
// reported as a record when the connection is there.
type SocketSink struct {
	// immutable
	address string
	dial    func(context.Context) (net.Conn, error)
	away    func(err error)

	conn net.Conn
	buf  []byte
	err  *AwayError // why the last try failed; nil after one that did not
}

// AwayError says that the other end of a [SocketSink] takes no lines.
type AwayError struct {
	Address string
	Err     error
}

// Error says it with the reason.
func (e *AwayError) Error() string {
	reason := e.Err
	if op, ok := errors.AsType[*net.OpError](reason); ok {
		reason = op.Err
	}
	if sys, ok := errors.AsType[*os.SyscallError](reason); ok {
		reason = sys.Err
	}
	return "nobody takes lines at " + e.Address + ": " + reason.Error()
}

// Unwrap returns the reason.
func (e *AwayError) Unwrap() error { return e.Err }

var _ Sink = (*SocketSink)(nil)

// NewSocketSink returns a sink for "unix:/path/to/socket" or "tcp:127.0.0.1:9000".
// It connects when there is something to send. Log lines do not leave the machine:
// an address that is not loopback is an error. When the other end is away it calls
// away with an [AwayError], once, and with nil when it is back. Nil in place of away
// means that nobody is told.
func NewSocketSink(address string, away func(err error)) (*SocketSink, error) {
	if away == nil {
		away = func(error) {}
	}
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
	return &SocketSink{address: address, away: away, dial: func(ctx context.Context) (net.Conn, error) {
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

// Write sends the records, first connecting if need be. Its only error is an
// [AwayError], when the context is done before it could. After a broken connection the whole batch is
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
		held := s.conn != nil
		err := s.send(ctx)
		s.tell(err)
		if err == nil {
			return nil
		}
		if s.conn != nil {
			_ = s.conn.Close()
			s.conn = nil
		}
		if !held { // one that had lasted is replaced at once
			_ = pause.For(ctx, retryPause) // its end is looked for below
		}
		if ctx.Err() != nil {
			return s.err
		}
	}
}

// tell notes how a try went, and says when that has changed.
func (s *SocketSink) tell(err error) {
	was := s.err
	switch {
	case err != nil:
		s.err = &AwayError{s.address, err}
		if was == nil {
			s.away(s.err)
		}
	case was != nil:
		s.err = nil
		s.away(nil)
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

// Flush does nothing: every batch is sent at once.
func (s *SocketSink) Flush(context.Context) error { return nil }

// Close closes the connection.
func (s *SocketSink) Close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}
