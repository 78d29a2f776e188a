package explain

import "slices"

// rewording changes an entry for the facts of a failure.
type rewording struct {
	when func(Entry, Facts) bool
	then func(*Entry, Facts)
}

// What the official client does with a code on an open socket and in a
// reconnect (protocol.md 4.6 K4, K9; field-notes 0 A to A3).
const (
	sdkDropsFirst  = "The client drops the first connection.error on an open socket: no event, no new token, and it counts as healthy."
	sdkStopped     = "Reconnecting has stopped. The app gets connection.changed online=false 5 s after the drop, and no error."
	sdkKeepsTrying = "The client goes on trying, from the fourth failure on every 5 s. The app gets connection.changed online=false 5 s after the drop, and no error."
	sdkDropsEarly  = "The client tries several sockets in each of its five attempts. connectUser fails after 81 to 88 s, with \"WS failed with code: …\"."
	sdkPastSlow    = "The first reconnect sends the old token and is refused; with the next token the client is back after about 5 s. The app sees only online=true."
	sdkRepeats     = "The client asks the tokenProvider and repeats the request at once. If the new token is expired too, it does so without end."
	sdkSameAgain   = "The client asks the tokenProvider before each new attempt. As long as that hands out an expired token, the app does not come online."
	sdkFirstToken  = "The client waits 0.25 to 2.5 s, asks the tokenProvider and connects again. connectUser just takes longer."
)

// rewordings apply in order; a later one may change what an earlier one wrote.
var rewordings = []rewording{
	{when: expiredFor(func(f Facts) bool { return f.UserType == "guest" }), then: guestExpired},
	{when: expiredFor(func(f Facts) bool { return f.UserType != "guest" && f.Refreshable }), then: refreshableExpired},
	{when: expiredFor(func(f Facts) bool { return f.UserType != "guest" && f.Source == "file" }), then: fileExpired},
	{when: expiredFor(func(f Facts) bool { return f.UserType != "guest" && !f.Refreshable && f.Source != "" }), then: staticExpired},
	{when: onRequest, then: refusedRequest},
	{when: func(_ Entry, f Facts) bool { return f.Op == "guest" }, then: guestRefused},
	{when: onReconnect, then: stoppedByError},
	{when: onOpenSocket, then: droppedError},
	{when: transientAnd(func(f Facts) bool { return f.Reconnect }), then: view(sdkKeepsTrying)},
	{when: transientClose, then: view(sdkDropsEarly)},
	{when: is("code/41", "code/42"), then: ownClock},
	{when: is("code/2", "code/43", "code/5"), then: localKeys},
	{when: is("code/17"), then: anonymousGrant},
	{when: is("net/refused"), then: localRefused},
	{when: is("text/provider-failed"), then: providerInReconnect},
}

func is(ids ...string) func(Entry, Facts) bool {
	return func(e Entry, _ Facts) bool { return slices.Contains(ids, e.ID) }
}

func expiredFor(who func(Facts) bool) func(Entry, Facts) bool {
	return func(e Entry, f Facts) bool { return e.ID == "code/40" && who(f) }
}

func onReconnect(e Entry, f Facts) bool {
	return f.Reconnect && !f.Established && f.Code != 0 && f.Op != "http" && e.ID != "code/40"
}

// transientAnd is about failures below the protocol and close codes, before
// connection.ok: the client retries these without an end (protocol.md 4.4 row 13).
func transientAnd(also func(Facts) bool) func(Entry, Facts) bool {
	return func(e Entry, f Facts) bool {
		return f.Code == 0 && !f.Established && (e.Kind == KindTransport || e.Kind == KindClose) && e.Code != 1000 &&
			f.Op != "token" && f.Op != "http" && f.Op != "guest" && also(f)
	}
}

func transientClose(e Entry, f Facts) bool {
	return e.Kind == KindClose && transientAnd(func(f Facts) bool { return !f.Reconnect })(e, f)
}

func view(sdk string) func(*Entry, Facts) { return func(e *Entry, _ Facts) { e.SDK = sdk } }

func onRequest(_ Entry, f Facts) bool { return f.Op == "http" && f.Code != 0 }

