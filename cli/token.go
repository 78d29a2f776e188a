package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/explain"
	"streamscope/internal/token"
)

// tokenFlags are the flags of the token bench beyond the shared ones.
type tokenFlags struct {
	json      bool
	callCID   string
	secretEnv string
}

func (p *program) tokenCommand() *cobra.Command {
	var f tokenFlags
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "token [TOKEN|@FILE|-]",
		Short: "The token bench: inspect, verify and judge a token",
		Long: "Inspect, verify and judge a token: its three parts, the algorithm, the user, the\n" +
			"times, and what people leave around it when they copy it. Give it as an\n" +
			"argument, as @FILE, or with - on standard input. Without an argument the\n" +
			"configured source is asked once, as a session would ask it: the token endpoint,\n" +
			"the command, the file, or STREAM_TOKEN.\n\n" +
			"The signature is checked when the secret is in the environment: in\n" +
			"STREAM_API_SECRET, or in the variable that --secret-env names. The token is\n" +
			"never printed, and sent nowhere.",
		Example: "pbpaste | streamscope token - --user-id sara\n" +
			"streamscope token --profile staging\n" +
			"streamscope token --user-id sara --token-url 'https://example.com/token?user={{query .UserID}}'\n" +
			"streamscope token sign --user-id sara --ttl 1h | streamscope token -",
		GroupID: groupTools,
	}, takes{0, 1, "one token"}, func(ctx context.Context, args []string) error {
		return p.judgeToken(ctx, flags, f, args)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	c.Flags().StringVar(&f.callCID, "call-cid", "", "the call that an anonymous user wants, type:id")
	c.Flags().StringVar(&f.secretEnv, "secret-env", "", "verify with the secret in this environment variable")
	flags = addFlags(c, judges)
	c.AddCommand(p.signCommand())
	return c
}

// judges reports whether a setting matters to a token that is judged: whose it is
// to be, and where it comes from.
func judges(k config.Key) bool {
	for _, path := range []string{"profile", "connection.api_key", "connection.base_url", "connection.user.", "connection.token."} {
		if strings.HasPrefix(k.Path, path) {
			return true
		}
	}
	return false
}

// judgeToken prints the report on one token; a token that cannot connect is exit
// code 5.
func (p *program) judgeToken(ctx context.Context, flags *sharedFlags, f tokenFlags, args []string) error {
	cfg, _, err := flags.load(p, "")
	if err != nil {
		return err
	}
	secret, err := secretFrom(f.secretEnv)
	if err != nil {
		return err
	}
	o := explain.TokenOptions{
		Now: time.Now(), UserID: cfg.Connection.User.ID, UserType: cfg.Connection.User.Type,
		CallCID: f.callCID, Secret: secret, Source: "static",
	}
	var raw string
	if len(args) > 0 {
		raw, err = p.textArgument("token", args[0])
	} else {
		raw, err = askSource(ctx, cfg.Connection, &o)
	}
	if err != nil {
		return err
	}
	report := explain.Token(strings.TrimRight(raw, "\r\n"), o)
	if f.json {
		err = json.NewEncoder(p.out).Encode(report)
	} else {
		_, err = fmt.Fprintln(p.out, report.Text(p.width()))
	}
	if err == nil && !report.OK() {
		return silent(exitToken)
	}
	return err
}

// askSource asks the configured source for one token. A secret alone is no
// token: it is there to verify with.
func askSource(ctx context.Context, c config.Connection, o *explain.TokenOptions) (string, error) {
	source, err := tokenSource(ctx, c)
	if err != nil {
		return "", err
	}
	if source == nil || source.Kind() == "secret" {
		return "", usage("streamscope token TOKEN, @FILE, or - for standard input; or name a source, such as --token-url",
			"token: no token to judge")
	}
	raw, err := source.Token(ctx)
	if err != nil {
		entry := explain.Failure(explain.Facts{Op: "token", Stage: "token", Source: source.Kind(), Text: err.Error(), Refreshable: source.Refreshable()})
		return "", &problem{code: exitToken, what: "token: " + hide(rootCause(err).Error()), hint: entry.Fix}
	}
	o.Source, o.Refreshable, o.Arrived = source.Kind(), new(source.Refreshable()), true
	return raw, nil
}

// textArgument resolves the three forms of an argument that may hold a secret:
// the text itself, @FILE, or - for standard input.
func (p *program) textArgument(what, arg string) (string, error) {
	if arg == "-" {
		return readText(p.in, what+": standard input")
	}
	name, ok := strings.CutPrefix(arg, "@")
	if !ok {
		return arg, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return "", usage("give the path of a file that holds the token and nothing else",
			"%s: %s", what, pathProblem(err))
	}
	defer f.Close()
	return readText(f, what+": "+name)
}

// addSecretFlag defines the flag of the variable that holds the secret, under the
// name that the sessions' flags have and under its short one.
func addSecretFlag(c *cobra.Command, to *string, doc string) {
	c.Flags().StringVar(to, "token-secret-env", "", doc)
	c.Flags().StringVar(to, "secret-env", "", "the same as --token-secret-env")
}

// secretFrom reads the secret from the named variable, or from the one that
// Stream's own tools use; no variable is no secret.
func secretFrom(name string) (token.Raw, error) {
	if name == "" {
		return token.Raw(os.Getenv("STREAM_API_SECRET")), nil
	}
	secret := os.Getenv(name)
	if secret == "" {
		return "", usage("export "+name+"=… first; the flag takes the name of a variable, not the secret",
			"API secret: the environment variable %q is not set", cut(name, 20))
	}
	return token.Raw(secret), nil
}
