package explain

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestTokenVerdict(t *testing.T) {
	in := func(d time.Duration) time.Time { return noon.Add(d) }
	base := TokenFacts{UserID: "sara", ForUser: "sara", Now: noon, IssuedAt: in(-time.Hour)}
	with := func(change func(*TokenFacts)) TokenFacts { f := base; change(&f); return f }
	tests := map[string]struct {
		facts TokenFacts
		kind  VerdictKind
		want  string
	}{
		"static, before the end": {with(func(f *TokenFacts) { f.Source = "static"; f.ExpiresAt = in(4*time.Minute + 12*time.Second) }),
			VerdictCannotRecover, "Static token: this session cannot recover when it expires in 04:12."},
		"static, a second left": {with(func(f *TokenFacts) { f.Source = "static"; f.ExpiresAt = in(time.Second) }),
			VerdictCannotRecover, "Static token: this session cannot recover when it expires in 00:01."},
		"static, at the end": {with(func(f *TokenFacts) { f.Source = "static"; f.ExpiresAt = noon }),
			VerdictExpired, "Static token: it expired 00:00 ago, and this session cannot recover from the next drop."},
		"static, never": {with(func(f *TokenFacts) { f.Source = "static" }), VerdictOK, "This token never expires."},
		"provider, before": {with(func(f *TokenFacts) { f.Refreshable = true; f.ExpiresAt = in(time.Hour) }),
			VerdictRefreshes, "The token expires in 1:00:00, and the client then fetches a new one."},
		"provider, soon": {with(func(f *TokenFacts) { f.Refreshable = true; f.ExpiresAt = in(time.Minute) }),
			VerdictExpiring, "The token expires in 01:00; the client fetches the next one only after Stream has refused this one."},
		"provider, just not soon": {with(func(f *TokenFacts) { f.Refreshable = true; f.ExpiresAt = in(time.Minute + 1) }),
			VerdictRefreshes, "The token expires in 01:00, and the client then fetches a new one."},
		"renewed by the app": {with(func(f *TokenFacts) {
			f.Refreshable, f.RenewBefore, f.ExpiresAt = true, 10*time.Second, in(50*time.Second)
		}), VerdictRefreshes, "The app renews the token 10 s before it expires."},
		"not renewed in time": {with(func(f *TokenFacts) {
			f.Refreshable, f.RenewBefore, f.ExpiresAt = true, 10*time.Second, in(9*time.Second)
		}), VerdictExpiring, "The token expires in 00:09; the client fetches the next one only after Stream has refused this one."},
		"provider, over": {with(func(f *TokenFacts) { f.Refreshable = true; f.ExpiresAt = in(-12 * time.Second) }),
			VerdictExpired, "The token expired 00:12 ago; Stream refuses it, and the client then fetches a new one."},
		"guest": {with(func(f *TokenFacts) { f.UserType = "guest"; f.ExpiresAt = in(time.Hour) }),
			VerdictCannotRecover, "Guest token: this session cannot recover when it expires in 1:00:00."},
		"guest, over": {with(func(f *TokenFacts) { f.UserType = "guest"; f.ExpiresAt = in(-time.Hour) }),
			VerdictExpired, "Guest token: it expired 1:00:00 ago, and this session cannot recover from the next drop."},
		"pasted": {with(func(f *TokenFacts) { f.ExpiresAt = in(72 * time.Hour) }),
			VerdictOK, "The token is good for another 3 days."},
		"pasted, over": {with(func(f *TokenFacts) { f.ExpiresAt = in(-time.Minute) }), VerdictExpired, "The token expired 01:00 ago."},
		"not yet": {with(func(f *TokenFacts) { f.NotBefore = in(time.Minute) }),
			VerdictNotYet, "Stream refuses this token with code 41 for another 01:00."},
		"issued ahead": {with(func(f *TokenFacts) { f.IssuedAt = in(5 * time.Second) }),
			VerdictNotYet, "The token is dated 00:05 into the future, and Stream refuses it with code 42 until then."},
		"issued ahead of us, not of Stream": {with(func(f *TokenFacts) { f.IssuedAt = in(5 * time.Second); f.Skew = 10 * time.Second }),
			VerdictOK, "This token never expires."},
		"over by Stream's clock only": {with(func(f *TokenFacts) { f.Source = "static"; f.ExpiresAt = in(5 * time.Second); f.Skew = 10 * time.Second }),
			VerdictExpired, "Static token: it expired 00:05 ago, and this session cannot recover from the next drop."},
		"another user": {with(func(f *TokenFacts) { f.ForUser = "jack" }), VerdictInvalid, `The token is for "sara", not for "jack".`},
		"a hostile user id": {with(func(f *TokenFacts) { f.ForUser = "a\x1b[2J\"b" }),
			VerdictInvalid, `The token is for "sara", not for "a\x1b[2J'b".`},
		"nobody":              {with(func(f *TokenFacts) { f.UserID = "" }), VerdictInvalid, "The token names no user_id, so no user can connect with it."},
		"server":              {with(func(f *TokenFacts) { f.UserID = ""; f.Server = true }), VerdictInvalid, "This is a server token: no user can connect with it."},
		"malformed":           {with(func(f *TokenFacts) { f.Malformed = "It is torn." }), VerdictInvalid, "It is torn."},
		"malformed, in words": {with(func(f *TokenFacts) { f.Malformed = "token: header: not\x1b base64" }), VerdictInvalid, `The token cannot be read: header: not\x1b base64.`},
		"undecodable":         {with(func(f *TokenFacts) { f.Undecodable = "x" }), VerdictInvalid, "The token is correct, but the official JS client cannot decode it and refuses it (K20)."},
		"none":                {with(func(f *TokenFacts) { f.NoToken = true }), VerdictInvalid, "There is no token."},
		"none, viewer":        {with(func(f *TokenFacts) { f.NoToken = true; f.UserType = "anonymous" }), VerdictNoToken, "Anonymous users need no token to read what is public, and they have no socket."},
		"viewer": {with(func(f *TokenFacts) {
			f.UserType, f.UserID, f.CallCIDs, f.ExpiresAt = "anonymous", "!anon", []string{"livestream:1"}, in(time.Hour)
		}),
			VerdictOK, "Anonymous: no socket by design, and the token opens 1 call for another 1:00:00."},
		"viewer for ever": {with(func(f *TokenFacts) { f.UserType, f.CallCIDs = "anonymous", []string{"a:1", "a:2"} }),
			VerdictOK, "Anonymous: no socket by design, and the token opens 2 calls for ever."},
		"viewer without calls": {with(func(f *TokenFacts) { f.UserType = "anonymous" }),
			VerdictInvalid, "An anonymous user's token must name the calls that it opens in call_cids, and this one names none."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := TokenVerdict(tt.facts)
			if got.Kind != tt.kind || got.Sentence != tt.want {
				t.Errorf("got %s %q,\nwant %s %q", got.Kind, got.Sentence, tt.kind, tt.want)
			}
			if got.Kind.OK() == (got.Kind.Severity() == Bad) {
				t.Errorf("only a verdict that is not ok is bad: %s is %s", got.Kind, got.Kind.Severity())
			}
			if !strings.HasSuffix(got.Sentence, ".") {
				t.Error("a verdict is a sentence")
			}
		})
	}
}

