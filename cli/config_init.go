package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/internal/token"
)

// newProfile is what config init asks for and writes down.
type newProfile struct {
	name, apiKey, userID string
	// source is the key of the token source, and value what stands behind it.
	source, value string
}

func (p *program) configInitCommand() *cobra.Command {
	var flags *sharedFlags
	var profile newProfile
	var env string
	c := p.command(&cobra.Command{
		Use:   "init",
		Short: "Write a configuration file with a first profile",
		Long: "Write a configuration file with a first profile and comments, and the JSON Schema\n" +
			"beside it for editors. In a terminal it asks for what the flags do not say. It\n" +
			"writes no secret, only where one is: an endpoint, a command, a file, a variable;\n" +
			"and it never writes over a file.",
		Example: "streamscope config init\n" +
			"streamscope config init --name staging --api-key KEY --user-id sara --token-cmd 'pass show stream/sara'",
	}, takes{}, func(context.Context, []string) error { return p.configInit(flags, profile, env) })
	c.Flags().StringVar(&profile.name, "name", "", "name of the profile (default: staging)")
	c.Flags().StringVar(&env, "token-env", "", "environment variable that holds the token")
	flags = addFlags(c, func(k config.Key) bool {
		switch k.Flag {
		case "api-key", "user-id", "token-url", "token-cmd", "token-secret-env":
			return true
		}
		return false
	})
	return c
}

// configInit collects the profile and writes the files.
func (p *program) configInit(flags *sharedFlags, n newProfile, env string) error {
	path := flags.text("config")
	if path == "" {
		path = config.Paths(os.Environ())[0].Path
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return notOver(path)
	}
	n.apiKey, n.userID = flags.text("api-key"), flags.text("user-id")
	for key, value := range map[string]string{
		"url": flags.text("token-url"), "cmd": flags.text("token-cmd"), "secret_env": flags.text("token-secret-env"), "static": env,
	} {
		switch {
		case value == "":
			continue
		case n.source != "":
			return usage("keep one of them", "there is more than one token source")
		case key == "static":
			value = "env:" + value
		}
		n.source, n.value = key, value
	}
	if terminal(p.in) && terminal(p.out) {
		if err := n.ask(bufio.NewReader(p.in), p.out); err != nil {
			return err
		}
	}
	return p.writeProfile(path, n)
}

// notOver refuses to write over a file.
func notOver(path string) error {
	return usage("add a profile to it by hand, or give another name with --config FILE",
		"%s is there already and is not overwritten", path)
}

// tokenQuestion comes before the one line that says where tokens come from.
const tokenQuestion = "Where does a token for this user come from?\n" +
	"  https://…   an endpoint of yours          cmd:COMMAND   a command that prints it\n" +
	"  env:NAME    an environment variable       file:PATH     a file\n"

// ask fills in what is missing. Its answers come from a terminal.
func (n *newProfile) ask(in *bufio.Reader, out io.Writer) error {
	for _, q := range []struct {
		text, otherwise string
		into            *string
	}{
		{"Name of the profile", "staging", &n.name},
		{"API key of the app (it is no secret)", "YOUR_API_KEY", &n.apiKey},
		{"User to connect as", "sara", &n.userID},
	} {
		if *q.into != "" {
			continue
		}
		answer, err := askFor(in, out, q.text, q.otherwise)
		if err != nil {
			return err
		}
		*q.into = answer
	}
	for n.source == "" {
		fmt.Fprint(out, tokenQuestion)
		answer, err := askFor(in, out, "Token", "env:STREAM_TOKEN")
		if err != nil {
			return err
		}
		if err := n.takeToken(answer); err != nil {
			fmt.Fprintf(out, "  %s\n", err)
		}
	}
	return nil
}

// askFor asks one question.
func askFor(in *bufio.Reader, out io.Writer, text, otherwise string) (string, error) {
	fmt.Fprintf(out, "%s [%s]: ", text, otherwise)
	line, err := in.ReadString('\n')
	if err != nil {
		return "", usage("run streamscope config init again, and answer or press enter", "nothing was written: the questions were not answered")
	}
	if answer := hide(strings.TrimSpace(line)); answer != "" {
		return answer, nil
	}
	return otherwise, nil
}

