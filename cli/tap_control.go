package cli

import (
	"errors"
	"fmt"
	"time"

	"streamscope/explain"
	"streamscope/internal/fault"
	"streamscope/internal/token"
	"streamscope/tap"
	"streamscope/timeline"
	"streamscope/ui"
)

// tapControl carries out what the keys ask for on the tap: faults, the tokens that
// passed, and what is written down. What only the app can do is not offered.
type tapControl struct {
	keeper
	rig   *rig
	proxy *tap.Proxy
	armed int // guarded by the mutex of the rig
}

var _ ui.Controller = (*tapControl)(nil)

// byTheApp is why most keys do nothing.
const byTheApp = "the app does that, not the tap"

var errByTheApp = errors.New(byTheApp)

// tapWithout are the actions that make no sense on the tap.
var tapWithout = map[string]string{
	"connect":    byTheApp,
	"disconnect": byTheApp,
	"reconnect":  byTheApp + "; the fault “drop” cuts its socket",
	"refresh":    byTheApp + "; its token provider is asked when a token is refused (fault “connection.error 40”)",
	"network":    byTheApp + "; the faults cut, refuse and slow its connections",
	"policy":     "the client is your app's own",
	"watchdog":   "the client is your app's own",
	"busy":       "it is an option of the client in your app: rejectCallWhenBusy",
	"ring":       byTheApp,
	"accept":     byTheApp,
	"decline":    byTheApp,
	"leave":      byTheApp,
	"send":       "the tap says nothing in the place of your app",
}

// Connect implements [ui.Connector].
func (*tapControl) Connect(string) error { return errByTheApp }

// Disconnect implements [ui.Connector].
func (*tapControl) Disconnect(string) error { return errByTheApp }

// Reconnect implements [ui.Connector].
func (*tapControl) Reconnect(string) error { return errByTheApp }

// SetOnline implements [ui.Connector].
func (*tapControl) SetOnline(string, bool) error { return errByTheApp }

// SetRejectWhenBusy implements [ui.Connector].
func (*tapControl) SetRejectWhenBusy(string, bool) error { return errByTheApp }

// SetPolicy implements [ui.Connector].
func (*tapControl) SetPolicy(string, timeline.Policy) error { return errByTheApp }

// SetLuckyWatchdog implements [ui.Connector].
func (*tapControl) SetLuckyWatchdog(string, bool) error { return errByTheApp }

// Open implements [ui.Connector].
func (*tapControl) Open(string) (string, error) { return "", errByTheApp }

// Profiles implements [ui.Connector]: the users are those that the app has.
func (*tapControl) Profiles() []ui.Choice { return nil }

// Peers implements [ui.Ringer].
func (*tapControl) Peers(string) []ui.Choice { return nil }

// RingMe implements [ui.Ringer].
func (*tapControl) RingMe(string, string) error { return errByTheApp }

// RingOut implements [ui.Ringer].
func (*tapControl) RingOut(string, string) error { return errByTheApp }

// Accept implements [ui.Ringer].
func (*tapControl) Accept(string, string) error { return errByTheApp }

// Decline implements [ui.Ringer].
func (*tapControl) Decline(string, string, string) error { return errByTheApp }

// Leave implements [ui.Ringer].
func (*tapControl) Leave(string, string) error { return errByTheApp }

// End implements [ui.Ringer].
func (*tapControl) End(string, string) error { return errByTheApp }

// RefreshToken implements [ui.Tokener].
func (*tapControl) RefreshToken(string) error { return errByTheApp }

// Faults implements [ui.Faulter].
func (c *tapControl) Faults(string) []timeline.Fault {
	var menu []timeline.Fault
	for _, f := range offered() {
		if c.proxy.Faults().CanCause(f.Kind) {
			menu = append(menu, shownFault("", f, fault.Tap))
		}
	}
	return menu
}

// ArmFault implements [ui.Faulter]. It strikes the session's own user, where its kind
// can be limited to one.
func (c *tapControl) ArmFault(session string, shown timeline.Fault) error {
	f, err := fault.Parse(shown.Spec)
	if err != nil {
		return err
	}
	if narrow := f; f.User == "" {
		narrow.User = session
		if narrow.Validate() == nil {
			f = narrow
		}
	}
	return c.arm(session, f)
}

// arm switches a fault on, and says so in the record.
func (c *tapControl) arm(session string, f fault.Fault) error {
	c.rig.mu.Lock()
	c.armed++
	id := fmt.Sprintf("%s-%d", fault.Tap, c.armed)
	c.rig.mu.Unlock()
	c.rig.events.Append(timeline.Event{Session: session, Payload: timeline.FaultArmed{
		Fault: shownFault(id, f, fault.Tap), After: f.After, For: f.For,
	}})
	return c.proxy.Faults().Arm(id, f)
}

// ClearFault implements [ui.Faulter].
func (c *tapControl) ClearFault(session, id string) error {
	hits, ok := c.proxy.Faults().Disarm(id)
	if !ok {
		return errors.New("the fault is over already")
	}
	c.cleared(session, id, hits)
	return nil
}

// ClearFaults implements [ui.Faulter].
func (c *tapControl) ClearFaults(session string) error {
	for id, hits := range c.proxy.Faults().Clear() {
		c.cleared(session, id, hits)
	}
	return nil
}

func (c *tapControl) cleared(session, id string, hits int) {
	c.rig.events.Append(timeline.Event{Session: session, Payload: timeline.FaultCleared{ID: id, Why: "cleared by you", Hits: hits}})
}

// Inspect implements [ui.Tokener].
func (c *tapControl) Inspect(session, raw, secret string) (explain.TokenReport, error) {
	o := explain.TokenOptions{Now: time.Now(), UserID: session, Secret: token.Raw(secret)}
	if raw == "" {
		var err error
		if raw, err = c.Reveal(session); err != nil {
			return explain.TokenReport{}, err
		}
	}
	return explain.Token(raw, o), nil
}

// Reveal implements [ui.Tokener].
func (c *tapControl) Reveal(session string) (string, error) {
	raw := c.proxy.Token(session).Reveal()
	if raw == "" {
		return "", errors.New("the app has sent no token yet")
	}
	return raw, nil
}
