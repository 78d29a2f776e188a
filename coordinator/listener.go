package coordinator

import (
	"net"
	"sync"
	"time"

	"streamscope/internal/fault"
)

// reopenAfter is how long a port that somebody else has taken meanwhile is left
// to them before it is tried again.
const reopenAfter = 100 * time.Millisecond

// listener is where TCP itself is refused, and where connections get the means
// to be cut or silenced. While a fault refuses TCP its port is closed.
type listener struct {
	srv     *Server
	port    bool          // it has one: there is none in memory
	changed chan struct{} // one slot: the members below have changed

	// guarded by mu
	mu       sync.Mutex
	inner    net.Listener
	refusing bool // a fault wants the port closed
	gone     bool // inner was closed for that
	closed   bool // for good
}

// listen makes the listener of the server, closed at once if a fault is armed
// that says so.
func (s *Server) listen(inner net.Listener) *listener {
	_, port := inner.(*net.TCPListener)
	l := &listener{srv: s, port: port, inner: inner, changed: make(chan struct{}, 1)}
	s.mu.Lock()
	s.ln = l
	s.mu.Unlock()
	for _, a := range s.faults.all() {
		if closesPort(a.gate.Fault) && !time.Now().Before(a.gate.Starts()) {
			s.start(a)
		}
	}
	return l
}

// Accept implements [net.Listener].
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.current().Accept()
		if err != nil {
			if l.reopen() {
				continue
			}
			return nil, err
		}
		raw := &rawConn{Conn: c}
		if l.srv.strikeIf(fault.RefuseTCP, "", func(a *armed) bool { return !l.port || !closesPort(a.gate.Fault) }) == nil {
			return raw, nil
		}
		l.srv.flush()
		raw.reset()
	}
}

// Close implements [net.Listener].
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.notify()
	return l.inner.Close()
}

// Addr implements [net.Listener].
func (l *listener) Addr() net.Addr { return l.current().Addr() }

func (l *listener) current() net.Listener {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner
}

func (l *listener) notify() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// refuse closes the port, or lets Accept open it again. Connections that are up
// stay.
func (l *listener) refuse(yes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.refusing == yes {
		return
	}
	l.refusing = yes
	if yes && !l.gone {
		l.gone = true
		l.inner.Close() // what follows is refused in any case
	}
	l.notify()
}

// reopen waits until the port may be opened again and opens it. It reports false
// when the listener was closed for another reason, or for good.
func (l *listener) reopen() bool {
	timer := time.NewTimer(reopenAfter)
	defer timer.Stop()
	for {
		if open, wait := l.tryAgain(); !wait {
			return open
		}
		timer.Reset(reopenAfter)
		select {
		case <-l.changed:
		case <-timer.C:
		case <-l.srv.done:
			return false
		}
	}
}

// tryAgain opens the port if it may be opened; wait says that it may not yet.
func (l *listener) tryAgain() (open, wait bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || !l.gone {
		return false, false
	}
	if l.refusing {
		return false, true
	}
	inner, err := net.Listen(l.inner.Addr().Network(), l.inner.Addr().String())
	if err != nil {
		l.srv.logger().Warn("the port cannot be opened again yet", "err", err)
		return false, true
	}
	l.inner, l.gone = inner, false
	return true, false
}

// closesPort reports whether the fault closes the port for as long as it lasts.
// One that strikes a number of connections, or some by chance, has to see them
// come: it accepts and resets.
func closesPort(f fault.Fault) bool {
	return f.Kind == fault.RefuseTCP && f.Count == 0 && (f.Probability == 0 || f.Probability == 1)
}

// syncPort closes or opens the port as the faults in force say.
func (s *Server) syncPort() {
	var refusing bool
	s.faults.mu.Lock()
	for _, a := range s.faults.list {
		refusing = refusing || closesPort(a.gate.Fault) && a.gate.Shots() > 0
	}
	s.faults.mu.Unlock()
	s.mu.Lock()
	ln := s.ln
	s.mu.Unlock()
	if ln != nil && ln.port {
		ln.refuse(refusing)
	}
}
