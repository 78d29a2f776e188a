package timeline

import (
	"slices"
	"time"

	"streamscope/internal/wire"
)

// TimeInState returns how long the session has been in its state.
func (s Session) TimeInState(now time.Time) time.Duration { return since(s.Since, now) }

// RetryIn returns the time to the next scheduled attempt, 0 when it is due, and
// whether one is scheduled.
func (s Session) RetryIn(now time.Time) (time.Duration, bool) { return until(s.RetryAt, now) }

// Deaf reports whether the current socket has been silent for longer than the
// official client bears (35 s) while the client still believes in it.
func (s Session) Deaf(now time.Time) bool {
	return s.believed() && !s.Health.DeafAt.IsZero() && now.After(s.Health.DeafAt)
}

// DeafIn returns the time to 35 s of silence, 0 when they are over, and whether
// the countdown runs.
func (s Session) DeafIn(now time.Time) (time.Duration, bool) { return until(s.Health.DeafAt, now) }

// AppMisled reports that what the app was told last differs from what is: the
// app believes to be online and is not, or the other way round.
func (s Session) AppMisled() bool {
	return !s.AppTold.IsZero() && s.AppOnline != s.Conn.Live()
}

// Heard returns the time since the last frame of the current socket, and whether
// there was one.
func (s Session) Heard(now time.Time) (time.Duration, bool) {
	return since(s.Health.LastFrame, now), !s.Health.LastFrame.IsZero()
}

// Lanes returns all attempts that are kept, oldest first, the current one last.
func (s Session) Lanes() []Attempt {
	if s.Attempt.N == 0 {
		return nil
	}
	return append(slices.Clip(s.Attempts), s.Attempt)
}

// Lane returns the attempt with that number.
func (s Session) Lane(n int) (Attempt, bool) {
	if n == s.Attempt.N && n > 0 {
		return s.Attempt, true
	}
	for i := range s.Attempts {
		if s.Attempts[i].N == n {
			return s.Attempts[i], true
		}
	}
	return Attempt{}, false
}

// UserID returns the id that the session is known by at the server: for a guest
// it differs from the one asked for, and is known from the answer to POST /guest
// on. The token on the wire is for this id.
func (s Session) UserID() string { return s.me() }

// PendingRequests returns the number of requests without an answer and the age
// of the oldest.
func (s Session) PendingRequests(now time.Time) (n int, oldest time.Duration) {
	if len(s.pending) == 0 {
		return 0, 0
	}
	return len(s.pending), since(s.pending[0].at, now)
}

// Live reports whether the socket of the attempt is established and not gone.
func (a Attempt) Live() bool {
	return !a.ConnectedAt.IsZero() && a.Ended.IsZero() && a.CloseIn == nil
}

// Lost reports whether the attempt ended otherwise than by somebody's wish.
func (a Attempt) Lost() bool {
	return !a.Ended.IsZero() && (a.End.Failure != nil || a.End.By == ByServer || a.End.By == ByNetwork || a.End.By == ByFault)
}

// Failure returns what the attempt failed of, nil when it did not.
func (a Attempt) Failure() *Failure {
	if a.End.Failure != nil {
		return a.End.Failure
	}
	for i := range a.Stages {
		if a.Stages[i].Failure != nil {
			return a.Stages[i].Failure
		}
	}
	return nil
}

// Reached returns the last stage that began, and whether any did.
func (a Attempt) Reached() (Stage, bool) {
	for i := StageCount - 1; i >= 0; i-- {
		if p := a.Stages[i].Progress; p != Pending && p != Skipped {
			return i, true
		}
	}
	return 0, false
}

// Age returns how long the attempt has lasted, or lasted when it is over.
func (a Attempt) Age(now time.Time) time.Duration {
	if !a.Ended.IsZero() {
		return since(a.Started, a.Ended)
	}
	return since(a.Started, now)
}

// refusedForGood reports whether the way an attempt ended makes the official
// client stop trying: close 1000 or connection.error during a reconnect, unless
// the error is an expired token that the client can replace (K3, K4, K5).
func (s *Session) refusedForGood(a *Attempt) bool {
	if s.Policy == PolicySteady {
		return false
	}
	if a.Errors > 0 {
		refreshable := s.Opened.Refreshable || s.infers()
		return a.ErrorCode != int(wire.CodeTokenExpired) || !refreshable
	}
	return a.CloseIn != nil && a.CloseIn.Code == 1000
}

// since is the distance from a time to now, never negative, 0 for no time.
func since(t, now time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t))
}

// until is the distance from now to a time, never negative, and whether there
// is such a time.
func until(t, now time.Time) (time.Duration, bool) {
	if t.IsZero() {
		return 0, false
	}
	return max(0, t.Sub(now)), true
}
