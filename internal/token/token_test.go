package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func sign(t *testing.T, o Options) string {
	t.Helper()
	o.Now = now
	raw, err := Sign("the-secret", o)
	if err != nil {
		t.Fatalf("a token can be signed: %v", err)
	}
	return raw
}

// build makes a token of a header and payload given as JSON text, unsigned.
func build(header, payload string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(header)) + "." + enc([]byte(payload)) + ".c2ln"
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func TestParseReadsWhatSignWrote(t *testing.T) {
	raw := sign(t, Options{UserID: "sara", TTL: time.Hour, Role: "admin", NotBefore: now, CallCIDs: []string{"default:a"}})
	c, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	c.All = nil
	want := Claims{
		Alg: "HS256", Type: "JWT", UserID: "sara", Role: "admin", CallCIDs: []string{"default:a"},
		Iat: now.Add(-time.Second), Exp: now.Add(time.Hour), Nbf: now, Alphabet: c.Alphabet,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("claims survive signing and parsing (-want +got):\n%s", diff)
	}
	if got := c.Lifetime(); got != time.Hour+time.Second {
		t.Errorf("lifetime counts from iat: got %v", got)
	}
}

func TestSignServerToken(t *testing.T) {
	c, err := Parse(sign(t, Options{Server: true}))
	if err != nil {
		t.Fatal(err)
	}
	want := []Claim{{"server", "true"}}
	if diff := cmp.Diff(want, c.All); diff != "" || !c.Server {
		t.Errorf("a server token holds server and no times, as node-sdk makes it:\n%s", diff)
	}
}

func TestSignExpired(t *testing.T) {
	c, err := Parse(sign(t, Options{UserID: "sara", TTL: -time.Minute}))
	if err != nil || !c.Exp.Equal(now.Add(-time.Minute)) || c.Lifetime() != time.Hour {
		t.Errorf("an expired token has lived before: %+v, %v", c, err)
	}
}

func TestSignRefuses(t *testing.T) {
	if _, err := Sign("", Options{UserID: "sara"}); err == nil {
		t.Error("an empty secret must not sign")
	}
	if _, err := Sign("s", Options{}); err == nil {
		t.Error("a user token needs a user id")
	}
}

func TestParseErrors(t *testing.T) {
	enc := base64.RawURLEncoding.EncodeToString
	tests := map[string]struct {
		raw  string
		part string
		kind error
	}{
		"nothing":                 {"", "token", ErrEmpty},
		"two parts":               {"a.b", "token", ErrSegments},
		"five parts":              {"a.b.c.d.e", "token", ErrSegments},
		"header not base64":       {"!!." + enc([]byte("{}")) + ".x", "header", ErrBase64},
		"header not JSON":         {enc([]byte("alg")) + ".e30.x", "header", ErrJSON},
		"header a list":           {build(`["HS256"]`, `{}`), "header", ErrJSON},
		"header without alg":      {build(`{"typ":"JWT"}`, `{}`), "header", ErrHeader},
		"payload not base64":      {enc([]byte(hs256)) + ".%%.x", "payload", ErrBase64},
		"payload cut short":       {build(hs256, `{"user_id":"sa`), "payload", ErrJSON},
		"payload with a tail":     {build(hs256, `{} {}`), "payload", ErrJSON},
		"payload null":            {build(hs256, `null`), "payload", ErrJSON},
		"signature not base64":    {strings.TrimSuffix(build(hs256, `{}`), "c2ln") + "*", "signature", ErrBase64},
		"line break in a segment": {build(hs256, `{}`) + "\n", "signature", ErrBase64},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(tt.raw)
			parse, ok := errors.AsType[*ParseError](err)
			if !ok {
				t.Fatalf("a typed error is returned, got %v", err)
			}
			if parse.Part != tt.part || !errors.Is(err, tt.kind) {
				t.Errorf("got part %s and %v, want %s and %v", parse.Part, parse.Kind, tt.part, tt.kind)
			}
			if parse.Error() == "" || !strings.HasPrefix(parse.Error(), "token: ") {
				t.Errorf("the text names the package: %q", parse.Error())
			}
		})
	}
}

