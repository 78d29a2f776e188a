package timeline

import (
	"slices"
	"time"
)

// attempt returns the attempt that the event belongs to: the current one, an
// older one that is still kept (sockets can overlap, K8 and K22), or a new one
// when the number is new. It returns nil for number 0 and for attempts that
// were forgotten.
func (f *folder) attempt() *Attempt {
	n, s := f.e.Attempt, f.s
	switch {
	case n <= 0:
		return nil
	case n == s.Attempt.N:
		return &s.Attempt
	case n > s.Attempt.N:
		return f.newAttempt(n)
	}
	i := slices.IndexFunc(s.Attempts, func(a Attempt) bool { return a.N == n })
	if i < 0 {
		return nil
	}
	return &writable(&s.Attempts, &f.own.attempts)[i]
}

func (f *folder) newAttempt(n int) *Attempt {
	s := f.s
	if s.Attempt.N > 0 {
		push(&s.Attempts, &f.own.attempts, maxAttempts, s.Attempt)
	}
	s.Attempt = Attempt{N: n, Started: f.e.Time, assumed: true}
	s.Health = Health{RTTs: s.Health.RTTs}
	return &s.Attempt
}

// current reports whether an attempt is the latest one; events without an
// attempt count as the current socket's.
func (f *folder) current(a *Attempt) bool { return a == nil || a.N == f.s.Attempt.N }

func (f *folder) attemptStarted(p AttemptStarted) {
	a := f.attempt()
	f.dropWaits(p.Reconnect)
	if a == nil {
		return
	}
	a.Started, a.URL, a.Why = f.e.Time, p.URL, p.Why
	a.Reconnect, a.Cycle, a.assumed = p.Reconnect, p.Cycle, false
	if f.s.infers() && !a.Reconnect && f.s.memory.wasConnected {
		a.Reconnect = true
	}
	if f.current(a) {
		f.inferState(StateDialing, p.Why)
	}
}

// dropWaits forgets waits that are over. A reconnect is the end of the earliest
// one, also when the timer was a little early.
func (f *folder) dropWaits(reconnect bool) {
	s := f.s
	if len(s.Backoffs) == 0 {
		return
	}
	now := f.e.Time
	w := slices.DeleteFunc(writable(&s.Backoffs, &f.own.backoffs), func(b Wait) bool {
		return !b.Until.After(now)
	})
	if reconnect && len(w) == len(s.Backoffs) {
		if first := earliest(w); first >= 0 && w[first].Until.Sub(now) < earlyWait {
			w = slices.Delete(w, first, first+1)
		}
	}
	s.Backoffs = w
}

// earlyWait is how much before its time a wait counts as the one that an
// attempt ended.
const earlyWait = 50 * time.Millisecond

// earliest returns the index of the wait that ends first, -1 for none.
func earliest(waits []Wait) int {
	best := -1
	for i := range waits {
		if best < 0 || waits[i].Until.Before(waits[best].Until) {
			best = i
		}
	}
	return best
}

func (f *folder) backoff(p Backoff) {
	f.dropWaits(false)
	w := Wait{Backoff: p, At: f.e.Time, Until: f.e.Time.Add(p.Drawn)}
	push(&f.s.Backoffs, &f.own.backoffs, maxBackoffs, w)
	f.s.LastWait = w
	f.s.RetryAt = f.s.Backoffs[earliest(f.s.Backoffs)].Until
	f.s.Failures = max(f.s.Failures, p.Failures)
}

func (f *folder) stageChanged(p StageChanged) {
	a := f.attempt()
	if a == nil || p.Stage < 0 || p.Stage >= StageCount {
		return
	}
	st := &a.Stages[p.Stage]
	if p.Progress == Started || st.Started.IsZero() {
		st.Started = f.e.Time.Add(-p.Took)
	}
	st.Progress, st.Took = p.Progress, p.Took
	st.Failure = p.Failure
	if p.Detail != "" {
		st.Detail = p.Detail
	}
	if p.Status != 0 {
		st.Status = p.Status
	}
	if p.Stage == StageConnected && p.Progress == Passed {
		f.established(a)
	}
}

// established notes that connection.ok came.
func (f *folder) established(a *Attempt) {
	if !a.ConnectedAt.IsZero() {
		return
	}
	a.ConnectedAt = f.e.Time
	f.s.memory.wasConnected = true
	f.passStage(a, StageAuth)
	f.passStage(a, StageConnected)
}

// passStage passes a stage that nobody reported on but that is evidently over.
func (f *folder) passStage(a *Attempt, stage Stage) {
	st := &a.Stages[stage]
	if st.Progress != Pending && st.Progress != Started {
		return
	}
	if st.Started.IsZero() {
		st.Started = f.e.Time
	}
	st.Progress, st.Took = Passed, f.e.Time.Sub(st.Started)
}

func (f *folder) attemptEnded(p AttemptEnded) {
	a := f.attempt()
	if a == nil {
		return
	}
	a.Ended, a.End = f.e.Time, p
	wanted := p.Failure == nil && (p.By == ByUser || p.By == ByClient || p.By == "") && !f.noticed(a)
	if !wanted {
		if !a.ConnectedAt.IsZero() {
			f.s.Drops++
		}
		f.s.LastLoss = *a
	}
	f.tokenResult(a.N, resultOf(p))
	if !f.current(a) {
		return
	}
	if !f.s.deafTo(a) {
		f.silence()
	}
	if !wanted && f.s.infers() && !f.s.memory.toldConn {
		f.s.Failures++
	}
	f.inferEnd(a, p, wanted)
}

// noticed reports whether the client ends a socket because it has found out that
// it is dead: the server had closed it, or was silent for too long.
func (f *folder) noticed(a *Attempt) bool {
	if a.ConnectedAt.IsZero() {
		return false
	}
	deaf := f.s.Health.DeafAt
	return a.CloseIn != nil || f.current(a) && !deaf.IsZero() && !f.e.Time.Before(deaf)
}

// inferEnd says what somebody else's client does after its socket ended: it
// reconnects, unless it was told to stop or falls silent (protocol 4.4).
func (f *folder) inferEnd(a *Attempt, p AttemptEnded, wanted bool) {
	switch {
	case p.By == ByUser || wanted && p.Close == 1000:
		f.inferState(StateDisconnected, p.Reason)
		f.inferLeaveAll("disconnected")
	case f.s.deafTo(a):
		// It still believes in this socket.
	case a.ConnectedAt.IsZero() && a.Reconnect && f.s.refusedForGood(a):
		f.inferState(StateStalled, p.Reason)
	default:
		f.inferState(StateBackoff, p.Reason)
	}
}

// deafTo reports whether the official client takes a dead socket for a live one:
// the server closed it with 1000 after connection.ok (K1).
func (s *Session) deafTo(a *Attempt) bool {
	return s.Policy != PolicySteady && !a.ConnectedAt.IsZero() && a.CloseIn != nil &&
		a.CloseIn.Code == 1000 && (a.End.By == "" || a.End.By == ByServer)
}

func (f *folder) closed(p Close) {
	a := f.attempt()
	if a == nil {
		return
	}
	if p.Dir == In {
		a.CloseIn = &p
		return
	}
	if p.Code == 1000 && f.current(a) {
		f.inferState(StateDisconnected, p.Reason)
		f.inferLeaveAll("disconnected")
	}
}
