package cli

import (
	"context"
	"fmt"
	"time"

	"streamscope/session"
	"streamscope/timeline"
)

// renewMargin is how long before its expiry the token of a local session is
// renewed.
const renewMargin = 10 * time.Second

// renewal is the next step of keeping a local session's token fresh.
type renewal int

// The steps. The official client asks for a new token only when it is refused
// with code 40, so this is the part of an app that has a timer of its own: it
// asks for a new token before the old one expires, and opens a new socket to put
// it on the wire, because there is no other way to.
const (
	renewNothing   renewal = iota
	renewLoad              // ask the source for a new token
	renewReconnect         // put the newer token on the wire
)

// renewStep says what is due, and when to look again; a zero time means when
// something has happened. It leaves a session alone that is being broken on
// purpose, is in a trap, or has a call: a new socket would hide what the user
// wants to see.
func renewStep(s timeline.Session, faults int, now time.Time) (renewal, time.Time) {
	wire, latest := s.Token.Wire, s.Token.Latest
	busy := faults > 0 || len(s.OpenTraps(now)) > 0 || len(s.Ringing())+len(s.InCall()) > 0
	if s.Conn != timeline.StateConnected || busy || wire.ExpiresAt.IsZero() {
		return renewNothing, time.Time{}
	}
	due := wire.ExpiresAt.Add(-renewMargin)
	switch {
	case now.Before(due):
		return renewNothing, due
	case latest.Number > wire.Number:
		return renewReconnect, time.Time{}
	case s.Token.Loading:
		return renewNothing, time.Time{}
	}
	return renewLoad, time.Time{}
}

// renew keeps the token of a local session fresh until ctx ends. Each step is
// taken once for each token that was on the wire, so that a provider that fails
// is not asked in a loop.
func (r *rig) renew(ctx context.Context, s *session.Session) error {
	cursor := r.events.Cursor(0)
	defer cursor.Close()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var state timeline.State
	var batch []timeline.Event
	done := make(map[renewal]int) // step → number of the token it was taken for
	for {
		batch = cursor.Next(batch[:0])
		state = timeline.Fold(state, batch)
		now, _ := state.Session(s.Name())
		step, again := renewStep(now, len(state.ActiveFaults(time.Now())), time.Now())
		if step != renewNothing && done[step] != now.Token.Wire.Number {
			done[step] = now.Token.Wire.Number
			if err := r.renewNow(s, step, now.Token.Wire); err != nil {
				return nil // the session is over
			}
		}
		if !again.IsZero() {
			timer.Reset(time.Until(again))
		}
		select {
		case <-cursor.Wake():
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (r *rig) renewNow(s *session.Session, step renewal, wire timeline.TokenInfo) error {
	if step == renewReconnect {
		return s.RenewSocket()
	}
	left := time.Until(wire.ExpiresAt).Round(time.Second)
	r.events.Append(timeline.Event{Session: s.Name(), Payload: timeline.Note{Text: fmt.Sprintf(
		"the token expires in %s: this app renews it by itself; the official client waits for code 40", left)}})
	return s.RenewToken()
}
