package token

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Claim is one member of a token's payload.
type Claim struct {
	// Name is the claim's key, as written in the token.
	Name string
	// Value is its JSON text, compact. It is text from outside: strip control
	// characters before it reaches a terminal.
	Value string
}

// Claims is what a token says. The zero time means that a claim is absent; so
// do the empty string and a nil slice. See protocol.md 3.1 for the meanings.
type Claims struct {
	Alg   string // header "alg"; Stream signs with HS256
	Type  string // header "typ"
	KeyID string // header "kid"

	UserID string // "user_id", which must equal the connecting user's id
	Sub    string // "sub", informational
	Iss    string // "iss", informational
	Role   string // "role", which overrides the user's role
	JTI    string // "jti"

	Iat time.Time // "iat", issued at
	Exp time.Time // "exp", expires at; zero means that it never expires
	Nbf time.Time // "nbf", not valid before

	CallCIDs []string // "call_cids", the calls that the token opens
	Server   bool     // "server", true in server-side tokens

	// Millis names the time claims that are so large that they must be in
	// milliseconds. Their times above are literal readings, thousands of years
	// ahead.
	Millis []string
	// WrongType names the known claims whose value has a type that Stream does
	// not expect, such as "exp" as a string. They are absent above.
	WrongType []string
	// Alphabet says which base64 alphabet the token is written in.
	Alphabet Alphabet
	// All holds every claim in the order of the payload.
	All []Claim
}

// Alphabet says which base64 alphabet a token needs.
type Alphabet uint8

// The alphabets, by what they ask of a decoder.
const (
	// PlainAlphabet needs only letters and digits, so every decoder reads it.
	PlainAlphabet Alphabet = iota
	// URLAlphabet has "-" or "_" in the payload. It is correct, but the decoder
	// of the official JS client does not know the two (protocol.md 3.2).
	URLAlphabet
	// StandardAlphabet has "+", "/" or padding, which no token may have.
	StandardAlphabet
)

// Has reports whether the payload has a claim of that name, whatever its type.
func (c Claims) Has(name string) bool {
	return slices.ContainsFunc(c.All, func(claim Claim) bool { return claim.Name == name })
}

// Lifetime returns the time from "iat" to "exp", or zero when one is absent.
func (c Claims) Lifetime() time.Duration {
	if c.Iat.IsZero() || c.Exp.IsZero() {
		return 0
	}
	return c.Exp.Sub(c.Iat)
}

// millisFrom is the first number of seconds that is read as milliseconds: as
// seconds it would be a date after the year 5000.
const millisFrom = 1e11

// maxSeconds keeps the literal reading of an absurd time inside what
// [time.Time] arithmetic can hold.
const maxSeconds = 1 << 50

// fill sets the field of one claim.
func (c *Claims) fill(name string, value json.RawMessage) {
	switch name {
	case "user_id":
		c.setString(name, value, &c.UserID)
	case "sub":
		c.setString(name, value, &c.Sub)
	case "iss":
		c.setString(name, value, &c.Iss)
	case "role":
		c.setString(name, value, &c.Role)
	case "jti":
		c.setString(name, value, &c.JTI)
	case "iat":
		c.setTime(name, value, &c.Iat)
	case "exp":
		c.setTime(name, value, &c.Exp)
	case "nbf":
		c.setTime(name, value, &c.Nbf)
	case "call_cids":
		c.set(name, json.Unmarshal(value, &c.CallCIDs) == nil)
	case "server":
		c.set(name, json.Unmarshal(value, &c.Server) == nil)
	}
}

func (c *Claims) set(name string, ok bool) {
	if !ok {
		c.WrongType = append(c.WrongType, name)
	}
}

func (c *Claims) setString(name string, value json.RawMessage, to *string) {
	c.set(name, json.Unmarshal(value, to) == nil)
}

func (c *Claims) setTime(name string, value json.RawMessage, to *time.Time) {
	if bytes.Equal(value, []byte("null")) {
		return
	}
	var seconds float64
	if json.Unmarshal(value, &seconds) != nil {
		c.WrongType = append(c.WrongType, name)
		return
	}
	if math.Abs(seconds) >= millisFrom {
		c.Millis = append(c.Millis, name)
	}
	seconds = max(-maxSeconds, min(maxSeconds, seconds))
	whole, part := math.Modf(seconds)
	*to = time.Unix(int64(whole), int64(part*float64(time.Second))).UTC()
}
