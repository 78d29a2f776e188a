package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"streamscope/explain"
	"streamscope/internal/token"
)

// tokenFlags are the flags of the token bench.
type tokenFlags struct {
	json      bool
	userID    string
	userType  string
	callCID   string
	secretEnv string
}

func (p *program) tokenCommand() *cobra.Command {
	var f tokenFlags
	c := p.command(&cobra.Command{
		Use:   "token [TOKEN|@FILE|-]",
		Short: "The token bench: inspect, verify and judge a token",
		Long: "Inspect, verify and judge a token: its three parts, the algorithm, the user, the\n" +
			"times, and what people leave around it when they copy it. Give it as an\n" +
			"argument, as @FILE, or with - on standard input. Without an argument it is\n" +
			"STREAM_TOKEN from the environment.\n\n" +
			"The signature is checked when the secret is in the environment: in\n" +
			"STREAM_API_SECRET, or in the variable that --secret-env names. Nothing is sent\n" +
			"anywhere, and the token is never printed.",
		Example: "pbpaste | streamscope token - --user-id sara\n" +
			"streamscope token @token.txt --json\n" +
			"streamscope token sign --user-id sara --ttl 1h | streamscope token -",
		GroupID: groupTools,
	}, takes{0, 1, "one token"}, func(_ context.Context, args []string) error {
		return p.judgeToken(f, args)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	c.Flags().StringVar(&f.userID, "user-id", "", "the user who is to connect with it")
	c.Flags().StringVar(&f.userType, "user-type", "authenticated", "authenticated, guest or anonymous")
	c.Flags().StringVar(&f.callCID, "call-cid", "", "the call that an anonymous user wants, type:id")
	c.Flags().StringVar(&f.secretEnv, "secret-env", "", "verify with the secret in this environment variable")
	c.AddCommand(p.signCommand())
	return c
}

// judgeToken prints the report on one token; a token that cannot connect is exit
// code 5.
func (p *program) judgeToken(f tokenFlags, args []string) error {
	if err := oneOf("--user-type", f.userType, "authenticated", "guest", "anonymous"); err != nil {
		return err
	}
	raw, source, err := p.tokenText(args)
	if err != nil {
		return err
	}
	secret, err := secretFrom(f.secretEnv)
	if err != nil {
		return err
	}
	report := explain.Token(raw, explain.TokenOptions{
		Now: time.Now(), UserID: f.userID, UserType: f.userType, CallCID: f.callCID,
		Source: source, Secret: secret,
	})
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

// tokenText finds the token: argument, file, standard input or environment. What
// is around it stays, because the bench has to judge it; only the line break
// that files end with goes.
func (p *program) tokenText(args []string) (raw, source string, err error) {
	arg := os.Getenv("STREAM_TOKEN")
	if len(args) > 0 {
		arg = args[0]
	} else if arg == "" {
		return "", "", usage("streamscope token TOKEN, @FILE, or - for standard input; or set STREAM_TOKEN",
			"token: no token to judge")
	}
	raw, err = p.textArgument("token", arg)
	return strings.TrimRight(raw, "\r\n"), "static", err
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

// secretFrom reads the secret from the named variable, or from the one that
// Stream's own tools use; no variable is no secret.
func secretFrom(name string) (token.Raw, error) {
	if name == "" {
		return token.Raw(os.Getenv("STREAM_API_SECRET")), nil
	}
	secret := os.Getenv(name)
	if secret == "" {
		return "", usage("export "+name+"=… first; the flag takes the name of a variable, not the secret",
			"--secret-env: the environment variable %q is not set", cut(name, 20))
	}
	return token.Raw(secret), nil
}

// oneOf refuses a value that is not one of the words.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return usage("use one of: "+strings.Join(words, ", "), "%s: %q is not known", flag, hide(value))
}
