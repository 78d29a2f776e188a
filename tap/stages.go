package tap

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// stages follows a dial to upstream. Its hooks are called by goroutines of net and
// net/http, some of them after the dial is over (the loser of two address families).
type stages struct {
	emit func(timeline.Payload)

	mu    sync.Mutex // guards what follows
	stage timeline.Stage
	began time.Time
	over  bool
}

func (s *stages) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(i httptrace.DNSStartInfo) { s.start(timeline.StageDNS, i.Host) },
		ConnectStart:      func(_, addr string) { s.start(timeline.StageTCP, addr) },
		TLSHandshakeStart: func() { s.start(timeline.StageTLS, "") },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				s.pass(timeline.StageTLS, 0, tls.VersionName(state.Version)+" "+state.ServerName)
			}
		},
		GotConn: func(httptrace.GotConnInfo) { s.start(timeline.StageUpgrade, "") },
	}
}

// start begins a stage, once. The one before has passed, those between did not exist.
func (s *stages) start(stage timeline.Stage, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || stage <= s.stage {
		return
	}
	s.passLocked(0, "")
	for skipped := s.stage + 1; skipped < stage; skipped++ {
		if skipped > timeline.StageToken {
			s.emit(timeline.StageChanged{Stage: skipped, Progress: timeline.Skipped})
		}
	}
	s.stage, s.began = stage, time.Now()
	s.emit(timeline.StageChanged{Stage: stage, Progress: timeline.Started, Detail: wire.Clean(detail)})
}

// pass ends the stage that is open, if it is this one.
func (s *stages) pass(stage timeline.Stage, status int, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over && s.stage == stage {
		s.passLocked(status, detail)
	}
}

func (s *stages) passLocked(status int, detail string) {
	if s.began.IsZero() {
		return
	}
	s.emit(timeline.StageChanged{
		Stage: s.stage, Progress: timeline.Passed, Took: time.Since(s.began), Status: status, Detail: wire.Clean(detail),
	})
	s.began = time.Time{}
}

// fail ends the dial in the stage that it had come to, which the failure is told.
func (s *stages) fail(f *timeline.Failure, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	f.Stage = max(s.stage, timeline.StageDNS)
	if _, unknown := errors.AsType[*net.DNSError](err); unknown {
		f.Stage = timeline.StageDNS
	}
	failed := timeline.StageChanged{Stage: f.Stage, Progress: timeline.Failed, Status: f.Status, Failure: f}
	if !s.began.IsZero() {
		failed.Took = time.Since(s.began)
	}
	s.emit(failed)
}

// done makes later hooks meaningless.
func (s *stages) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}
