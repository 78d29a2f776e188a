package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/internal/token"
	"streamscope/session"
	"streamscope/timeline"
)

// parsed is the shared flags of a command line, with a configuration file beside
// it.
func parsed(t *testing.T, file string, args ...string) *sharedFlags {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &cobra.Command{Use: "test"}
	f := addShared(c)
	if err := c.ParseFlags(append([]string{"--config", path}, args...)); err != nil {
		t.Fatal(err)
	}
	return f
}

const twoApps = `
connection: {max_connect_user_retries: 7}
profiles:
  staging:
    connection:
      api_key: staging-key
      user: {id: jack}
      token: {cmd: print-a-token}
`

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		profile string // chosen later, from the screen
		want    func(s settings) string
	}{
		"without an API key the session is local": {nil, "", func(s settings) string {
			return says(s.session.Source == timeline.SourceLocal && s.session.User.ID == "sara" && s.session.Token == nil)
		}},
		"a profile is direct": {[]string{"--profile", "staging"}, "", func(s settings) string {
			source, exec := s.session.Token.(session.ExecSource)
			return says(s.session.Source == timeline.SourceDirect && s.session.APIKey == "staging-key" &&
				s.session.MaxConnectRetries == 7 && exec && source.UserID == "jack")
		}},
		"flags win over the file": {[]string{"--api-key", "k", "--user-id", "nina", "--token", "a.b.c", "--max-connect-user-retries", "2"}, "",
			func(s settings) string {
				return says(s.session.User.ID == "nina" && s.session.MaxConnectRetries == 2 &&
					s.session.Token == session.StaticSource{Raw: token.Raw("a.b.c")})
			}},
		"a profile chosen later wins over the flags of the first session": {
			[]string{"--api-key", "k", "--user-id", "nina", "--token", "a.b.c", "--reject-call-when-busy"}, "staging",
			func(s settings) string {
				return says(s.session.APIKey == "staging-key" && s.session.User.ID == "jack" && s.session.Token.Kind() == "exec")
			}},
		"a guest needs no token": {[]string{"--api-key", "k", "--user-id", "nina", "--user-type", "guest"}, "", func(s settings) string {
			return says(s.session.Token == nil && s.session.User.Type == timeline.Guest)
		}},
		"a token beside a provider is the first one": {
			[]string{"--api-key", "k", "--user-id", "nina", "--token", "a.b.c", "--token-cmd", "next"}, "", func(s settings) string {
				seeded, ok := s.session.Token.(*session.SeededSource)
				return says(ok && seeded.First == "a.b.c" && seeded.Then.Kind() == "exec")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &program{in: strings.NewReader(""), err: &bytes.Buffer{}}
			s, err := parsed(t, twoApps, c.args...).settings(t.Context(), p, c.profile)
			if err != nil {
				t.Fatal(err)
			}
			if problem := c.want(s); problem != "" {
				t.Errorf("%s, got %+v", problem, s.session)
			}
		})
	}
}

func says(ok bool) string {
	if ok {
		return ""
	}
	return "the settings are not these"
}

func TestSettingsThatDoNotGoTogether(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no user":           {[]string{"--api-key", "k"}, "no user to connect as"},
		"no token":          {[]string{"--api-key", "k", "--user-id", "nina"}, "no token for nina"},
		"a token, no key":   {[]string{"--token", "a.b.c"}, "--token: there is no API key to use it with"},
		"no such file":      {[]string{"--api-key", "k", "--user-id", "nina", "--token", "@nowhere"}, "nowhere: no such file"},
		"a secret, not set": {[]string{"--api-key", "k", "--user-id", "nina", "--token-secret-env", "NOT_SET_HERE"}, `"NOT_SET_HERE" is not set`},
	} {
		t.Run(name, func(t *testing.T) {
			p := &program{in: strings.NewReader(""), err: &bytes.Buffer{}}
			_, err := parsed(t, "", c.args...).settings(t.Context(), p, "")
			problem, ok := errors.AsType[*problem](err)
			if !ok || problem.code != exitUsage || !strings.Contains(problem.what, c.want) || problem.hint == "" {
				t.Errorf("it says %q with a hint and exit code 2, got %+v", c.want, err)
			}
		})
	}
}

func TestRecordPath(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "session.ndjson.zst")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct{ path, want string }{
		"a free name is taken as it is": {filepath.Join(dir, "other.ndjson"), filepath.Join(dir, "other.ndjson")},
		"a name in use gets the time":   {taken, filepath.Join(dir, "session-20260102T030405.ndjson.zst")},
	} {
		t.Run(name, func(t *testing.T) {
			set := settings{config: config.Config{Record: c.path}}
			if got := set.recordPath(now); got != c.want {
				t.Errorf("want %s, got %s", c.want, got)
			}
		})
	}
}
