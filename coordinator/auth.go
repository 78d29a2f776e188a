package coordinator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// principal is who a request or a connection speaks for.
type principal struct {
	userID    string
	server    bool // a server-side token: may do everything
	anonymous bool
	role      string
	callCIDs  []string
	expires   time.Time // zero means never
	issued    time.Time // zero means the token does not say
	signature string    // last part of the token, names it without being it
}

// mayRead reports whether an anonymous user's token covers the call.
func (p principal) mayRead(cid string) bool {
	if !p.anonymous {
		return true
	}
	return slices.Contains(p.callCIDs, cid)
}

// claims are the members of a token that the coordinator judges. Times are
// floats because JSON numbers may be.
type claims struct {
	UserID               string   `json:"user_id"`
	Server               bool     `json:"server"`
	Role                 string   `json:"role"`
	CallCIDs             []string `json:"call_cids"`
	IssuedAt             float64  `json:"iat"`
	Expires              *float64 `json:"exp"`
	NotBefore            float64  `json:"nbf"`
	jwt.RegisteredClaims `json:"-"`
}

// verify checks a token in the order of protocol.md 11.2: form, signature, then
// times, so that a wrong secret is always reported as such. The user is the one
// that the client claims to be, for faults that are limited to one.
func (s *Server) verify(token, userID string) (principal, *wire.APIError) {
	var c claims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	parsed, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.secret, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid) && parsed != nil && parsed.Method == jwt.SigningMethodHS256:
		return principal{}, s.signatureError()
	case err != nil:
		return principal{}, jwtError(wire.CodeAuthentication, malformed(token))
	}
	if s.strike(fault.WrongSignature, userID) != nil {
		return principal{}, s.signatureError()
	}
	p := principal{
		userID: c.UserID, server: c.Server, role: c.Role, callCIDs: c.CallCIDs,
		signature: token[strings.LastIndexByte(token, '.')+1:],
	}
	if c.Expires != nil {
		p.expires = unixSeconds(*c.Expires)
	}
	if c.IssuedAt != 0 {
		p.issued = unixSeconds(c.IssuedAt)
	}
	if fail := s.checkTimes(p, c); fail != nil {
		return p, fail
	}
	return p, s.remember(p)
}

func (s *Server) checkTimes(p principal, c claims) *wire.APIError {
	now := time.Now().Add(s.strikeSkew())
	seconds := float64(now.UnixNano()) / 1e9
	switch {
	case c.Expires != nil && *c.Expires <= seconds, s.expired(p):
		return jwtError(wire.CodeTokenExpired, "token is expired (exp)")
	case c.NotBefore > seconds:
		return jwtError(wire.CodeTokenNotValidYet, "token is not valid yet (nbf)")
	case c.IssuedAt > seconds:
		return jwtError(wire.CodeTokenUsedBeforeIssued, "token used before issue at (iat)")
	}
	return nil
}

func unixSeconds(n float64) time.Time { return time.Unix(0, int64(n*1e9)) }

func (s *Server) signatureError() *wire.APIError {
	return jwtError(wire.CodeTokenSignature, fmt.Sprintf(
		"signature is not valid. Make sure the token is created using the secret for API key %q", s.key))
}

func jwtError(code wire.Code, text string) *wire.APIError {
	return apiError(code, "JWTAuth error: "+text)
}

func apiError(code wire.Code, message string) *wire.APIError {
	e := wire.NewAPIError(code, message)
	e.MoreInfo = "https://getstream.io/chat/docs/api_errors_response"
	return &e
}

func malformed(token string) string {
	if strings.Count(token, ".") != 2 {
		return "token contains an invalid number of segments"
	}
	return "token is malformed or not signed with HS256"
}

// authenticate judges the auth message of a socket.
func (s *Server) authenticate(key string, auth wire.AuthMessage) (principal, *wire.APIError) {
	if key != s.key {
		return principal{}, apiError(wire.CodeAccessKey, "api_key not valid")
	}
	user := auth.UserDetails.ID
	p, fail := s.verify(auth.Token.Reveal(), user)
	switch {
	case fail != nil:
		return p, fail
	case p.userID == "":
		return p, jwtError(wire.CodeAuthentication, "token does not have a user_id")
	case p.userID != user:
		return p, jwtError(wire.CodeAuthentication, "user_id of the token is not the id of user_details")
	}
	return p, nil
}
