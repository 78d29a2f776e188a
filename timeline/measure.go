package timeline

import (
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

// NewTokenInfo is a token without its secret; number tells the tokens of a session
// apart.
func NewTokenInfo(number int, raw token.Raw) TokenInfo {
	info := TokenInfo{Number: number, Mask: raw.String(), Fingerprint: raw.Fingerprint()}
	claims, err := token.Parse(raw.Reveal())
	if err != nil {
		info.Malformed = err.Error()
	} else {
		info.Undecodable = token.Undecodable(raw.Reveal(), claims.UserID)
	}
	info.Alg, info.UserID = wire.Clean(claims.Alg), wire.Clean(claims.UserID)
	info.IssuedAt, info.ExpiresAt, info.NotBefore = claims.Iat, claims.Exp, claims.Nbf
	info.Server = claims.Server
	for _, cid := range claims.CallCIDs {
		info.CallCIDs = append(info.CallCIDs, wire.Clean(cid))
	}
	return info
}

// Skew follows the server's clock against ours. The zero value has measured
// nothing yet.
type Skew struct {
	by            time.Duration
	known, coarse bool
}

// Measure takes what the server says that the time is, and reports whether its
// clock has moved by more than a second since the last time. A Date header is
// coarse, and so is a time without a fraction: it names a second, so that what is
// within one counts as no difference, and the first finer reading replaces it.
func (s *Skew) Measure(server, now time.Time, source string, coarse bool) (Clock, bool) {
	skew := server.Sub(now)
	if coarse {
		skew += time.Second / 2
		if skew.Abs() <= time.Second {
			skew = 0
		}
	}
	if d := skew - s.by; s.known && d.Abs() < time.Second && (coarse || !s.coarse) {
		return Clock{}, false
	}
	*s = Skew{by: skew, known: true, coarse: coarse}
	return Clock{Skew: skew, Source: source}, true
}
