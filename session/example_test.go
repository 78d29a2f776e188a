package session_test

import (
	"context"
	"errors"
	"fmt"

	"streamscope/internal/wire"
	"streamscope/session"
	"streamscope/timeline"
)

// A session refuses what the official constructor refuses, in its words.
func ExampleNew() {
	_, err := session.New(session.Config{APIKey: "demo", User: timeline.User{ID: "sara"}})
	fmt.Println(err)
	// Output: tokenProvider or token is required for a authenticated users
}

// The life of a session is one call: when it returns, nothing of it is left.
func ExampleSession_Run() {
	s, err := session.New(session.Config{
		APIKey: "demo",
		User:   timeline.User{ID: "sara"},
		Token:  session.StaticSource{Raw: "not a token"},

		MaxConnectRetries: 1,
		NoTelemetry:       true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()

	err = s.ConnectUser(ctx)
	fmt.Println(s.Status().State)
	if e, ok := errors.AsType[*session.Error](err); ok {
		fmt.Println(e.Op, "–", e.Disposition())
	}
	stop()
	fmt.Println(<-ended, s.Connect())
	// Output:
	// failed
	// token – give up
	// <nil> session: closed
}

func ExampleDispositionOf() {
	for _, code := range []wire.Code{wire.CodeTokenExpired, wire.CodeTooManyConnections, wire.CodeTokenSignature} {
		fmt.Println(int(code), code, "–", session.DispositionOf(code))
	}
	// Output:
	// 40 AuthErrorTokenExpired – refresh, then retry
	// 71 ErrTooManyConnections – retry
	// 43 AuthErrorTokenSignatureInvalid – give up
}