// A static token must be called what it is before it expires, not after: at
// every second of its last two hours the verdict is one of the two.
func TestStaticTokenIsJudgedInAdvance(t *testing.T) {
	f := TokenFacts{UserID: "sara", Source: "static", ExpiresAt: noon}
	for s := -7200; s <= 60; s++ {
		f.Now = noon.Add(time.Duration(s) * time.Second)
		want := VerdictCannotRecover
		if s >= 0 {
			want = VerdictExpired
		}
		if got := TokenVerdict(f); got.Kind != want || got.Kind.OK() != (s < 0) {
			t.Fatalf("%d s from its end: got %s, want %s", s, got.Kind, want)
		}
	}
}

func TestCountdown(t *testing.T) {
	tests := map[time.Duration]string{
		-time.Second: "00:00", 0: "00:00", time.Second - 1: "00:00", 83*time.Second + 900*time.Millisecond: "01:23", 42 * time.Second: "00:42", 252 * time.Second: "04:12",
		59*time.Minute + 59*time.Second + 1: "59:59", time.Hour: "1:00:00", 47 * time.Hour: "47:00:00", 48 * time.Hour: "2 days",
		1<<63 - 1: "more than 100 years",
	}
	for d, want := range tests {
		if got := Countdown(d); got != want {
			t.Errorf("%v reads %s, got %s", d, want, got)
		}
	}
}
