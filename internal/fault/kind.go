package fault

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Kind names what happens.
type Kind string

// The kinds, in the order of [Kinds].
const (
	Drop           Kind = "drop"
	Close          Kind = "close"
	HalfOpen       Kind = "half-open"
	NoPong         Kind = "no-pong"
	StallAuth      Kind = "stall-auth"
	StallUpgrade   Kind = "stall-upgrade"
	RefuseUpgrade  Kind = "refuse-upgrade"
	RefuseTCP      Kind = "refuse-tcp"
	DNSFails       Kind = "dns-fails"
	TLSFails       Kind = "tls-fails"
	Error          Kind = "error"
	ExpireToken    Kind = "expire-token"
	WrongSignature Kind = "wrong-signature"
	Slow           Kind = "slow"
	Corrupt        Kind = "corrupt"
	Truncate       Kind = "truncate"
	UnknownEvent   Kind = "unknown-event"
	HugeFrame      Kind = "huge-frame"
	Duplicate      Kind = "duplicate"
	Reorder        Kind = "reorder"
	Withhold       Kind = "withhold"
	RESTError      Kind = "rest-error"
	RESTHTML       Kind = "rest-html"
	RESTHang       Kind = "rest-hang"
	RESTReset      Kind = "rest-reset"
	ClockSkew      Kind = "clock-skew"
	ProviderFails  Kind = "provider-fails"
	ProviderSlow   Kind = "provider-slow"
	ProviderStale  Kind = "provider-stale"
	Offline        Kind = "offline"
)

// Site is a place in streamscope that can cause a fault.
type Site string

// The sites.
const (
	Coordinator Site = "coordinator" // the local coordinator
	Dialer      Site = "dialer"      // the dialer of a direct session
	Tap         Site = "tap"         // the proxy before the developer's app
	TokenSource Site = "token"       // the token source of our own session
)

// KindInfo describes a kind to a person choosing one.
type KindInfo struct {
	Kind Kind
	// Title is two or three words for a menu.
	Title string
	// Text says in one sentence what is done.
	Text string
	// Takes names the parameters beyond those that every kind takes.
	Takes []string
	// Needs names those that must be given.
	Needs []string
	// Phases are those the kind can strike in, the default first; none for
	// kinds that have nothing to do with the life of a connection.
	Phases []Phase
	// Once says that a single stroke is the default.
	Once bool
	// ForAll says that it cannot be limited to a user, because it strikes
	// before a client has said who it is or concerns the server as a whole.
	ForAll bool
	// Sites can cause it, the best one first.
	Sites []Site
	// Expect is what the official client does about it with the default
	// parameters; [Fault.Expect] knows the parameters of a certain fault.
	Expect string
	// Traps are the traps of protocol.md 4.6 that it can reproduce.
	Traps []string
}

// Kinds returns the table of everything that can go wrong. The slice is the
// caller's; what its rows point to is shared and not to be changed.
func Kinds() []KindInfo { return slices.Clone(kinds()) }

// kinds builds the table once: gates ask it for every stroke.
var kinds = sync.OnceValue(describe)

