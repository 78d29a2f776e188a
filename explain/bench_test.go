package explain

import (
	"testing"
	"time"
)

// A long line of the client's log. Budget: 100 µs a line, since it is asked for
// one line at a time (2 shared cores).
func BenchmarkText(b *testing.B) {
	const line = `[coordinator]: connection:WS failed with code: 43: AuthErrorTokenSignatureInvalid and reason: JWTAuth error: signature is not valid. Make sure the token is created using the secret for API key "x"`
	b.ReportAllocs()
	for b.Loop() {
		Text(line)
	}
}

// What a pane asks for on each redraw. Budget: 20 µs.
func BenchmarkFailure(b *testing.B) {
	for name, f := range map[string]Facts{
		"code":      {Stage: "auth", Op: "auth", Code: 40, Reason: "JWTAuth error: token is expired (exp)", Source: "static"},
		"transport": {Stage: "tcp", Op: "dial", Text: "dial (tcp): dial tcp 127.0.0.1:8800: connect: connection refused"},
		"close":     {Stage: "connected", Op: "read", Close: 1006, Established: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Failure(f)
			}
		})
	}
}

// Called every second by the token pane. Budget: 1 µs.
func BenchmarkTokenVerdict(b *testing.B) {
	f := TokenFacts{UserID: "sara", ForUser: "sara", Source: "static", Now: noon, ExpiresAt: noon.Add(time.Hour)}
	b.ReportAllocs()
	for b.Loop() {
		TokenVerdict(f)
	}
}

func BenchmarkToken(b *testing.B) {
	raw := payload(`{"user_id":"sara","exp":1767355452,"iat":1767355199}`)
	b.ReportAllocs()
	for b.Loop() {
		Token(raw, TokenOptions{Now: noon, UserID: "sara", Source: "static"})
	}
}
