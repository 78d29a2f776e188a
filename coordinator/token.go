package coordinator

import (
	"crypto/rand"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// iatBackdate is how far tokens are back-dated, as Stream's own server SDK does
// it: the service refuses an iat in its future without tolerance (protocol.md 3.1).
const iatBackdate = time.Second

// Token mints a user token that is valid for ttl from now: 0 means without
// expiry, a negative ttl means one that expired that long ago. No two tokens are
// equal, so that a stale one can be told from a fresh one.
func (s *Server) Token(userID string, ttl time.Duration) string {
	now := time.Now()
	claims := jwt.MapClaims{
		"user_id": userID,
		"iat":     now.Add(min(ttl, 0) - iatBackdate).Unix(),
		"jti":     rand.Text(),
	}
	if ttl != 0 {
		claims["exp"] = now.Add(ttl).Unix()
	}
	return s.sign(claims)
}

// ServerToken mints a token for server-side calls.
func (s *Server) ServerToken() string { return s.sign(jwt.MapClaims{"server": true}) }

func (s *Server) sign(claims jwt.MapClaims) string {
	s.init()
	// Signing with HS256 and a byte slice cannot fail: the claims are plain
	// values and the key is of the right type.
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.secret)
	if err != nil {
		panic("coordinator: sign: " + err.Error())
	}
	return token
}