func TestParseOddClaims(t *testing.T) {
	tests := map[string]struct {
		payload string
		check   func(Claims) bool
	}{
		"exp in milliseconds": {`{"exp":1767323045000}`, func(c Claims) bool { return len(c.Millis) == 1 && c.Millis[0] == "exp" }},
		"exp in seconds":      {`{"exp":1767323045}`, func(c Claims) bool { return c.Millis == nil && c.Exp.Equal(now) }},
		"exp as text":         {`{"exp":"soon"}`, func(c Claims) bool { return c.Exp.IsZero() && cmp.Equal(c.WrongType, []string{"exp"}) }},
		"exp null":            {`{"exp":null}`, func(c Claims) bool { return c.Exp.IsZero() && c.Has("exp") && c.WrongType == nil }},
		"exp absurd":          {`{"exp":1e300}`, func(c Claims) bool { return c.Exp.Year() > 10000 }},
		"exp zero":            {`{"exp":0}`, func(c Claims) bool { return !c.Exp.IsZero() && c.Exp.Unix() == 0 }},
		"user id a number":    {`{"user_id":7}`, func(c Claims) bool { return c.UserID == "" && cmp.Equal(c.WrongType, []string{"user_id"}) }},
		"url alphabet":        {`{"user_id":"user~~~"}`, func(c Claims) bool { return c.Alphabet == URLAlphabet }},
		"order kept": {`{"b": 1, "a":{"x": [1, 2]}}`, func(c Claims) bool {
			return cmp.Equal(c.All, []Claim{{"b", "1"}, {"a", `{"x":[1,2]}`}})
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Parse(build(hs256, tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(c) {
				t.Errorf("not read as expected: %+v", c)
			}
		})
	}
}

func TestParseStandardAlphabet(t *testing.T) {
	enc := base64.StdEncoding.EncodeToString
	c, err := Parse(enc([]byte(hs256)) + "." + enc([]byte(`{"user_id":"user~~~"}`)) + ".c2ln")
	if err != nil || c.UserID != "user~~~" || c.Alphabet != StandardAlphabet {
		t.Errorf("padded standard base64 is read and reported: %+v, %v", c, err)
	}
}

func TestVerify(t *testing.T) {
	raw := sign(t, Options{UserID: "sara", TTL: -time.Hour})
	tests := map[string]struct {
		raw, secret string
		want        error
	}{
		"right secret, expired": {raw, "the-secret", nil},
		"wrong secret":          {raw, "another", ErrSignature},
		"empty secret":          {raw, "", ErrSignature},
		"changed payload":       {build(hs256, `{"user_id":"sara"}`), "the-secret", ErrSignature},
		"alg none":              {build(`{"alg":"none"}`, `{}`), "the-secret", ErrAlgorithm},
		"alg RS256":             {build(`{"alg":"RS256"}`, `{}`), "the-secret", ErrAlgorithm},
		"no token":              {"a.b", "the-secret", ErrSegments},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := Verify(tt.raw, tt.secret); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestMask(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"empty":          {"", ""},
		"token":          {"eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.abcdefa1b2c3", "eyJ….….…a1b2c3"},
		"bearer":         {"Bearer eyJhbGciOiJIUzI1NiJ9.e30.abcdefa1b2c3", "Bearer eyJ….….…a1b2c3"},
		"short":          {"hunter2", "…"},
		"short, dotted":  {"a.b.c", "….….…"},
		"secret":         {"k9dj3nf8s7dh2b4v5n6m7l8k", "…6m7l8k"},
		"many dots":      {strings.Repeat("a.", 40), "….….….….….…"},
		"control at end": {"eyJhbGciOiJIUzI1NiJ9.e30.abc\x1b[2J", "eyJ….….…bc?[2J"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Mask(tt.raw); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMaskIn(t *testing.T) {
	raw := "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.abcdefa1b2c3"
	tests := map[string]struct{ text, want string }{
		"nothing":  {"no token here", "no token here"},
		"json":     {`{"token":"` + raw + `","n":1}`, `{"token":"eyJ….….…a1b2c3","n":1}`},
		"two":      {raw + " " + raw, "eyJ….….…a1b2c3 eyJ….….…a1b2c3"},
		"not one":  {"eyJhbGci is a start", "eyJhbGci is a start"},
		"unsigned": {"x eyJhbGciOiJub25lIn0.eyJhIjoxfQ. y", "x eyJ….….… y"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := MaskIn(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRawNeverPrintsItself(t *testing.T) {
	const text = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.abcdefa1b2c3"
	r := Raw(text)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", r, "in", struct{ T Raw }{r})
	asJSON, _ := json.Marshal(map[string]any{"t": r, "l": []Raw{r}})
	outputs := map[string]string{
		"slog": log.String(), "json": string(asJSON),
		"struct": fmt.Sprintf("%v %+v %#v", struct{ T Raw }{r}, struct{ T *Raw }{&r}, struct{ T Raw }{r}),
		"error":  fmt.Errorf("bad %w: %v", errors.New("x"), r).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%-80s", "%T %v"} {
		outputs[verb] = strings.ReplaceAll(fmt.Sprintf(verb, r), "%!", "")
	}
	for name, out := range outputs {
		if strings.Contains(out, "sYXJh") || strings.Contains(out, "c2FyYSJ9") || strings.Contains(out, fmt.Sprintf("%x", text)[:20]) {
			t.Errorf("%s shows the token: %s", name, out)
		}
	}
	if r.Reveal() != text {
		t.Error("Reveal gives the token")
	}
	if Raw("").Fingerprint() != "" || len(r.Fingerprint()) != 8 || r.Fingerprint() == Raw(text+"x").Fingerprint() {
		t.Error("fingerprints tell tokens apart")
	}
}

func TestRawDecodesAsText(t *testing.T) {
	var v struct{ T Raw }
	if err := json.Unmarshal([]byte(`{"T":"a.b.c"}`), &v); err != nil || v.T.Reveal() != "a.b.c" {
		t.Errorf("a Raw is read as a plain string: %q, %v", v.T.Reveal(), err)
	}
}

func TestUnwrap(t *testing.T) {
	tests := map[string]struct {
		raw  string
		want string
		w    Wrapping
	}{
		"clean":          {"a.b.c", "a.b.c", Wrapping{}},
		"newline":        {"a.b.c\n", "a.b.c", Wrapping{Space: true}},
		"quotes":         {`"a.b.c"`, "a.b.c", Wrapping{Quotes: true}},
		"escaped quotes": {`\"a.b.c\"`, "a.b.c", Wrapping{Quotes: true}},
		"bearer":         {"Bearer a.b.c", "a.b.c", Wrapping{Bearer: true}},
		"all of them":    {" \"bearer  a.b.c\"\n", "a.b.c", Wrapping{Space: true, Quotes: true, Bearer: true}},
		"folded lines":   {"a.\n  b.c", "a.b.c", Wrapping{Inside: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, w := Unwrap(tt.raw)
			if got != tt.want || w != tt.w {
				t.Errorf("got %q %+v, want %q %+v", got, w, tt.want, tt.w)
			}
			if w.Any() != (tt.w != Wrapping{}) {
				t.Error("Any tells whether something was found")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", build(hs256, `{"user_id":"sara","exp":1}`), build(hs256, `{"exp":1e400,"exp":[]}`), build(`{}`, `{}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := Parse(raw)
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("every failure is typed, got %T", err)
			}
			return
		}
		if c.Alg == "" || strings.Count(raw, ".") != 2 {
			t.Fatalf("an accepted token has three parts and an algorithm: %q", raw)
		}
		for _, claim := range c.All {
			if !json.Valid([]byte(claim.Value)) {
				t.Fatalf("claim values are JSON: %q", claim.Value)
			}
		}
		for _, r := range Mask(raw) {
			if r < ' ' || r == 0x7f {
				t.Fatalf("a mask has no control characters: %q", Mask(raw))
			}
		}
		_ = c.Exp.Sub(c.Iat)
	})
}
