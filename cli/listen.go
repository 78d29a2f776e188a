package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"streamscope/config"
)

// listenOn opens the listening socket, or says what is wrong with the address.
func listenOn(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usage("write HOST:PORT, as in "+config.Default().Local.Listen, "--listen: %q is not an address", addr)
	}
	if strings.HasPrefix(port, "3030") {
		return nil, usage("choose any other port, or 0 for a free one",
			"--listen: port %s cannot be used: the official JS client rewrites :3030 in its WebSocket URL to :8800, "+
				"so it would look for the socket on another port", port)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, usage("stop the other process, or take a free port with --listen "+net.JoinHostPort(host, "0"),
			"listen on %s: the port is in use", addr)
	case errors.Is(err, fs.ErrPermission):
		return nil, usage("take a port from 1024 up", "listen on %s: not allowed", addr)
	default:
		return nil, usage("write an address of this machine, as in "+config.Default().Local.Listen, "listen on %s: %s", addr, rootCause(err))
	}
	if _, port, _ := net.SplitHostPort(l.Addr().String()); strings.HasPrefix(port, "3030") {
		l.Close() // the system chose it; the next choice is another
		return listenOn(ctx, addr)
	}
	return l, nil
}

// loopback reports whether only this machine can reach the address.
func loopback(addr net.Addr) bool {
	ap, err := netip.ParseAddrPort(addr.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// reachable is the address that a client on this machine uses: that of the
// listener, or loopback where the listener is on all addresses.
func reachable(addr net.Addr) string {
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil || !ap.Addr().IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", ap.Port())
}

// rootCause is the innermost error, without the path of operations around it.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// pathProblem says what is wrong with a file: its path and the reason.
func pathProblem(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Path + ": " + p.Err.Error()
	}
	return err.Error()
}
