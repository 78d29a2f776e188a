package cli

import (
	"fmt"
	"strings"
	"time"

	"streamscope/explain"
	"streamscope/internal/token"
	"streamscope/session"
	"streamscope/timeline"
	"streamscope/ui"
)

// controller carries out what the keys ask for: the screen's only way to the
// sessions. It holds nothing of its own.
type controller struct {
	rig *rig
	*director
	keeper
	// start opens another session, by the name of a profile or a local user.
	start func(name string) (session string, err error)
	// choices are the names that start takes.
	choices func() []ui.Choice
}

var _ interface {
	ui.Controller
	ui.Director
	ui.Sender
} = (*controller)(nil)

// on calls f with the named session.
func (c *controller) on(name string, f func(*session.Session) error) error {
	s := c.rig.manager.Get(name)
	if s == nil {
		return fmt.Errorf("session %s is over; open it again with u", name)
	}
	return f(s)
}

// Connect implements [ui.Connector].
func (c *controller) Connect(name string) error { return c.on(name, (*session.Session).Connect) }

// Disconnect implements [ui.Connector].
func (c *controller) Disconnect(name string) error { return c.on(name, (*session.Session).Disconnect) }

// Reconnect implements [ui.Connector].
func (c *controller) Reconnect(name string) error { return c.on(name, (*session.Session).Reconnect) }

// SetOnline implements [ui.Connector].
func (c *controller) SetOnline(name string, online bool) error {
	return c.on(name, func(s *session.Session) error { return s.SetOnline(online, timeline.ByUser) })
}

// SetRejectWhenBusy implements [ui.Connector].
func (c *controller) SetRejectWhenBusy(name string, on bool) error {
	return c.on(name, func(s *session.Session) error { return s.SetRejectWhenBusy(on) })
}

// SetPolicy implements [ui.Connector].
func (c *controller) SetPolicy(name string, p timeline.Policy) error {
	return c.on(name, func(s *session.Session) error { return s.SetPolicy(p) })
}

// SetLuckyWatchdog implements [ui.Connector].
func (c *controller) SetLuckyWatchdog(name string, lucky bool) error {
	return c.on(name, func(s *session.Session) error { return s.SetLuckyWatchdog(lucky) })
}

// Open implements [ui.Connector].
func (c *controller) Open(name string) (string, error) { return c.start(name) }

// Profiles implements [ui.Connector].
func (c *controller) Profiles() []ui.Choice { return c.choices() }

// answerWords are what a simulated user can be made to do about a ring.
var answerWords = []string{"accepts", "declines", "is busy"}

// SendFrame implements [ui.Sender].
func (c *controller) SendFrame(name, text string) error {
	return c.on(name, func(s *session.Session) error { return s.Send(text) })
}

// Peers implements [ui.Ringer].
func (c *controller) Peers(name string) []ui.Choice {
	s := c.rig.manager.Get(name)
	if s == nil || !c.rig.isLocal(name) {
		return nil
	}
	var peers []ui.Choice
	for _, user := range c.rig.local.peers(s.Status().User.ID) {
		if c.rig.isOpen(user) {
			peers = append(peers, ui.Choice{Name: user, Detail: "has a session here and answers by its own keys"})
			continue
		}
		peers = append(peers, ui.Choice{Name: user, Detail: "does not answer by itself"})
		for _, word := range answerWords {
			peers = append(peers, ui.Choice{Name: user + " (" + word + ")", Detail: "answers the ring by itself"})
		}
	}
	return peers
}

// RingMe implements [ui.Ringer].
func (c *controller) RingMe(name, from string) error {
	if !c.rig.isLocal(name) {
		return errNotLocal
	}
	from, _ = splitPeer(from)
	return c.on(name, func(s *session.Session) error { return c.rig.local.ring(from, s.Status().User.ID) })
}