// takeToken reads where a token comes from. A token itself is refused.
func (n *newProfile) takeToken(answer string) error {
	scheme, rest, _ := strings.Cut(answer, ":")
	switch scheme {
	case "http", "https":
		n.source, n.value = "url", answer
	case "cmd":
		n.source, n.value = "cmd", rest
	case "file":
		n.source, n.value = "file", rest
	case "env":
		n.source, n.value = "static", answer
	default:
		return errors.New("that would be a secret in a file: say where it is, with one of the four above")
	}
	if rest == "" {
		n.source = ""
		return errors.New("something is missing behind the colon")
	}
	return nil
}

// profileName is what a name of a profile may look like.
var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// writeProfile writes the file and the schema beside it.
func (p *program) writeProfile(path string, n newProfile) error {
	for _, given := range []struct {
		into      *string
		otherwise string
	}{{&n.name, "staging"}, {&n.apiKey, "YOUR_API_KEY"}, {&n.userID, "sara"}, {&n.source, "static"}, {&n.value, "env:STREAM_TOKEN"}} {
		if *given.into == "" {
			*given.into = given.otherwise
		}
	}
	if !profileName.MatchString(n.name) {
		return usage("use letters, digits, dots and dashes", "--name: %q is no name of a profile", hide(n.name))
	}
	if token.MaskIn(n.value) != n.value {
		return usage("say where the token is: --token-env NAME, --token-cmd COMMAND, --token-url URL", "a token is not written into a file")
	}
	text, err := n.yaml()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return usage("give another place with --config FILE", "%s", pathProblem(err))
	}
	schema, err := config.Schema()
	if err != nil {
		return err
	}
	if err := writeNew(path, text); err != nil {
		return err
	}
	beside := filepath.Join(filepath.Dir(path), schemaFile)
	if err := writeNew(beside, string(schema)+"\n"); err != nil && !errors.Is(err, fs.ErrExist) {
		p.words("the schema for editors could not be written: %s", pathProblem(err))
	}
	next := func(command, why string) { fmt.Fprintf(p.out, "  %-42s %s\n", command, why) }
	fmt.Fprintf(p.out, "wrote %s\n\nnext:\n", path)
	where := "" // the file is found by itself
	if path != config.Paths(os.Environ())[0].Path {
		where = " --config " + path
	}
	next("streamscope check --profile "+n.name+where, "does it connect?")
	next("streamscope --profile "+n.name+where, "the session")
	next("streamscope config validate"+where, "after each change")
	return nil
}

// writeNew writes a file that must not be there yet, for the user only.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return errors.Join(notOver(path), err)
	}
	if err != nil {
		return usage("give another place with --config FILE", "%s", pathProblem(err))
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// schemaFile is the name of the schema beside the configuration file.
const schemaFile = "config.schema.json"

// yaml is the file.
func (n newProfile) yaml() (string, error) {
	quoted := make(map[string]string)
	for key, value := range map[string]string{"key": n.apiKey, "user": n.userID, "value": n.value} {
		text, err := yaml.Marshal(value)
		if err != nil {
			return "", err
		}
		quoted[key] = strings.TrimSpace(string(text))
	}
	return fmt.Sprintf(profileText, schemaFile, n.name, n.name, quoted["key"], quoted["user"], n.source, quoted["value"]), nil
}

const profileText = `# yaml-language-server: $schema=%s
#
# What holds, and where each value came from: streamscope config print
# Every key with its default and what it is:  streamscope config schema

# Used when no --profile is given. Remove the line to start with the local session.
profile: %s

# The screen. Actions and their keys: streamscope config keys
ui:
  theme: auto # dark, light, contrast, none
  # keys: {reconnect: [ctrl+r]}

# What is shown of the logs; the file is followed while a session runs.
logs:
  levels: {default: info}
  # sinks: {ops: "unix:/run/ops.sock default=warn coordinator=trace"}

profiles:
  %s:
    connection:
      api_key: %s
      user: {id: %s}
      # No secret stands here, only where it is: static takes env:NAME, file:PATH or
      # cmd:COMMAND and cannot be refreshed; file, url, cmd and secret_env are asked
      # again each time a token has expired.
      token:
        %s: %s
      # What the app passes to its StreamVideoClient:
      # max_connect_user_retries: 5
      # reject_call_when_busy: true
`