func onOpenSocket(_ Entry, f Facts) bool { return f.Established && f.Code != 0 && f.Op != "http" }

func guestExpired(e *Entry, f Facts) {
	e.Class = Fatal
	e.Cause = "A guest's token is fixed, and its exp time is in the past."
	e.Fix = "Create the guest again: disconnect, then connect as a guest. The official client cannot refresh a guest's token."
	e.SDK = staticView(f)
}

func refreshableExpired(e *Entry, f Facts) {
	e.Class = Benign
	e.Fix = "Wait for the next token. If that is refused with 40 too, your token source hands out a cached or expired one."
	e.SDK = sdkFirstToken
	e.See = []string{"trap/K18"}
	if f.Reconnect {
		e.SDK = sdkPastSlow
	}
}

// fileExpired is about a file: it can give another token, but only after somebody
// has written one.
func fileExpired(e *Entry, _ Facts) {
	e.Class = Fatal
	e.Cause = "The token in the file is past its exp time."
	e.Fix = "Write a new token to the file: it is read again before each attempt. To get tokens without that, use --token-url or --token-cmd."
	e.SDK = sdkSameAgain
}

func staticExpired(e *Entry, f Facts) {
	e.Class = Fatal
	e.Cause = "The static token's exp time is in the past, and there is nowhere to get another."
	e.Fix = "Use a tokenProvider in the app, or --token-url, --token-cmd or --token-secret-env here. This session cannot recover by itself."
	e.SDK = staticView(f)
	e.See = []string{"trap/K5"}
}

func staticView(f Facts) string {
	if f.Reconnect {
		return sdkStopped
	}
	return sdkRefused
}

// refusedRequest is about a request of a client that is connected: its refusal
// does not touch the socket (traces rest_40_provider_once, rest_40_static).
func refusedRequest(e *Entry, f Facts) {
	e.SDK = sdkREST
	if e.ID == "code/40" && f.Refreshable && f.UserType != "guest" {
		e.SDK = sdkRepeats
		e.See = []string{"trap/K18"}
	}
}

// guestRefused is about POST /guest, which comes before every attempt of a guest
// (protocol.md 3.5, trace guest_creation_fails).
func guestRefused(e *Entry, _ Facts) {
	e.SDK = "connectUser asks for a guest on each of its five attempts, and rejects with this error after 6.5 to 12.5 s. No socket is opened."
}

func stoppedByError(e *Entry, _ Facts) {
	e.SDK = sdkStopped
	e.See = append(slices.Clone(e.See), "trap/K4")
	if e.Class == Retry || e.Class == Benign {
		e.Fix = "Call disconnectUser and connectUser again after a short wait: the cause may pass, but the client does not try again by itself."
	}
}

func droppedError(e *Entry, _ Facts) {
	e.SDK = sdkDropsFirst
	e.See = append(slices.Clone(e.See), "trap/K9")
}

func ownClock(e *Entry, f Facts) {
	if f.Source == "secret" {
		e.Cause = "The token was signed here, and this machine's clock is ahead of Stream's."
		e.Fix = "Synchronise this machine's clock, then load a new token."
	}
}

func localKeys(e *Entry, f Facts) {
	if f.LocalServer {
		e.Fix = "The local coordinator knows only the key and secret that it printed at its start. Use those, or one of its tokens."
	}
}

func anonymousGrant(e *Entry, f Facts) {
	if f.UserType == "anonymous" {
		e.Cause = "An anonymous user may only read the calls that the token's call_cids name."
		e.Fix = "Issue the token with call_cids that contain this call, as in [\"livestream:123\"]."
	}
}

func localRefused(e *Entry, f Facts) {
	if f.LocalServer {
		e.Fix = "The local coordinator is not listening. Start the session again, or start streamscope serve."
	}
}

func providerInReconnect(e *Entry, f Facts) {
	if f.Reconnect {
		e.SDK = "The client stops with an unhandled promise rejection, which ends a Node process. The app gets online=false after 5 s."
		e.See = []string{"trap/K6", "trap/K7"}
	}
}