// RingOut implements [ui.Ringer].
func (c *controller) RingOut(name, to string) error {
	to, word := splitPeer(to)
	local := c.rig.isLocal(name)
	if local && !c.rig.isOpen(to) {
		behaviour, err := answers(word)
		if err != nil {
			return err
		}
		c.rig.local.server.SetBehaviour(to, behaviour)
	}
	ring := session.RingOptions{Members: []string{to}, Video: true}
	if local {
		ring.ID = c.rig.local.callID()
	}
	return c.on(name, func(s *session.Session) error { return s.Ring(ring) })
}

// splitPeer takes a name of the menu apart: the user, and what the user is to do.
func splitPeer(name string) (user, word string) {
	user, word, _ = strings.Cut(name, " (")
	return user, strings.TrimSuffix(word, ")")
}

// Accept implements [ui.Ringer]: call.join, which is how an app answers.
func (c *controller) Accept(name, cid string) error {
	return c.on(name, func(s *session.Session) error { return s.Join(cid) })
}

// Decline implements [ui.Ringer].
func (c *controller) Decline(name, cid, reason string) error {
	return c.on(name, func(s *session.Session) error { return s.Reject(cid, reason) })
}

// Leave implements [ui.Ringer].
func (c *controller) Leave(name, cid string) error {
	return c.on(name, func(s *session.Session) error { return s.Leave(cid) })
}

// End implements [ui.Ringer].
func (c *controller) End(name, cid string) error {
	return c.on(name, func(s *session.Session) error { return s.End(cid) })
}

// Faults implements [ui.Faulter].
func (c *controller) Faults(name string) []timeline.Fault { return c.rig.offers(name) }

// ArmFault implements [ui.Faulter].
func (c *controller) ArmFault(name string, f timeline.Fault) error { return c.rig.arm(name, f.Spec) }

// ClearFault implements [ui.Faulter].
func (c *controller) ClearFault(name, id string) error { return c.rig.clearFault(name, id) }

// ClearFaults implements [ui.Faulter].
func (c *controller) ClearFaults(name string) error {
	c.rig.clearFaults(name)
	return nil
}

// RefreshToken implements [ui.Tokener].
func (c *controller) RefreshToken(name string) error {
	return c.on(name, (*session.Session).RefreshToken)
}

// Inspect implements [ui.Tokener].
func (c *controller) Inspect(name, raw, secret string) (explain.TokenReport, error) {
	var report explain.TokenReport
	err := c.on(name, func(s *session.Session) error {
		report = explain.Token(c.pick(s, raw), c.benchOptions(s, raw, secret))
		return nil
	})
	return report, err
}

// pick is the token to judge: what was pasted, or what is on the wire.
func (c *controller) pick(s *session.Session, raw string) string {
	if raw != "" {
		return raw
	}
	return s.Token().Reveal()
}

func (c *controller) benchOptions(s *session.Session, raw, secret string) explain.TokenOptions {
	user := s.Status().User
	o := explain.TokenOptions{
		Now: time.Now(), UserID: user.ID, UserType: string(user.Type), Secret: token.Raw(secret),
	}
	if user.Type == timeline.Guest {
		o.UserID = "" // the service chose another id than was asked for (protocol.md 3.5)
	}
	if source := s.Config().Token; source != nil && raw == "" {
		o.Source, o.Refreshable = source.Kind(), new(source.Refreshable())
	}
	if secret == "" && c.rig.isLocal(s.Name()) && raw == "" {
		_, own := c.rig.local.server.Credentials()
		o.Secret = token.Raw(own)
	}
	return o
}

// Reveal implements [ui.Tokener].
func (c *controller) Reveal(name string) (string, error) {
	var raw string
	err := c.on(name, func(s *session.Session) error {
		raw = s.Token().Reveal()
		if raw == "" {
			return fmt.Errorf("no token has been on the wire yet: connect with c")
		}
		return nil
	})
	return raw, err
}
