package explain

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"streamscope/internal/token"
)

const secret = "a-secret-for-tests-only"

func signed(t *testing.T, o token.Options) string {
	t.Helper()
	o.Now = noon
	if o.UserID == "" && !o.Server {
		o.UserID = "sara"
	}
	raw, err := token.Sign(secret, o)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func made(header, payload string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(header)) + "." + enc([]byte(payload)) + ".c2lnbmF0dXJl"
}

// payload makes an unsigned token with claims that need nothing else.
func payload(claims string) string { return made(`{"alg":"HS256","typ":"JWT"}`, claims) }

func find(r TokenReport, id string) (Finding, bool) {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.ID == id })
	if i < 0 {
		return Finding{}, false
	}
	return r.Findings[i], true
}

// Every finding with a token that causes it and one that differs in that point
// only and does not.
func TestFindings(t *testing.T) {
	good := signed(t, token.Options{TTL: time.Hour})
	prove := func(o TokenOptions) TokenOptions { o.Now = noon; return o }
	at := func(s int) int64 { return noon.Unix() + int64(s) }
	type side struct {
		raw string
		o   TokenOptions
	}
	with := func(raw string, o TokenOptions) side { return side{raw, prove(o)} }
	viewer := TokenOptions{UserType: "anonymous"}
	tests := []struct {
		id          string
		severity    Severity
		has, hasNot side
	}{
		{"empty", Bad, with("", TokenOptions{}), with(good, TokenOptions{})},
		{"no-token", Note, with("", viewer), with(good, viewer)},
		{"segments", Bad, with("abc.def", TokenOptions{}), with(good, TokenOptions{})},
		{"base64", Bad, with("!!!"+good[strings.IndexByte(good, '.'):], TokenOptions{}), with(good, TokenOptions{})},
		{"json", Bad, with(payload(`{"user_id":"sa`), TokenOptions{}), with(good, TokenOptions{})},
		{"header", Bad, with(made(`{"typ":"JWT"}`, `{}`), TokenOptions{}), with(good, TokenOptions{})},
		{"quotes", Bad, with(`"`+good+`"`, TokenOptions{}), with(good, TokenOptions{})},
		{"bearer", Bad, with("Bearer "+good, TokenOptions{}), with(good, TokenOptions{})},
		{"space", Warn, with(good+"\n", TokenOptions{}), with(good, TokenOptions{})},
		{"space-inside", Bad, with(good[:20]+"\n"+good[20:], TokenOptions{}), with(good+"\n", TokenOptions{})},
		{"algorithm", Bad, with(made(`{"alg":"RS256"}`, `{"user_id":"sara"}`), TokenOptions{}), with(good, TokenOptions{})},
		{"type", Note, with(made(`{"alg":"HS256"}`, `{"user_id":"sara"}`), TokenOptions{}), with(good, TokenOptions{})},
		{"alphabet", Bad, with(good+"==", TokenOptions{}), with(good, TokenOptions{})},
		{"client-decoder", Warn, with(payload(`{"user_id":"user~~~"}`), TokenOptions{}), with(payload(`{"user_id":"user"}`), TokenOptions{})},
		{"user-id-ascii", Warn, with(payload(`{"user_id":"josé"}`), TokenOptions{}), with(payload(`{"user_id":"jose"}`), TokenOptions{})},
		{"signature", Bad, with(good, TokenOptions{Secret: "another"}), with(good, TokenOptions{Secret: secret})},
		{"signature-ok", Note, with(good, TokenOptions{Secret: secret}), with(good, TokenOptions{})},
		{"demo-token", Warn, with(payload(`{"user_id":"sara","iss":"https://pronto.getstream.io"}`), TokenOptions{}), with(payload(`{"user_id":"sara","iss":"https://example.test"}`), TokenOptions{})},
		{"user-id-type", Bad, with(payload(`{"user_id":7}`), TokenOptions{}), with(payload(`{"user_id":"7"}`), TokenOptions{})},
		{"sub-instead", Bad, with(payload(`{"sub":"sara"}`), TokenOptions{}), with(payload(`{"sub":"sara","user_id":"sara"}`), TokenOptions{})},
		{"user-id-missing", Bad, with(payload(`{}`), TokenOptions{}), with(good, TokenOptions{})},
		{"user-mismatch", Bad, with(good, TokenOptions{UserID: "jack"}), with(good, TokenOptions{UserID: "sara"})},
		{"server-token", Bad, with(signed(t, token.Options{Server: true}), TokenOptions{}), with(good, TokenOptions{})},
		{"time-type", Bad, with(payload(`{"user_id":"sara","exp":"soon"}`), TokenOptions{}), with(good, TokenOptions{})},
		{"milliseconds", Warn, with(payload(fmt.Sprintf(`{"user_id":"sara","exp":%d}`, at(60)*1000)), TokenOptions{}), with(payload(fmt.Sprintf(`{"user_id":"sara","exp":%d}`, at(60))), TokenOptions{})},
		{"milliseconds", Bad, with(payload(fmt.Sprintf(`{"user_id":"sara","iat":%d}`, at(0)*1000)), TokenOptions{}), with(good, TokenOptions{})},
		{"order", Bad, with(payload(fmt.Sprintf(`{"user_id":"sara","iat":%d,"exp":%d}`, at(-5), at(-10))), TokenOptions{}), with(payload(fmt.Sprintf(`{"user_id":"sara","iat":%d,"exp":%d}`, at(-10), at(-5))), TokenOptions{})},
		{"order", Bad, with(payload(fmt.Sprintf(`{"user_id":"sara","nbf":%d,"exp":%d}`, at(20), at(10))), TokenOptions{}), with(payload(fmt.Sprintf(`{"user_id":"sara","nbf":%d,"exp":%d}`, at(10), at(20))), TokenOptions{})},
		{"no-expiry", Warn, with(signed(t, token.Options{}), TokenOptions{}), with(good, TokenOptions{})},
		{"expired", Bad, with(signed(t, token.Options{TTL: -time.Second}), TokenOptions{}), with(signed(t, token.Options{TTL: time.Second}), TokenOptions{})},
		{"expired", Bad, with(good, TokenOptions{SkewKnown: true, Skew: 2 * time.Hour}), with(good, TokenOptions{Skew: 2 * time.Hour})},
		{"expired-on-arrival", Bad, with(signed(t, token.Options{TTL: -time.Minute}), TokenOptions{Arrived: true}), with(signed(t, token.Options{TTL: -time.Minute}), TokenOptions{})},
		{"expires-soon", Warn, with(signed(t, token.Options{TTL: time.Minute}), TokenOptions{}), with(signed(t, token.Options{TTL: 61 * time.Second}), TokenOptions{})},
		{"not-yet", Bad, with(signed(t, token.Options{NotBefore: noon.Add(time.Second)}), TokenOptions{}), with(signed(t, token.Options{NotBefore: noon}), TokenOptions{})},
		{"issued-in-future", Warn, with(signed(t, token.Options{IssuedAt: noon.Add(5 * time.Second)}), TokenOptions{}), with(signed(t, token.Options{IssuedAt: noon}), TokenOptions{})},
		{"issued-in-future", Bad, with(signed(t, token.Options{IssuedAt: noon}), TokenOptions{SkewKnown: true, Skew: -3 * time.Second}), with(signed(t, token.Options{IssuedAt: noon}), TokenOptions{SkewKnown: true, Skew: 3 * time.Second})},
		{"clock-skew", Warn, with(good, TokenOptions{SkewKnown: true, Skew: 5 * time.Second}), with(good, TokenOptions{SkewKnown: true, Skew: -4 * time.Second})},
		{"call-cids-missing", Bad, with(good, viewer), with(signed(t, token.Options{CallCIDs: []string{"livestream:1"}}), viewer)},
		{"call-cids-type", Bad, with(payload(`{"user_id":"sara","call_cids":"livestream:1"}`), TokenOptions{}), with(payload(`{"user_id":"sara","call_cids":["livestream:1"]}`), TokenOptions{})},
		{"call-cid-shape", Warn, with(signed(t, token.Options{CallCIDs: []string{"1"}}), viewer), with(signed(t, token.Options{CallCIDs: []string{"livestream:1"}}), viewer)},
		{"call-not-covered", Bad, with(signed(t, token.Options{CallCIDs: []string{"a:1"}}), TokenOptions{CallCID: "a:2"}), with(signed(t, token.Options{CallCIDs: []string{"a:1"}}), TokenOptions{CallCID: "a:1"})},
		{"anonymous", Note, with(good, viewer), with(good, TokenOptions{})},
		{"secret-source", Warn, with(good, TokenOptions{Source: "secret"}), with(good, TokenOptions{Source: "http"})},
		{"static", Warn, with(good, TokenOptions{Source: "static"}), with(good, TokenOptions{Source: "http"})},
		{"static", Warn, with(good, TokenOptions{Source: "static"}), with(signed(t, token.Options{}), TokenOptions{Source: "static"})},
		{"guest-token", Warn, with(good, TokenOptions{UserType: "guest"}), with(good, TokenOptions{})},
		{"same-token", Warn, with(good, TokenOptions{Previous: token.Raw(good).Fingerprint()}), with(good, TokenOptions{Previous: "00000000"})},
		{"same-token", Bad, with(signed(t, token.Options{TTL: -time.Second}), TokenOptions{Previous: token.Raw(signed(t, token.Options{TTL: -time.Second})).Fingerprint()}), with(good, TokenOptions{})},
		{"load-rate", Warn, with(good, TokenOptions{LoadsPerMinute: 6}), with(good, TokenOptions{LoadsPerMinute: 5})},
	}
	caused := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			r := Token(tt.has.raw, tt.has.o)
			f, ok := find(r, tt.id)
			if !ok || f.Severity != tt.severity {
				t.Fatalf("the finding is made with severity %s, got %v", tt.severity, r.Findings)
			}
			if tt.severity == Bad && r.OK() {
				t.Errorf("a token with a bad finding is not ok: %s %q", r.Summary.Verdict, r.Sentence)
			}
			if _, ok := find(Token(tt.hasNot.raw, tt.hasNot.o), tt.id); ok {
				t.Error("the finding is not made without its cause")
			}
			checkSentence(t, tt.id+" text", f.Text, 160)
			checkSentence(t, tt.id+" fix", f.Fix, 160)
		})
		caused[tt.id] = true
	}
	if len(caused) < 36 {
		t.Errorf("every finding has a case, got %d", len(caused))
	}
}

