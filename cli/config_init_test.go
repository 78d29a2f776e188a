package cli

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streamscope/config"
)

func TestInitAsks(t *testing.T) {
	for name, c := range map[string]struct {
		given   newProfile
		answers string
		want    newProfile
		says    string
	}{
		"every question answered": {newProfile{}, "prod\nabc\njack\nhttps://example.com/token\n",
			newProfile{"prod", "abc", "jack", "url", "https://example.com/token"}, "Name of the profile"},
		"enter takes what is offered": {newProfile{}, "\n\n\n\n",
			newProfile{"staging", "YOUR_API_KEY", "sara", "static", "env:STREAM_TOKEN"}, "[staging]"},
		"what the flags said is not asked": {newProfile{name: "p", apiKey: "k", userID: "u"}, "cmd:pass show token\n",
			newProfile{"p", "k", "u", "cmd", "pass show token"}, "Token"},
		"a token itself is refused": {newProfile{name: "p", apiKey: "k", userID: "u"}, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln\nfile:\nfile:~/t\n",
			newProfile{"p", "k", "u", "file", "~/t"}, "that would be a secret in a file"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			n := c.given
			if err := n.ask(bufio.NewReader(strings.NewReader(c.answers)), &out); err != nil {
				t.Fatal(err)
			}
			if n != c.want {
				t.Errorf("the profile is %+v, got %+v", c.want, n)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("it says %q, got:\n%s", c.says, out.String())
			}
		})
	}
	n := newProfile{}
	if err := n.ask(bufio.NewReader(strings.NewReader("prod\n")), new(bytes.Buffer)); err == nil {
		t.Error("questions that are not answered end in nothing")
	}
}

// What was typed is read back as it was typed, whatever it means in YAML.
func TestInitQuotes(t *testing.T) {
	n := newProfile{name: "p", apiKey: "123", userID: "no", source: "cmd", value: `echo "a: b" #c`}
	text, err := n.yaml()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := config.Load(config.Sources{Path: path})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	c := cfg.Connection
	if c.APIKey != "123" || c.User.ID != "no" || c.Token.Cmd != `echo "a: b" #c` {
		t.Errorf("it is read as it was given, got %q, %q, %q", c.APIKey, c.User.ID, c.Token.Cmd)
	}
}
