package fault

import "time"

// Outcome is what a client is seen to do about a fault, in a word that can be
// compared with what happened.
type Outcome string

// The outcomes.
const (
	// CarriesOn: the session stays connected and nothing is lost.
	CarriesOn Outcome = "carries on"
	// Reconnects: a new attempt follows by itself and succeeds.
	Reconnects Outcome = "reconnects"
	// Refreshes: the token provider is called, then a new attempt follows.
	Refreshes Outcome = "refreshes"
	// Unnoticed: the client believes it is connected, for up to 35 s or for ever.
	Unnoticed Outcome = "does not notice"
	// Retries: attempts go on and fail until the fault is over.
	Retries Outcome = "retries"
	// Stops: nothing further is scheduled and the app is not told.
	Stops Outcome = "stops silently"
	// RequestFails: a request fails, the connection is not touched.
	RequestFails Outcome = "request fails"
	// MissesEvents: the session stays connected and events are lost.
	MissesEvents Outcome = "misses events"
)

// Reaction is what to expect from the official client (protocol.md 4,
// measured with version 1.60.0).
type Reaction struct {
	// Outcome to compare with what happened.
	Outcome Outcome
	// Within is the time it takes at most, 0 where there is no limit to name. It
	// runs from the stroke, or from the end ([Fault.AnsweredAtEnd]).
	Within time.Duration
	// Trap is the id in protocol.md 4.6, empty where it is no trap.
	Trap string
	// Text is the reaction in one or two sentences.
	Text string
}

// Times of the official client (protocol.md 2.5, 2.7, 4.2, 1.2).
const (
	firstRetry = 2500 * time.Millisecond // upper end of the first wait
	staleness  = 35 * time.Second
	handshake  = 15 * time.Second
	request    = 5 * time.Second
)

// codeExpired is the one error code that the client treats differently.
const codeExpired = 40

// Expect returns the reaction to a fault with its parameters.
func (f Fault) Expect() Reaction {
	info, _ := f.Kind.Info()
	return f.expect(info)
}

// AnsweredAtEnd reports whether the reaction follows the end of the fault rather
// than its stroke.
func (f Fault) AnsweredAtEnd() bool { return f.Kind == Offline }

func (f Fault) expect(info KindInfo) Reaction {
	if f.Phase == "" && len(info.Phases) > 0 {
		f.Phase = info.Phases[0]
	}
	switch f.Kind {
	case Close:
		return f.expectClose()
	case Error:
		return f.expectError()
	case ExpireToken:
		return f.expectExpiry()
	case RESTError:
		return f.expectREST()
	case Withhold:
		return f.expectWithhold()
	case ClockSkew:
		return f.expectSkew()
	}
	return plainReactions()[f.Kind]
}

func (f Fault) expectClose() Reaction {
	clean := f.Code == 0 || f.Code == 1000
	switch {
	case !clean && f.Phase == PhaseSession:
		return Reaction{Reconnects, firstRetry, "", "Any code but 1000 is a loss: it reconnects after 0.25 to 2.5 s. The app hears online:false only if it is still down after 5 s."}
	case !clean:
		return Reaction{Retries, handshake, "K21", "Treated as a network failure: it retries with backoff inside the same connect attempt, several sleeping retries at once."}
	case f.Phase == PhaseSession:
		return Reaction{Unnoticed, staleness, "K1", "Close 1000 on an established socket is ignored: the app stays “online” and deaf until the check 35 s after the last frame, which most clients miss."}
	}
	return Reaction{Stops, 0, "K3", "Close 1000 instead of connection.ok reads as a rejection: fatal during a reconnect, which stops silently. The first connect fails at once and is tried 5 times."}
}

func (f Fault) expectError() Reaction {
	expired := f.Code == codeExpired
	switch {
	case f.Phase == PhaseSession && f.Count > 1 && expired:
		return Reaction{Refreshes, firstRetry, "K9", "The first connection.error on a live socket is dropped; the second one refreshes the token of a provider and reconnects. With a static token the socket counts as unhealthy and nothing else happens."}
	case f.Phase == PhaseSession && f.Count > 1:
		return Reaction{Stops, 0, "K9", "The first connection.error on a live socket is dropped; the second marks it unhealthy without connection.changed, and nothing is scheduled."}
	case f.Phase == PhaseSession:
		return Reaction{CarriesOn, 0, "K9", "The first connection.error on a live socket is dropped: no event, no refresh, the connection stays."}
	case expired:
		return Reaction{Refreshes, firstRetry, "K5", "With a provider: it waits, asks for a new token and connects again. With a static token: 5 attempts at first, a silent stop during a reconnect."}
	}
	return Reaction{Stops, 0, "K4", "Any connection.error but 40 with a provider stops a reconnect for good, also for passing causes such as 9 or 71. The first connect is tried 5 times, then rejects."}
}

func (f Fault) expectExpiry() Reaction {
	if f.Phase == PhaseSession {
		return Reaction{CarriesOn, 0, "K9", "The connection.error 40 in session is dropped. The next connect with the old token answers 40: a provider is asked again, a static token ends in a silent stop."}
	}
	return Reaction{CarriesOn, 0, "K5", "Nothing happens at the instant itself. The next reconnect is refused with 40: a provider is asked for a new token, a static token ends in a silent stop."}
}

