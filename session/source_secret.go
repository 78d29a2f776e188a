package session

import (
	"cmp"
	"context"
	"time"

	"streamscope/internal/token"
)

// DefaultTokenTTL is how long the tokens of a [SecretSource] live.
const DefaultTokenTTL = time.Hour

// SecretSource signs tokens here with the app's API secret (HS256). For
// development only: the secret belongs on a server.
type SecretSource struct {
	// Secret is the API secret.
	Secret token.Raw
	// UserID becomes user_id.
	UserID string
	// TTL is how long each token lives. Zero means [DefaultTokenTTL]; a negative
	// one makes tokens that have expired, to see what happens.
	TTL time.Duration
	// CallCIDs opens calls to anonymous users. Nil means no such claim.
	CallCIDs []string

	skew time.Duration // of the clock, by a fault
}

var _ TokenSource = SecretSource{}

// Token implements [TokenSource].
func (s SecretSource) Token(context.Context) (string, error) {
	raw, err := token.Sign(s.Secret.Reveal(), token.Options{
		UserID: s.UserID, TTL: cmp.Or(s.TTL, DefaultTokenTTL), CallCIDs: s.CallCIDs, Now: time.Now().Add(s.skew),
	})
	if err != nil {
		return "", &Error{Op: "token", Err: err}
	}
	return raw, nil
}

// Kind implements [TokenSource].
func (SecretSource) Kind() string { return "secret" }

// Refreshable implements [TokenSource].
func (SecretSource) Refreshable() bool { return true }
