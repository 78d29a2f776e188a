package explain

import (
	"fmt"
	"slices"
	"time"

	"streamscope/internal/token"
)

func (b bench) millis(claim string) bool    { return slices.Contains(b.claims.Millis, claim) }
func (b bench) wrongType(claim string) bool { return slices.Contains(b.claims.WrongType, claim) }

// checkTimes looks at the time claims as numbers and at their order.
func checkTimes(b bench) []Finding {
	var found []Finding
	for _, claim := range []string{"iat", "nbf", "exp"} {
		switch {
		case b.wrongType(claim):
			found = append(found, finding("time-type", Bad, fmt.Sprintf("The claim %s is not a number.", claim),
				"Write it as whole seconds since 1970, without quotes.")...)
		case b.millis(claim) && claim == "exp":
			found = append(found, finding("milliseconds", Warn, "The claim exp looks like milliseconds, so the token lives for thousands of years.",
				"Divide by 1000: times in tokens are whole seconds.")...)
		case b.millis(claim):
			found = append(found, finding("milliseconds", Bad, fmt.Sprintf("The claim %s looks like milliseconds, so it lies thousands of years ahead.", claim),
				"Divide by 1000: times in tokens are whole seconds.")...)
		}
	}
	c := b.claims
	switch {
	case c.Exp.IsZero() || len(c.Millis) > 0:
	case !c.Iat.IsZero() && !c.Exp.After(c.Iat):
		found = append(found, finding("order", Bad, "The token expires before it was issued.",
			"Make exp the sum of iat and the lifetime, in seconds.")...)
	case !c.Nbf.IsZero() && !c.Exp.After(c.Nbf):
		found = append(found, finding("order", Bad, "The token expires before it becomes valid.",
			"Put exp after nbf, or leave nbf out.")...)
	}
	return found
}

func checkExpiry(b bench) []Finding {
	exp := b.claims.Exp
	if b.err != nil || b.wrongType("exp") || b.claims.Server {
		return nil
	}
	if exp.IsZero() {
		return finding("no-expiry", Warn, "The token never expires.",
			"Give tokens an exp of an hour or so. A token that leaks is otherwise good for ever.")
	}
	left := exp.Sub(b.serverNow())
	switch {
	case left <= 0 && b.Arrived:
		return finding("expired-on-arrival", Bad, fmt.Sprintf("The source has just returned a token that expired %s ago.", Countdown(-left)),
			"Make the endpoint sign a new token on each call. It may hand out a cached one.")
	case left <= 0:
		return finding("expired", Bad, fmt.Sprintf("The token expired %s ago.", Countdown(-left)), "Get a new token.")
	case left <= Soon:
		return finding("expires-soon", Warn, fmt.Sprintf("The token expires in %s.", Countdown(left)), "Get a new token now.")
	}
	return nil
}

// checkStart looks for a token that is refused because it comes too early
// (codes 41 and 42).
func checkStart(b bench) []Finding {
	var found []Finding
	now := b.serverNow()
	clock, severity := "this machine's clock", Warn
	if b.SkewKnown {
		clock, severity = "Stream's clock", Bad
	}
	if at := b.claims.Nbf; at.After(now) && !b.millis("nbf") {
		found = append(found, finding("not-yet", Bad, fmt.Sprintf("The token becomes valid only in %s.", Countdown(at.Sub(now))),
			"Set the clock of the server that issues tokens, or leave nbf out.")...)
	}
	if at := b.claims.Iat; at.After(now) && !b.millis("iat") {
		found = append(found, finding("issued-in-future", severity, fmt.Sprintf("The token's iat is %s ahead of %s.", Countdown(at.Sub(now)), clock),
			"Date iat back by a few seconds when you make the token, and synchronise the clocks.")...)
	}
	return found
}

func checkClock(b bench) []Finding {
	if !b.SkewKnown || b.Skew.Abs() < SkewAlarm {
		return nil
	}
	where := "behind"
	if b.Skew < 0 {
		where = "ahead of"
	}
	return finding("clock-skew", Warn, fmt.Sprintf("This machine's clock is %s %s Stream's.", b.Skew.Abs().Round(time.Second), where),
		"Switch on automatic time. Tokens that are signed here have the wrong times.")
}

// checkSource judges what will replace the token.
func checkSource(b bench) []Finding {
	switch {
	case b.Source == "secret":
		return finding("secret-source", Warn, "The token is signed here, with the app's secret.",
			"Do this for development only: the secret belongs on a backend.")
	case b.err != nil || b.claims.Exp.IsZero() || b.refreshable():
		return nil
	case b.UserType == "guest":
		return finding("guest-token", Warn, "The official client never refreshes a guest's token.",
			"Connect the guest again before the token expires.")
	case b.Source == "static":
		return finding("static", Warn, "The token is static: when it has expired, the next drop ends the session.",
			"Use a tokenProvider in the app, or --token-url or --token-cmd here.")
	}
	return nil
}

// checkLoads judges how the source behaves over several calls.
func checkLoads(b bench) []Finding {
	var found []Finding
	if b.Previous != "" && b.Previous == token.Raw(b.text).Fingerprint() {
		severity := Warn
		if exp := b.claims.Exp; !exp.IsZero() && !exp.After(b.serverNow()) {
			severity = Bad
		}
		found = finding("same-token", severity, "The source returned the same token as before.",
			"Make the endpoint sign a new token on each call, and do not cache its answer.")
	}
	if b.LoadsPerMinute >= LoadAlarm {
		found = append(found, finding("load-rate", Warn, fmt.Sprintf("The token source was asked %d times in the last minute.", b.LoadsPerMinute),
			"Look for tokens that are refused each time: expired, cached or signed with another secret.")...)
	}
	return found
}
