package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// VerdictKind is the one word about a token.
type VerdictKind string

// The verdicts.
const (
	// VerdictOK is a token that is good now, and about whose end nothing bad is
	// known.
	VerdictOK VerdictKind = "ok"
	// VerdictRefreshes is good now and will be replaced when it expires.
	VerdictRefreshes VerdictKind = "refreshes"
	// VerdictExpiring expires within a minute, and will then be replaced.
	VerdictExpiring VerdictKind = "expiring"
	// VerdictExpired is over.
	VerdictExpired VerdictKind = "expired"
	// VerdictNotYet is refused now and will be good later.
	VerdictNotYet VerdictKind = "not-yet"
	// VerdictInvalid will never be accepted for this user.
	VerdictInvalid VerdictKind = "invalid"
	// VerdictCannotRecover is good now, but nothing will replace it.
	VerdictCannotRecover VerdictKind = "cannot-recover"
	// VerdictNoToken is an anonymous user without one, which is allowed.
	VerdictNoToken VerdictKind = "no-token"
)

// OK reports whether a connection with the token can work now.
func (k VerdictKind) OK() bool {
	switch k {
	case VerdictExpired, VerdictNotYet, VerdictInvalid:
		return false
	}
	return true
}

// Severity says how much the verdict matters: a token that works now and will
// not be replaced is a warning, long before it expires.
func (k VerdictKind) Severity() Severity {
	switch k {
	case VerdictOK, VerdictRefreshes, VerdictNoToken:
		return Note
	case VerdictCannotRecover, VerdictExpiring:
		return Warn
	}
	return Bad
}

// Verdict is the judgement of a token: one word, and one sentence that is true
// at the moment for which it was made.
type Verdict struct {
	Kind     VerdictKind `json:"kind"`
	Sentence string      `json:"sentence"`
}

// Soon is how long before its end a token counts as expiring; the token pane
// changes colour at the same time (design.md 5).
const Soon = time.Minute

// TokenFacts are what a verdict needs to know; all of it can be had from a
// recording, without the token.
type TokenFacts struct {
	NoToken   bool   // there is no token at all
	Malformed string // why it cannot be read, in a few words or a sentence; empty if it can be
	// Undecodable is not empty when the decoder of the official JS client fails
	// on the token (K20), so that a session which behaves like it refuses it.
	Undecodable string

	UserID    string // the claim
	IssuedAt  time.Time
	ExpiresAt time.Time // zero: never
	NotBefore time.Time
	CallCIDs  []string
	Server    bool // a server-side token

	ForUser     string // the user that connects; empty: not compared
	UserType    string // authenticated, guest, anonymous; empty: authenticated
	Source      string // static, http, exec, file, secret; empty: not known
	Refreshable bool   // the source can give another token
	// RenewBefore is how long before its expiry the app renews a token; zero: it
	// leaves that to the client, or that is not known.
	RenewBefore time.Duration
	Now         time.Time
	Skew        time.Duration // the service's clock minus ours; zero if not known
}

// TokenVerdict judges a token in one sentence. It is cheap enough to be called
// every second, and says what will happen before it happens.
func TokenVerdict(f TokenFacts) Verdict {
	if v, bad := f.invalid(); bad {
		return v
	}
	now := f.Now.Add(f.Skew)
	left := f.ExpiresAt.Sub(now)
	switch {
	case !f.ExpiresAt.IsZero() && left <= 0:
		return f.expired(-left)
	case f.NotBefore.After(now):
		return verdict(VerdictNotYet, "Stream refuses this token with code 41 for another %s.", Countdown(f.NotBefore.Sub(now)))
	case f.IssuedAt.After(now):
		return verdict(VerdictNotYet, "The token is dated %s into the future, and Stream refuses it with code 42 until then.", Countdown(f.IssuedAt.Sub(now)))
	case f.UserType == "anonymous":
		return f.anonymous(left)
	case f.ExpiresAt.IsZero():
		return verdict(VerdictOK, "This token never expires.")
	case f.Refreshable && f.RenewBefore > 0 && left > f.RenewBefore:
		return verdict(VerdictRefreshes, "The app renews the token %d s before it expires.", f.RenewBefore/time.Second)
	case f.Refreshable && left <= Soon:
		return verdict(VerdictExpiring, "The token expires in %s; the client fetches the next one only after Stream has refused this one.", Countdown(left))
	case f.Refreshable:
		return verdict(VerdictRefreshes, "The token expires in %s, and the client then fetches a new one.", Countdown(left))
	case f.UserType == "guest":
		return verdict(VerdictCannotRecover, "Guest token: this session cannot recover when it expires in %s.", Countdown(left))
	case f.Source == "":
		return verdict(VerdictOK, "The token is good for another %s.", Countdown(left))
	}
	return verdict(VerdictCannotRecover, "Static token: this session cannot recover when it expires in %s.", Countdown(left))
}