func describe() []KindInfo {
	var (
		both    = []Phase{PhaseSession, PhaseConnect}
		connect = []Phase{PhaseConnect}
		session = []Phase{PhaseSession}
		all     = []Site{Coordinator, Dialer, Tap}
		server  = []Site{Coordinator, Tap}
		frames  = []string{"type", "dir"}
		local   = []Site{TokenSource}
		dialer  = []Site{Dialer}
		socket  = []Site{Dialer, Coordinator, Tap} // a server that accepts can only reset
	)
	table := []KindInfo{
		{Kind: Drop, Title: "Drop the connection", Text: "The TCP connection is cut without a close frame.",
			Takes: []string{"phase"}, Phases: both, Once: true, Sites: all, Traps: []string{"K5", "K21"}},
		{Kind: Close, Title: "Close with a code", Text: "The server sends a close frame with any code and reason, 1000 unless another is given.",
			Takes: []string{"phase", "code", "reason"}, Phases: both, Once: true, Sites: all, Traps: []string{"K1", "K3"}},
		{Kind: HalfOpen, Title: "Half-open socket", Text: "The sockets that are up stay up, but nothing is answered and nothing is sent.",
			Phases: session, Once: true, Sites: all, Traps: []string{"K2", "K19"}},
		{Kind: NoPong, Title: "Pings unanswered", Text: "Health checks are not answered while other events keep flowing.",
			Phases: session, Sites: all, Traps: []string{"K19", "K2"}},
		{Kind: StallAuth, Title: "Handshake never finishes", Text: "The upgrade is accepted, and the auth message is never answered.",
			Phases: connect, Sites: all, Traps: []string{"K27", "K22"}},
		{Kind: StallUpgrade, Title: "Black-holed handshake", Text: "The TCP connection is accepted, and the upgrade is never answered.",
			ForAll: true, Phases: connect, Sites: all, Traps: []string{"K27", "K22"}},
		{Kind: RefuseUpgrade, Title: "Upgrade refused", Text: "The upgrade is answered with an HTTP status, 503 unless another is given.",
			Takes: []string{"status"}, ForAll: true, Phases: connect, Sites: all, Traps: []string{"K21"}},
		{Kind: RefuseTCP, Title: "TCP refused", Text: "Nobody listens: every new TCP connection is refused.",
			ForAll: true, Phases: connect, Sites: socket, Traps: []string{"K21"}},
		{Kind: DNSFails, Title: "Name not found", Text: "The name of the coordinator does not resolve.",
			ForAll: true, Phases: connect, Sites: dialer, Traps: []string{"K21"}},
		{Kind: TLSFails, Title: "Certificate not trusted", Text: "The certificate is one that nobody trusts, as behind a proxy that looks into TLS.",
			ForAll: true, Phases: connect, Sites: dialer, Traps: []string{"K21"}},
		{Kind: Error, Title: "connection.error", Text: "The server sends connection.error with any code, on the next connect or to live sessions.",
			Takes: []string{"phase", "code", "reason"}, Phases: []Phase{PhaseConnect, PhaseSession}, Once: true, Sites: all,
			Traps: []string{"K4", "K5", "K9", "K10"}},
		{Kind: ExpireToken, Title: "Expire the token now", Text: "Tokens issued until now count as expired: the next check answers 40, in session at once.",
			Takes: []string{"phase"}, Phases: []Phase{PhaseConnect, PhaseSession}, Sites: []Site{Coordinator}, Traps: []string{"K5", "K6", "K7", "K18"}},
		{Kind: WrongSignature, Title: "Wrong signature", Text: "Every token counts as signed with another app's secret: code 43.",
			Phases: connect, Sites: server, Traps: []string{"K4", "K10", "K13"}},
		{Kind: Slow, Title: "Slow line", Text: "Frames and answers are delayed by a latency with jitter, or limited to a rate.",
			Takes: []string{"dir", "latency", "jitter", "rate"}, Sites: all},
		{Kind: Corrupt, Title: "Corrupt JSON", Text: "Frames arrive as text that is not JSON.",
			Takes: frames, Phases: session, Once: true, Sites: all},
		{Kind: Truncate, Title: "Truncated JSON", Text: "Frames arrive cut in the middle.",
			Takes: frames, Phases: session, Once: true, Sites: all},
		{Kind: UnknownEvent, Title: "Unknown event", Text: "An event of a type that no client knows is sent.",
			Takes: []string{"type"}, Phases: session, Once: true, Sites: all},
		{Kind: HugeFrame, Title: "Huge frame", Text: "One very large event is sent, 1 MiB unless a size is given.",
			Takes: []string{"size"}, Phases: session, Once: true, Sites: all},
		{Kind: Duplicate, Title: "Duplicate events", Text: "Events are delivered twice.", Takes: frames, Phases: session, Sites: all},
		{Kind: Reorder, Title: "Reorder events", Text: "An event is held back until the next one has passed it.", Takes: frames, Phases: session, Sites: all},
		{Kind: Withhold, Title: "Withhold events", Text: "Events of a type are never delivered.",
			Takes: frames, Needs: []string{"type"}, Phases: session, Sites: all, Traps: []string{"K19"}},
		{Kind: RESTError, Title: "REST error", Text: "Requests are refused with an error in Stream's envelope, code -1 unless another is given.",
			Takes: []string{"path", "code", "status", "reason", "retry_after"}, Sites: all, Traps: []string{"K7", "K18", "K25"}},
		{Kind: RESTHTML, Title: "HTML instead of JSON", Text: "Requests are answered with a 502 page of HTML, as a load balancer does.",
			Takes: []string{"path", "status"}, Sites: all},
		{Kind: RESTHang, Title: "Request hangs", Text: "Requests are never answered.", Takes: []string{"path"}, Sites: all},
		{Kind: RESTReset, Title: "Request reset", Text: "The connection of a request is cut instead of an answer.", Takes: []string{"path"}, Sites: all},
		{Kind: ClockSkew, Title: "Clock skew", Text: "The clock that checks tokens is wrong by the skew.",
			Takes: []string{"skew"}, Needs: []string{"skew"}, ForAll: true, Sites: []Site{Coordinator, TokenSource}, Traps: []string{"K4"}},
		{Kind: ProviderFails, Title: "Token provider fails", Text: "The token provider reports an error.",
			Takes: []string{"reason"}, Sites: local, Traps: []string{"K6", "K7"}},
		{Kind: ProviderSlow, Title: "Token provider is slow", Text: "The token provider answers late.",
			Takes: []string{"latency", "jitter"}, Needs: []string{"latency"}, Sites: local},
		{Kind: ProviderStale, Title: "Token provider is stale", Text: "The token provider returns the token that it returned before.",
			Sites: local, Traps: []string{"K5", "K18"}},
		{Kind: Offline, Title: "Offline", Text: "The device reports that it has no network, and then that it has.",
			Sites: dialer, Traps: []string{"K24"}},
	}
	for i := range table {
		table[i].Expect = Fault{Kind: table[i].Kind}.expect(table[i]).Text
	}
	return table
}