func (f Fault) expectREST() Reaction {
	if f.Code == codeExpired {
		return Reaction{RequestFails, 0, "K18", "With a provider: it refreshes and repeats the request without limit, with the same request id. With a static token the request fails at once."}
	}
	return Reaction{RequestFails, request, "", "The request fails with “Stream error code …” and is not repeated. Telemetry is repeated 5 times on a 5xx, the re-watch 3 times and then given up (K25)."}
}

func (f Fault) expectWithhold() Reaction {
	if f.Type == "health.check" {
		return Reaction{Unnoticed, staleness, "K19", "A ping without an answer is the last ping on that socket. Other events still count as life; without any the check after 35 s may reconnect."}
	}
	return Reaction{MissesEvents, 0, "", "The event is simply missing. A caller polls the ring state 15 s after the ring, so lost call.accepted and call.rejected are found then."}
}

func (f Fault) expectSkew() Reaction {
	if f.Skew > 0 {
		return Reaction{Stops, 0, "K4", "Tokens that are still valid count as expired at the next check (40); a provider is asked again and again."}
	}
	return Reaction{Stops, 0, "K4", "Fresh tokens seem to come from the future: code 42 at the next check, which no refresh repairs. A reconnect stops silently."}
}

func plainReactions() map[Kind]Reaction {
	return map[Kind]Reaction{
		Drop:           {Reconnects, firstRetry, "", "It reconnects after 0.25 to 2.5 s with the same token and watches its calls again. The app hears nothing if it is back within 5 s."},
		HalfOpen:       {Unnoticed, staleness, "K2", "One ping after 25 s, unanswered, and no more. The check 35 s after the last frame usually misses (43 of 50 clients): connected for ever, and deaf."},
		NoPong:         {Unnoticed, staleness, "K19", "One ping goes unanswered and no further ping is ever sent; every other event still counts as life."},
		StallAuth:      {Retries, handshake + firstRetry, "K22", "The handshake times out after 15 s, and the connect attempt after 30 s; five attempts take over two and a half minutes before the app hears anything."},
		StallUpgrade:   {Retries, handshake + firstRetry, "K22", "As a handshake that never finishes: 15 s, then 30 s for the attempt, two and a half minutes for all five."},
		RefuseUpgrade:  {Retries, handshake, "K21", "Status and body are invisible to the client: it sees 1006, as for a dead network, and retries with backoff."},
		RefuseTCP:      {Retries, handshake, "K21", "Each refusal counts as three failures, so the backoff reaches 5 s after two, and several retry chains run at once."},
		DNSFails:       {Retries, handshake, "K21", "To the client a name that does not resolve is 1006 like any dead network: it retries with backoff, several chains at once, and the app never hears the word DNS."},
		TLSFails:       {Retries, handshake, "K21", "To the client a refused certificate is 1006 like any dead network: it retries with backoff, several chains at once, and the reason shows nowhere."},
		WrongSignature: {Stops, 0, "K4", "Code 43 is final for one attempt: the first connect is tried 5 times and rejects after 6.5 to 12.5 s, a reconnect stops silently."},
		Slow:           {CarriesOn, 0, "", "It carries on. A connection.ok later than 15 s fails the handshake; a request slower than 5 s fails with a timeout."},
		Corrupt:        {Unnoticed, 0, "", "The exception escapes the message handler; in Node later frames are no longer delivered and the process may end."},
		Truncate:       {Unnoticed, 0, "", "As corrupt JSON: the parse error escapes the message handler."},
		UnknownEvent:   {CarriesOn, 0, "", "Dispatched like any other event; nothing breaks."},
		HugeFrame:      {CarriesOn, 0, "", "Accepted: the client sets no limit of its own."},
		Duplicate:      {CarriesOn, 0, "", "Each copy is dispatched. A repeated call.ring makes no second call, but fetches it again."},
		Reorder:        {CarriesOn, 0, "", "Events set the state of a call wholesale, so the older one wins until the next arrives."},
		RESTHTML:       {RequestFails, request, "", "The request fails with “Stream error code undefined: undefined”."},
		RESTHang:       {RequestFails, request, "", "The request fails after 5 s with “timeout of 5000ms exceeded” and is not repeated."},
		RESTReset:      {RequestFails, request, "", "The request fails with a network error and is not repeated."},
		ProviderFails:  {Stops, 0, "K6", "During a reconnect the rejection is unhandled and retrying stops; in Node the process ends. A connection that is up stays up, but later requests fail at once with the old error (K7)."},
		ProviderSlow:   {CarriesOn, 0, "", "The socket is opened only when the provider has answered; its time does not count towards the connect timeout."},
		ProviderStale:  {Retries, 0, "K18", "The stale token is refused with 40 again: one call of the provider per attempt, with backoff on the socket, without limit on requests."},
		Offline:        {Reconnects, 10 * time.Millisecond, "K24", "The app hears online:false at once and the socket stays open. Back online, a new socket follows after 10 ms. In React Native neither happens (K23)."},
	}
}