func verdict(kind VerdictKind, format string, args ...any) Verdict {
	return Verdict{Kind: kind, Sentence: fmt.Sprintf(format, args...)}
}

// invalid finds what no time can heal.
func (f TokenFacts) invalid() (Verdict, bool) {
	switch {
	case f.NoToken && f.UserType == "anonymous":
		return verdict(VerdictNoToken, "Anonymous users need no token to read what is public, and they have no socket."), true
	case f.NoToken:
		return verdict(VerdictInvalid, "There is no token."), true
	case f.Malformed != "":
		return Verdict{VerdictInvalid, unreadable(f.Malformed)}, true
	case f.Server && f.UserID == "":
		return verdict(VerdictInvalid, "This is a server token: no user can connect with it."), true
	case f.UserID == "":
		return verdict(VerdictInvalid, "The token names no user_id, so no user can connect with it."), true
	case f.ForUser != "" && f.UserType != "anonymous" && f.ForUser != f.UserID:
		return verdict(VerdictInvalid, "The token is for %s, not for %s.", quoted(f.UserID), quoted(f.ForUser)), true
	}
	if f.Undecodable != "" {
		return verdict(VerdictInvalid, "The token is correct, but the official JS client cannot decode it and refuses it (K20)."), true
	}
	return Verdict{}, false
}

// unreadable makes a sentence of why a token cannot be read.
func unreadable(why string) string {
	why = clean(why)
	if strings.HasSuffix(why, ".") {
		return why
	}
	return "The token cannot be read: " + strings.TrimPrefix(why, "token: ") + "."
}

func (f TokenFacts) expired(ago time.Duration) Verdict {
	switch {
	case f.Refreshable:
		return verdict(VerdictExpired, "The token expired %s ago; Stream refuses it, and the client then fetches a new one.", Countdown(ago))
	case f.UserType == "guest":
		return verdict(VerdictExpired, "Guest token: it expired %s ago, and this session cannot recover from the next drop.", Countdown(ago))
	case f.Source == "":
		return verdict(VerdictExpired, "The token expired %s ago.", Countdown(ago))
	}
	return verdict(VerdictExpired, "Static token: it expired %s ago, and this session cannot recover from the next drop.", Countdown(ago))
}

// anonymous words the verdict of a user who has no socket.
func (f TokenFacts) anonymous(left time.Duration) Verdict {
	switch {
	case len(f.CallCIDs) == 0:
		return verdict(VerdictInvalid, "An anonymous user's token must name the calls that it opens in call_cids, and this one names none.")
	case f.ExpiresAt.IsZero():
		return verdict(VerdictOK, "Anonymous: no socket by design, and the token opens %s for ever.", calls(len(f.CallCIDs)))
	}
	return verdict(VerdictOK, "Anonymous: no socket by design, and the token opens %s for another %s.", calls(len(f.CallCIDs)), Countdown(left))
}

func calls(n int) string {
	if n == 1 {
		return "1 call"
	}
	return strconv.Itoa(n) + " calls"
}

// Countdown writes a duration as people read clocks: 00:42, 04:12, 1:04:12,
// 3 days. It counts whole seconds that are over or left, as the countdowns on
// the screen do, so that two of them side by side agree.
func Countdown(d time.Duration) string {
	if d > 100*365*24*time.Hour {
		return "more than 100 years"
	}
	seconds := int64(max(d, 0) / time.Second)
	switch hours := seconds / 3600; {
	case hours >= 48:
		return strconv.FormatInt(hours/24, 10) + " days"
	case hours > 0:
		return fmt.Sprintf("%d:%02d:%02d", hours, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}

// quoted shows an id from outside: cleaned, cut and in quotes.
func quoted(s string) string {
	const longest = 48
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest-1]) + "…"
	}
	return `"` + strings.ReplaceAll(clean(s), `"`, "'") + `"`
}