func TestTokenOfAWorkingApp(t *testing.T) {
	raw := signed(t, token.Options{TTL: time.Hour})
	r := Token(raw, TokenOptions{Now: noon, UserID: "sara", Source: "http", Secret: secret, Arrived: true, SkewKnown: true})
	if !r.OK() || r.Summary.Verdict != VerdictRefreshes || r.Signature != SignatureOK {
		t.Errorf("a good token from a provider is found good: %+v", r)
	}
	for _, f := range r.Findings {
		if f.Severity != Note {
			t.Errorf("there is nothing to complain about, got %+v", f)
		}
	}
	notes := map[string]string{}
	for _, c := range r.Claims {
		notes[c.Name] = c.Note
	}
	if notes["exp"] != "2026-01-02 13:00:00 UTC, in 1:00:00" || notes["user_id"] != "the user that connects" {
		t.Errorf("claims are explained: %v", notes)
	}
}

// The worst comes first, and the verdict is about it.
func TestTokenVerdictNamesTheWorst(t *testing.T) {
	raw := signed(t, token.Options{TTL: time.Hour})
	tests := map[string]struct {
		raw  string
		o    TokenOptions
		kind VerdictKind
		want string
	}{
		"wrong secret":       {raw, TokenOptions{Secret: "another"}, VerdictInvalid, "The token was not signed with this secret."},
		"quotes":             {`"` + raw + `"`, TokenOptions{Source: "http"}, VerdictInvalid, "There are quotation marks around the token."},
		"expired and static": {signed(t, token.Options{TTL: -time.Minute}), TokenOptions{Source: "static"}, VerdictExpired, "Static token: it expired 01:00 ago, and this session cannot recover from the next drop."},
		"one part":           {"hello", TokenOptions{}, VerdictInvalid, "This is not a token: it has 1 part between dots, and a token has three."},
		"wrong user":         {raw, TokenOptions{UserID: "jack", Secret: "another"}, VerdictInvalid, `The token is for "sara", not for "jack".`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.o.Now = noon
			r := Token(tt.raw, tt.o)
			if r.Summary.Verdict != tt.kind || r.Sentence != tt.want {
				t.Errorf("got %s %q, want %s %q", r.Summary.Verdict, r.Sentence, tt.kind, tt.want)
			}
			if len(r.Findings) == 0 || r.Findings[0].Severity != Bad {
				t.Errorf("the worst finding is first: %v", r.Findings)
			}
		})
	}
}

