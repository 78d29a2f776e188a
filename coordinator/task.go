package coordinator

import "time"

// begin counts a piece of work that Close waits for. It reports false, and
// counts nothing, when the server is closed.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	return true
}

// spawnLocked runs fn in a goroutine that Close waits for. It does nothing when
// the server is closed. The caller holds mu.
func (s *Server) spawnLocked(fn func()) {
	if !s.closed {
		s.wg.Go(fn)
	}
}

// task is something that the server does later.
type task struct{ timer *time.Timer }

// afterLocked runs fn after d unless the returned function is called before or
// the server closes. Both the caller and the returned function's caller hold mu;
// fn runs without it.
func (s *Server) afterLocked(d time.Duration, fn func()) (cancel func()) {
	if s.closed {
		return func() {}
	}
	t := &task{}
	t.timer = time.AfterFunc(d, func() {
		if !s.begin() {
			return
		}
		defer s.wg.Done()
		s.mu.Lock()
		delete(s.tasks, t)
		s.mu.Unlock()
		fn()
	})
	s.tasks[t] = struct{}{}
	return func() {
		t.timer.Stop()
		delete(s.tasks, t)
	}
}

// after is afterLocked for callers that do not hold mu.
func (s *Server) after(d time.Duration, fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.afterLocked(d, fn)
}