// Info returns the row of a kind, and false for a kind that does not exist.
func (k Kind) Info() (KindInfo, bool) {
	for _, info := range kinds() {
		if info.Kind == k {
			return info, true
		}
	}
	return KindInfo{}, false
}

// Params returns the names of everything that the kind takes.
func (i KindInfo) Params() []string {
	names := append(slices.Clone(i.Takes), always[:]...)
	if i.ForAll {
		names = slices.DeleteFunc(names, func(n string) bool { return n == "user" })
	}
	return names
}

// CausedBy reports whether a site can cause the kind.
func (i KindInfo) CausedBy(s Site) bool { return slices.Contains(i.Sites, s) }

// Kinds returns those that the site can cause, in the order of [Kinds].
func (s Site) Kinds() []Kind {
	var all []Kind
	for _, info := range Kinds() {
		if info.CausedBy(s) {
			all = append(all, info.Kind)
		}
	}
	return all
}

func (i KindInfo) takes(name string) bool { return slices.Contains(i.Params(), name) }

// check holds a fault to what a table row cannot say member by member.
func (i KindInfo) check(f Fault) error {
	var problems []error
	given := f.pairs()
	for _, need := range i.Needs {
		if !slices.ContainsFunc(given, func(p pair) bool { return p.name == need }) {
			problems = append(problems, fmt.Errorf("%s needs %s", i.Kind, need))
		}
	}
	if f.Phase != "" && !slices.Contains(i.Phases, f.Phase) {
		problems = append(problems, fmt.Errorf("phase: %s cannot strike in the phase %s", i.Kind, f.Phase))
	}
	if i.Kind == Close && f.Code != 0 && !sendableClose(f.Code) {
		problems = append(problems, fmt.Errorf("code: %d cannot be sent in a close frame; use 1000 to 1003, 1007 to 1014 or 3000 to 4999, and drop for 1006", f.Code))
	}
	if i.Kind == Close && len(f.Reason) > maxReason {
		problems = append(problems, fmt.Errorf("reason: a close frame holds %d bytes, this has %d", maxReason, len(f.Reason)))
	}
	if i.Kind == Slow && f.Latency == 0 && f.Jitter == 0 && f.Rate == 0 {
		problems = append(problems, errors.New("slow needs latency, jitter or rate"))
	}
	return errors.Join(problems...)
}

// maxReason is what RFC 6455 section 5.5 leaves for the text of a close frame.
const maxReason = 123

// sendableClose follows RFC 6455 section 7.4: 1004 to 1006 and 1015 never
// travel in a frame.
func sendableClose(code int) bool {
	switch {
	case code >= 3000 && code <= 4999, code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
		return true
	}
	return false
}