func TestTokenJSON(t *testing.T) {
	raw := signed(t, token.Options{TTL: -12 * time.Second})
	text, err := json.Marshal(Token(raw, TokenOptions{Now: noon, UserID: "sara", Source: "static"}))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"schema_version": 1.0, "ok": false, "source": "static", "user_id": "sara",
		"expires_at": "2026-01-02T11:59:48Z", "expires_in_s": -12.0, "verdict": "expired", "signature": "not verified"}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %v in the document, got %v", key, value, got[key])
		}
	}
	if strings.Contains(string(text), raw[strings.LastIndexByte(raw, '.')+1:]) {
		t.Error("the document does not hold the token")
	}
	never, _ := json.Marshal(Token("", TokenOptions{Now: noon}))
	for _, part := range []string{`"expires_at":null`, `"expires_in_s":null`, `"claims":[]`} {
		if !strings.Contains(string(never), part) {
			t.Errorf("what is not known is null or empty: %s in %s", part, never)
		}
	}
}

func TestTokenText(t *testing.T) {
	raw := signed(t, token.Options{TTL: 4*time.Minute + 12*time.Second})
	got := Token(raw, TokenOptions{Now: noon, UserID: "sara", Source: "static"}).Text(80)
	want := `Static token: this session cannot recover when it expires in 04:12.

warn     The token is static: when it has expired, the next drop ends the
         session. Use a tokenProvider in the app, or --token-url or --token-cmd
         here.

token ` + token.Mask(raw) + `, signature not verified
  alg      "HS256"
  typ      "JWT"
  exp      1767355452  (2026-01-02 12:04:12 UTC, in 04:12)
  iat      1767355199  (2026-01-02 11:59:59 UTC, 00:01 ago)
  user_id  "sara"  (the user that connects)`
	if got != want {
		t.Errorf("the report at 80 columns, got\n%s\nwant\n%s", got, want)
	}
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", payload(`{"user_id":"x","exp":1e300,"iat":-1e300}`), `"Bearer ` + payload(`{"user_id":"\u009b2J"}`)} {
		f.Add(seed, "sara")
	}
	f.Fuzz(func(t *testing.T, raw, user string) {
		r := Token(raw, TokenOptions{Now: noon, UserID: user, Source: "static", CallCID: user, Secret: "s", SkewKnown: true})
		if _, err := json.Marshal(r); err != nil {
			t.Fatalf("every report can be written: %v", err)
		}
		for _, c := range r.Text(80) {
			if c < ' ' && c != '\n' || c == 0x7f || c >= 0x80 && c < 0xa0 {
				t.Fatalf("nothing from a token reaches the terminal unclean: %q", r.Text(80))
			}
		}
		if r.Sentence == "" {
			t.Fatal("there is always a verdict")
		}
	})
}
