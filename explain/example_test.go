package explain_test

import (
	"fmt"
	"time"

	"streamscope/explain"
	"streamscope/internal/token"
)

func ExampleText() {
	line := "[coordinator]: connection:WS failed with code: 42: AuthErrorTokenUsedBeforeIssuedAt and reason: JWTAuth error: token used before issue at (iat)"
	for _, m := range explain.Text(line) {
		fmt.Println(m.Entry.Title())
		fmt.Println(m.Entry.Means)
	}
	// Output:
	// 42 AuthErrorTokenUsedBeforeIssuedAt
	// The token claims to have been issued in the future.
}

// A failure is worded for what is known: here the token is static and the client
// was reconnecting.
func ExampleFailure() {
	e := explain.Failure(explain.Facts{Op: "auth", Code: 40, Source: "static", Reconnect: true})
	fmt.Println(e.Text(72))
	// Output:
	// 40 AuthErrorTokenExpired (HTTP 401): fix the input, retrying cannot help
	// means    The token has expired.
	// why      The static token's exp time is in the past, and there is
	//          nowhere to get another.
	// fix      Use a tokenProvider in the app, or --token-url, --token-cmd or
	//          --token-secret-env here. This session cannot recover by itself.
	// app sees Reconnecting has stopped. The app gets connection.changed
	//          online=false 5 s after the drop, and no error.
	// see      K5 static token expired unnoticed
}

func ExampleToken() {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	raw, _ := token.Sign("secret", token.Options{UserID: "sara", Now: now, TTL: 252 * time.Second})
	report := explain.Token(raw, explain.TokenOptions{Now: now, UserID: "sara", Source: "static"})
	fmt.Println(report.Summary.Verdict)
	fmt.Println(report.Sentence)
	// Output:
	// cannot-recover
	// Static token: this session cannot recover when it expires in 04:12.
}
