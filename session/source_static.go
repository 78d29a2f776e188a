package session

import (
	"context"
	"errors"

	"streamscope/internal/token"
)

// StaticSource gives one token for ever; on code 40 the session cannot recover,
// as with the official client's `token` option.
type StaticSource struct {
	Raw token.Raw
}

// Token implements [TokenSource]. It gives the token as it is, an empty one too:
// refusing it is the client's part.
func (s StaticSource) Token(context.Context) (string, error) { return s.Raw.Reveal(), nil }

// Kind implements [TokenSource].
func (StaticSource) Kind() string { return "static" }

// Refreshable implements [TokenSource].
func (StaticSource) Refreshable() bool { return false }

// guestSource is the token that came with the answer to POST /guest: static, and
// for the id that the service chose (protocol.md 3.5).
type guestSource struct{ StaticSource }

// Kind implements [TokenSource].
func (guestSource) Kind() string { return "guest" }

// SeededSource gives a token once and asks another source from then on, as the
// official constructor does with both `token` and `tokenProvider`
// (protocol.md 3.3). Use a pointer.
type SeededSource struct {
	First token.Raw
	Then  TokenSource

	used bool // of the one caller that there is at a time
}

// Token implements [TokenSource].
func (s *SeededSource) Token(ctx context.Context) (string, error) {
	if !s.used && !s.First.IsZero() {
		s.used = true
		return s.First.Reveal(), nil
	}
	return s.Then.Token(ctx)
}

// Kind implements [TokenSource].
func (s *SeededSource) Kind() string { return s.Then.Kind() }

// Refreshable implements [TokenSource].
func (s *SeededSource) Refreshable() bool { return s.Then.Refreshable() }

// FuncSource asks a function of the program, as an app's own token provider.
type FuncSource struct {
	// Func is called for each load.
	Func func(ctx context.Context) (string, error)
	// Name is the source's kind. Empty means func.
	Name string
}

// Token implements [TokenSource]. An error of Func that is no [*Error] becomes
// one with Op token.
func (s FuncSource) Token(ctx context.Context) (string, error) {
	if s.Func == nil {
		return "", &Error{Op: "token", Err: errors.New("the token provider is nil")}
	}
	raw, err := s.Func(ctx)
	if err == nil {
		return raw, nil
	}
	if _, ours := errors.AsType[*Error](err); ours {
		return "", err
	}
	return "", &Error{Op: "token", Err: hideTokens(err)}
}

// Kind implements [TokenSource].
func (s FuncSource) Kind() string {
	if s.Name == "" {
		return "func"
	}
	return s.Name
}

// Refreshable implements [TokenSource].
func (FuncSource) Refreshable() bool { return true }

var (
	_ TokenSource = StaticSource{}
	_ TokenSource = (*SeededSource)(nil)
	_ TokenSource = FuncSource{}
)
