package session

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"sync"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// dialLane collects the stages of one dial. The callbacks of net and net/http come
// from goroutines of theirs, some of them after the dial is over (the loser of
// two address families); the goroutine that called Dial takes what was collected
// and reports it, so that a trace function needs no lock.
type dialLane struct {
	wake   chan struct{} // one slot: there is something to take
	secure bool          // the target has TLS; immutable

	// guarded by mu
	mu       sync.Mutex
	queue    []timeline.StageChanged
	began    [timeline.StageCount]time.Time
	progress [timeline.StageCount]timeline.Progress
	proxy    string   // the proxy in use, without credentials
	remote   string   // the address that answered
	refusals []string // addresses that did not
	tls      tls.ConnectionState
	over     bool
}

func newDialLane(secure bool) *dialLane {
	return &dialLane{wake: make(chan struct{}, 1), secure: secure}
}

// hooks are the callbacks of one request.
func (l *dialLane) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(i httptrace.DNSStartInfo) { l.start(timeline.StageDNS, i.Host) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			if i.Err == nil {
				l.pass(timeline.StageDNS, 0, joinAddrs(i.Addrs))
			}
		},
		ConnectStart: func(_, addr string) { l.start(timeline.StageTCP, addr) },
		ConnectDone: func(_, addr string, err error) {
			if err != nil {
				l.refused(addr, err)
			}
		},
		TLSHandshakeStart: func() { l.start(timeline.StageTLS, "") },
		TLSHandshakeDone:  l.secured,
		GotConn:           func(httptrace.GotConnInfo) { l.ready() },
	}
}

// start opens a stage once. The stages before it are over: what never began did
// not exist, what was still open has succeeded.
func (l *dialLane) start(stage timeline.Stage, detail string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.progress[stage] != timeline.Pending {
		return
	}
	for before := timeline.StageDNS; before < stage; before++ {
		switch l.progress[before] {
		case timeline.Pending:
			l.put(timeline.StageChanged{Stage: before, Progress: timeline.Skipped})
		case timeline.Started:
			l.end(before, timeline.StageChanged{Progress: timeline.Passed, Detail: l.found(before)})
		}
	}
	l.began[stage] = time.Now()
	l.put(timeline.StageChanged{Stage: stage, Progress: timeline.Started, Detail: wire.Clean(detail)})
}

// pass ends an open stage well.
func (l *dialLane) pass(stage timeline.Stage, status int, detail string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(stage, timeline.StageChanged{Progress: timeline.Passed, Status: status, Detail: wire.Clean(detail)})
}

// fail ends the stage of the error, which may not have begun.
func (l *dialLane) fail(e *Error) {
	l.start(e.Stage, "")
	l.mu.Lock()
	defer l.mu.Unlock()
	failure := &timeline.Failure{Stage: e.Stage, Op: e.Op, Status: e.Status, Reason: e.Reason}
	if e.Err != nil {
		failure.Text = e.Err.Error()
	}
	s := timeline.StageChanged{
		Stage: e.Stage, Progress: timeline.Failed, Status: e.Status, Detail: l.found(e.Stage), Failure: failure,
	}
	if began := l.began[e.Stage]; !began.IsZero() {
		s.Took = time.Since(began)
	}
	l.put(s)
}

// end must be called with mu held.
func (l *dialLane) end(stage timeline.Stage, s timeline.StageChanged) {
	if l.progress[stage] != timeline.Started {
		return
	}
	s.Stage, s.Took = stage, time.Since(l.began[stage])
	l.put(s)
}

// put must be called with mu held.
func (l *dialLane) put(s timeline.StageChanged) {
	if l.over {
		return
	}
	l.progress[s.Stage] = s.Progress
	l.queue = append(l.queue, s)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// found is what an open stage has learned so far. It must be called with mu held.
func (l *dialLane) found(stage timeline.Stage) string {
	switch stage {
	case timeline.StageTCP:
		return l.route()
	case timeline.StageTLS:
		return describeTLS(l.tls)
	}
	return ""
}

func (l *dialLane) route() string {
	var parts []string
	if l.remote != "" {
		parts = append(parts, l.remote)
	}
	if l.proxy != "" {
		parts = append(parts, "via proxy "+l.proxy)
	}
	if len(l.refusals) > 0 {
		parts = append(parts, "no connection to "+strings.Join(l.refusals, ", "))
	}
	return wire.Clean(strings.Join(parts, "; "))
}

// useProxy remembers the proxy that the request goes through.
func (l *dialLane) useProxy(proxy string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.proxy = proxy
}

// connected is called when the first connection stands: to the target, or to
// the proxy, whose tunnel is still part of the stage.
func (l *dialLane) connected(remote net.Addr) {
	l.start(timeline.StageTCP, "")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remote = remote.String()
	if l.proxy == "" {
		l.end(timeline.StageTCP, timeline.StageChanged{Progress: timeline.Passed, Detail: l.route()})
	}
}

func (l *dialLane) refused(addr string, err error) {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = append(l.refusals, addr+" ("+err.Error()+")")
}

// secured remembers a handshake. With a proxy that is spoken to in TLS there are
// two; the last is the one with the coordinator.
func (l *dialLane) secured(s tls.ConnectionState, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.tls = s
	}
}

// ready is called when the request can be written.
func (l *dialLane) ready() { l.start(timeline.StageUpgrade, "") }

// current is the stage to blame for a failure now.
func (l *dialLane) current() timeline.Stage {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stage := timeline.StageUpgrade; stage > timeline.StageDNS; stage-- {
		if l.progress[stage] == timeline.Started {
			return stage
		}
	}
	for stage := timeline.StageDNS; stage < timeline.StageUpgrade; stage++ {
		if stage == timeline.StageTLS && !l.secure {
			continue
		}
		if p := l.progress[stage]; p == timeline.Pending || p == timeline.Started {
			return stage
		}
	}
	return timeline.StageUpgrade
}

// take returns what was collected since the last call.
func (l *dialLane) take() []timeline.StageChanged {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.queue
	l.queue = nil
	return taken
}

// close makes later callbacks meaningless and returns what is left.
func (l *dialLane) close() []timeline.StageChanged {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	taken := l.queue
	l.queue = nil
	return taken
}

func joinAddrs(found []net.IPAddr) string {
	const shown = 6
	var b strings.Builder
	for i, a := range found {
		if i == shown {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(" ")
		}
		if ip, ok := netip.AddrFromSlice(a.IP); ok {
			b.WriteString(ip.Unmap().WithZone(a.Zone).String())
		}
	}
	return b.String()
}
