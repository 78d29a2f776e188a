package token

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrSignature means that the secret did not sign the token.
var ErrSignature = errors.New("signature does not match the secret")

// ErrAlgorithm means that the token does not claim to be signed with HS256, the
// only algorithm that Stream's tokens use (protocol.md 3.1).
var ErrAlgorithm = errors.New("algorithm is not HS256")

// Backdate is how far before now [Sign] puts "iat". The service refuses a token
// issued in its future without tolerance, so Stream's Node SDK takes off one
// second, and so do we (protocol.md 3.1).
const Backdate = time.Second

// Options describes the token that [Sign] makes.
type Options struct {
	// UserID becomes "user_id". It is required unless Server is set.
	UserID string
	// Now is the time of signing. Zero means the present.
	Now time.Time
	// IssuedAt becomes "iat". Zero means Now less [Backdate]; with a negative TTL
	// an hour before the end.
	IssuedAt time.Time
	// TTL counts from Now to "exp". Zero means a token that never expires, and a
	// negative one makes a token that has expired in the ordinary way.
	TTL time.Duration
	// NotBefore becomes "nbf". Zero means no such claim.
	NotBefore time.Time
	// Role becomes "role". Empty means no such claim.
	Role string
	// CallCIDs becomes "call_cids". Nil means no such claim.
	CallCIDs []string
	// Server makes the server-side token {"server":true}: no "user_id" unless
	// one is given, and no times unless they are given.
	Server bool
	// Extra is added to the payload and wins over the fields above.
	Extra map[string]any
}

// Sign makes a token signed with HS256 and the bytes of the secret. It fails on
// an empty secret, and on an empty user id unless the token is for a server.
// The result is the bare token: keep it in a [Raw].
func Sign(secret string, o Options) (string, error) {
	if secret == "" {
		return "", errors.New("token: sign: the secret is empty")
	}
	if o.UserID == "" && !o.Server {
		return "", errors.New("token: sign: the user id is empty")
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, o.claims()).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("token: sign: %w", err)
	}
	return signed, nil
}

func (o Options) claims() jwt.MapClaims {
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	c := jwt.MapClaims{}
	if o.UserID != "" {
		c["user_id"] = o.UserID
	}
	if o.Server {
		c["server"] = true
	}
	switch {
	case !o.IssuedAt.IsZero():
		c["iat"] = o.IssuedAt.Unix()
	case o.TTL < 0:
		c["iat"] = now.Add(o.TTL - time.Hour).Unix()
	case !o.Server:
		c["iat"] = now.Add(-Backdate).Unix()
	}
	if o.TTL != 0 {
		c["exp"] = now.Add(o.TTL).Unix()
	}
	if !o.NotBefore.IsZero() {
		c["nbf"] = o.NotBefore.Unix()
	}
	if o.Role != "" {
		c["role"] = o.Role
	}
	if o.CallCIDs != nil {
		c["call_cids"] = o.CallCIDs
	}
	maps.Copy(c, o.Extra)
	return c
}

// Verify checks that the token was signed with HS256 and this secret, in
// constant time. It does not look at the claims: an expired token verifies. The
// error is a [*ParseError], [ErrAlgorithm] or [ErrSignature].
func Verify(raw, secret string) error {
	c, err := Parse(raw)
	if err != nil {
		return err
	}
	if c.Alg != jwt.SigningMethodHS256.Alg() {
		return fmt.Errorf("token: verify: %w", ErrAlgorithm)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithoutClaimsValidation())
	if _, err := parser.Parse(raw, func(*jwt.Token) (any, error) { return []byte(secret), nil }); err != nil {
		return fmt.Errorf("token: verify: %w", ErrSignature)
	}
	return nil
}
