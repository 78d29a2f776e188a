package session

import (
	"errors"
	"testing"

	"streamscope/internal/wire"
)

func TestEveryCodeHasADisposition(t *testing.T) {
	want := map[wire.Code]Disposition{
		wire.CodeInternal: Retry, wire.CodeRateLimit: Retry, wire.CodeRequestTimeout: Retry, wire.CodeCoolDown: Retry,
		wire.CodeTooManyConnections: Retry, wire.CodeConnectionIDNotFound: Retry,
		wire.CodeTokenExpired: Refresh, wire.CodeTokenNotValidYet: Refresh, wire.CodeTokenUsedBeforeIssued: Refresh,
	}
	for _, code := range wire.Codes() {
		if got := DispositionOf(code); got != want[code] {
			t.Errorf("%d %s: want %s, got %s", code, code, want[code], got)
		}
		if got := (&Error{Op: "auth", Code: int(code)}).Disposition(); got != want[code] {
			t.Errorf("an error with code %d: want %s, got %s", code, want[code], got)
		}
	}
	if got := DispositionOf(12345); got != GiveUp {
		t.Errorf("a code that nobody knows: want give up, got %s", got)
	}
}

func TestErrorsWithoutACodeHaveADisposition(t *testing.T) {
	for _, test := range []struct {
		name string
		err  Error
		want Disposition
	}{
		{"refused TCP", Error{Op: "dial", Err: errors.New("refused")}, Retry},
		{"upgrade answered with 503", Error{Op: "dial", Status: 503}, Retry},
		{"upgrade answered with 404", Error{Op: "dial", Status: 404}, GiveUp},
		{"too many requests", Error{Op: "http", Status: 429}, Retry},
		{"abnormal loss", Error{Op: "read", Close: 1006}, Retry},
		{"close 1000 in the handshake", Error{Op: "auth", Close: 1000}, GiveUp},
		{"a token that the client refuses", Error{Op: "token"}, GiveUp},
	} {
		if got := test.err.Disposition(); got != test.want {
			t.Errorf("%s: want %s, got %s", test.name, test.want, got)
		}
	}
}
