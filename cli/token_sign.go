package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"streamscope/internal/token"
)

// signFlags are the flags of token sign.
type signFlags struct {
	userID    string
	ttl       time.Duration
	role      string
	callCIDs  []string
	secretEnv string
}

func (p *program) signCommand() *cobra.Command {
	var f signFlags
	c := p.command(&cobra.Command{
		Use:   "sign",
		Short: "Make a development token from an API secret",
		Long: "Make a token (HS256) from the API secret in the environment: in\n" +
			"STREAM_API_SECRET, or in the variable that --token-secret-env names. For development\n" +
			"only: a secret belongs on a server, and an app gets its tokens from there.",
		Example: "streamscope token sign --user-id sara --ttl 1h\n" +
			"streamscope token sign --user-id '!anon' --call-cid livestream:123",
	}, takes{}, func(context.Context, []string) error { return p.sign(f) })
	c.Flags().StringVar(&f.userID, "user-id", "", "the user that the token is for")
	c.Flags().DurationVar(&f.ttl, "ttl", time.Hour, "how long it is valid; 0 for ever, negative makes an expired one")
	c.Flags().StringVar(&f.role, "role", "", "the role claim")
	c.Flags().StringSliceVar(&f.callCIDs, "call-cid", nil, "a call that it opens, type:id (repeatable)")
	addSecretFlag(c, &f.secretEnv, "the environment variable that holds the API secret")
	return c
}

// sign prints one token: it is what was asked for, and the only place where the
// program prints one that it did not make for its own coordinator.
func (p *program) sign(f signFlags) error {
	if f.userID == "" {
		return usage("add --user-id ID", "token sign: no user to sign for")
	}
	secret, err := secretFrom(f.secretEnv)
	if err != nil {
		return err
	}
	if secret.IsZero() {
		return usage("export STREAM_API_SECRET=…, or name another variable with --token-secret-env",
			"token sign: no secret to sign with")
	}
	signed, err := token.Sign(secret.Reveal(), token.Options{
		UserID: f.userID, TTL: f.ttl, Role: f.role, CallCIDs: f.callCIDs,
	})
	if err != nil {
		return err
	}
	p.words("for development only: in production tokens come from a server of yours")
	_, err = fmt.Fprintln(p.out, signed)
	return err
}
