package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	schemacheck "github.com/santhosh-tekuri/jsonschema/v6"

	"streamscope/internal/token"
	"streamscope/logsink"
)

var update = flag.Bool("update", false, "write config.example.yaml")

// secretText is a token that must never be seen in what the package says.
const secretText = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

// write makes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, s Sources) (Config, Origins) {
	t.Helper()
	c, o, err := Load(s)
	if err != nil {
		t.Fatalf("the settings load, got\n%v", err)
	}
	return c, o
}

func TestTheExampleIsTheDefaults(t *testing.T) {
	const path = "../config.example.yaml"
	var b bytes.Buffer
	if err := WriteExample(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(text)); diff != "" {
		t.Errorf("the file is what the package writes; run the test with -update:\n%s", diff)
	}
	c, o := mustLoad(t, Sources{Path: path})
	if diff := cmp.Diff(Default(), c); diff != "" {
		t.Errorf("every value is the default (-default +example):\n%s", diff)
	}
	for _, k := range Keys() {
		v := k.value(&c)
		if empty := v.Kind() == reflect.Map && v.Len() == 0; o.Of(k.Path).Kind != FromFile && !empty {
			t.Errorf("every key stands in the example: %s comes from %s", k.Path, o.Of(k.Path))
		}
		if !strings.Contains(string(text), "# "+k.Doc+"\n") || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s has a sentence of why, got %q", k.Path, k.Doc)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, k := range Keys() {
		for _, name := range []string{k.Env, k.Flag} {
			if other, taken := seen[name]; taken && name != "" {
				t.Errorf("%s names both %s and %s", name, other, k.Path)
			}
			seen[name] = k.Path
		}
	}
	for flag, env := range map[string]string{"user-id": "STREAMSCOPE_USER_ID", "log": "STREAMSCOPE_LOG", "": ""} {
		if flag != "" && seen[flag] != seen[env] {
			t.Errorf("the variable of --%s is %s", flag, env)
		}
	}
}

func TestLayersAndWhereValuesCameFrom(t *testing.T) {
	path := write(t, `
connection:
  api_key: from-file
  user: {id: filed, name: Filed}
  connect_timeout: 20s
logs:
  levels: {client: debug}
profiles:
  staging:
    connection:
      user: {id: staged}
      api_key: staging-key
`)
	env := []string{"STREAM_API_KEY=ambient", "STREAMSCOPE_USER_NAME=Env", "STREAMSCOPE_LOG=client=warn,Call=off"}
	c, o := mustLoad(t, Sources{Path: path, Env: env, Flags: map[string][]string{
		"user-image": {"https://example.test/i.png"}, "log": {"error", "Dispatcher=trace"}, "no-connect": {"true"}, "max-connect-user-retries": {"3"},
	}})
	for _, tc := range []struct {
		path, value, origin string
	}{
		{"connection.api_key", "ambient", "environment STREAM_API_KEY"},
		{"connection.user.id", "filed", path + ":4"},
		{"connection.user.name", "Env", "environment STREAMSCOPE_USER_NAME"},
		{"connection.user.image", `https://example.test/i.png`, "--user-image"},
		{"connection.connect_timeout", "20s", path + ":5"},
		{"connection.no_connect", "true", "--no-connect"},
		{"connection.max_connect_user_retries", "3", "--max-connect-user-retries"},
		{"connection.policy", "sdk", "default"},
		{"logs.levels", "{Call: off, Dispatcher: trace, client: warn, default: error}", "--log"},
	} {
		for _, k := range Keys() {
			if k.Path != tc.path {
				continue
			}
			if got := inline(k.value(&c)); got != tc.value || o.Of(tc.path).String() != tc.origin {
				t.Errorf("%s: want %s from %s, got %s from %s", tc.path, tc.value, tc.origin, got, o.Of(tc.path))
			}
		}
	}

	c, o = mustLoad(t, Sources{Path: path, Env: env, Profile: "staging"})
	if c.Connection.APIKey != "staging-key" || c.Connection.User.ID != "staged" || c.Connection.User.Name != "Env" || c.Profile != "staging" {
		t.Errorf("a profile that was asked for is stronger than the variables of other tools, got %+v", c.Connection)
	}
	if got, want := o.Of("connection.user.id").String(), fmt.Sprintf("profile staging, %s:11", path); got != want {
		t.Errorf("the origin names the profile: got %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"staging"}, o.Profiles); diff != "" {
		t.Errorf("the profiles are listed:\n%s", diff)
	}
}

func TestATokenSourceReplacesThoseBelow(t *testing.T) {
	path := write(t, "connection:\n  token:\n    static: env:FIRST\n    cmd: print-token\n")
	for name, tc := range map[string]struct {
		s    Sources
		want Token
		kind string
	}{
		"the file's, with a first token":   {Sources{}, Token{Static: "env:FIRST", Cmd: "print-token"}, "exec"},
		"a flag clears both":               {Sources{Flags: map[string][]string{"token-url": {"https://a.test/{{.UserID}}"}}}, Token{URL: "https://a.test/{{.UserID}}"}, "http"},
		"a static flag is static only":     {Sources{Flags: map[string][]string{"token": {secretText}}}, Token{Static: secretText}, "static"},
		"a token in a file":                {Sources{Flags: map[string][]string{"token": {"@tok.txt"}}}, Token{File: "tok.txt"}, "file"},
		"a token on standard input":        {Sources{Flags: map[string][]string{"token": {"-"}}, Stdin: strings.NewReader(secretText + "\n")}, Token{Static: secretText}, "static"},
		"a token in the environment":       {Sources{Env: []string{"STREAM_TOKEN=" + secretText, "STREAM_API_SECRET=s"}}, Token{Static: secretText}, "static"},
		"a secret does not displace a cmd": {Sources{Env: []string{"STREAM_API_SECRET=s"}}, Token{Static: "env:FIRST", Cmd: "print-token"}, "exec"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.s.Path = path
			c, _ := mustLoad(t, tc.s)
			tc.want.TTL, tc.want.Timeout = time.Hour, 10*time.Second
			if diff := cmp.Diff(tc.want, c.Connection.Token); diff != "" || c.Connection.Token.Source() != tc.kind {
				t.Errorf("want %s, got %s (-want +got):\n%s", tc.kind, c.Connection.Token.Source(), diff)
			}
		})
	}
	c, _ := mustLoad(t, Sources{Env: []string{"STREAM_API_SECRET=s"}})
	if c.Connection.Token.SecretEnv != "STREAM_API_SECRET" {
		t.Errorf("without a source the app's secret signs tokens, got %+v", c.Connection.Token)
	}
}

func TestEveryMistakeGetsOneClearMessage(t *testing.T) {
	for name, tc := range map[string]struct {
		file string
		want []string // one for each problem, in order, after the path
	}{
		"a misspelt section":         {"conection:\n  api_key: a\n", []string{`:1: unknown key "conection"; did you mean "connection"?` + "\n     1 | conection:\n       | ^"}},
		"a misspelt key":             {"connection:\n  usr: {id: a}\n", []string{`:2: connection: unknown key "usr"; did you mean "user"?`}},
		"a key in the wrong place":   {"theme: dark\n", []string{`:1: unknown key "theme"; it belongs under ui`}},
		"an unheard-of key":          {"ui:\n  wobble: 1\n", []string{`:2: ui: unknown key "wobble"; there are theme, theme_file, ascii, color, mouse, sound, reduced_motion, tour, keys`}},
		"a bad duration":             {"connection:\n  connect_timeout: 15\n", []string{`:2: connection.connect_timeout: "15" is not a duration; write 500ms, 15s or 2m`}},
		"a duration below zero":      {"connection:\n  connect_timeout: -1s\n", []string{`:2: connection.connect_timeout: -1s is out of range: more than 0s`}},
		"a bad word":                 {"ui: {theme: drak}\n", []string{`:1: ui.theme: "drak" is none of auto, dark, light, contrast, none; did you mean "dark"?`}},
		"a bad level":                {"logs:\n  levels:\n    client: wran\n", []string{`:3: logs.levels.client: "wran" is not a level (trace, debug, info, warn, error, off); did you mean "warn"?`}},
		"a bad size":                 {"timeline: {memory_limit: lots}\n", []string{`:1: timeline.memory_limit: "lots" is not a size; write 512KiB, 64MiB or 1GiB`}},
		"too small a size":           {"timeline: {memory_limit: 1KiB}\n", []string{`:1: timeline.memory_limit: 1KiB is out of range: at least 64KiB`}},
		"a number for a text":        {"connection:\n  user:\n    id: 42\n", []string{`:3: connection.user.id: there should be a text, not a number; put it in quotes: "42"`}},
		"a text for a number":        {"connection:\n  max_connect_user_retries: many\n", []string{`"many" is not a whole number`}},
		"a text for a switch":        {"ui:\n  mouse: maybe\n", []string{`"maybe" is neither true nor false`}},
		"a list for a text":          {"record: [a]\n", []string{`:1: record: there should be one value, not a list`}},
		"a text for a section":       {"ui: dark\n", []string{`:1: ui: there should be keys below, not a text`}},
		"a list for the file":        {"- a\n", []string{`:1: there should be keys below, not a list`}},
		"a bad address":              {"local: {listen: here}\n", []string{`:1: local.listen: "here" is not an address; write host:port`}},
		"a bad URL":                  {"connection: {base_url: video.example}\n", []string{`:1: connection.base_url: "video.example" is not a URL; it begins with https://`}},
		"a bad pointer":              {"connection: {token: {pointer: data}}\n", []string{`"data" is not a JSON pointer`}},
		"no local users":             {"local: {users: []}\n", []string{`:1: local.users: there should be at least one user, each with an id; write [sara, jack]`}},
		"two token sources":          {"connection:\n  token:\n    cmd: a\n    file: b\n", []string{`:3: connection.token.cmd: there is another token source already, connection.token.file; keep one of them`}},
		"a tab":                      {"ui:\n\ttheme: dark\n", []string{`:2: this is not YAML: `}},
		"a key twice":                {"record: a\nrecord: b\n", []string{`:2: this is not YAML: `}},
		"an unknown default profile": {"profile: stagign\nprofiles:\n  staging: {}\n", []string{`: there is no profile "stagign"; did you mean "staging"?`}},
		"a mistake in a profile":     {"profiles:\n  a:\n    ui: {them: dark}\n", []string{`:3: ui: unknown key "them"; did you mean "theme"?`}},
		"a clear secret in a profile": {"profiles:\n  a:\n    connection:\n      token:\n        static: " + secretText + "\n",
			[]string{`:5: connection.token.static: a profile does not hold secrets in clear; write env:NAME`}},
		"all together": {"ui:\n  theme: drak\nrecrod: a\nconnection:\n  connect_timeout: soon\n",
			[]string{":2: ui.theme: ", `:3: unknown key "recrod"; did you mean "record"?`, ":5: connection.connect_timeout: "}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, tc.file)
			_, _, err := Load(Sources{Path: path})
			problems, ok := err.(*Error)
			if !ok || len(problems.Problems) != len(tc.want) {
				t.Fatalf("want %d problems, got\n%v", len(tc.want), err)
			}
			for i, p := range problems.Problems {
				got := p.String()
				if rest, ok := strings.CutPrefix(got, path); !ok || !strings.Contains(rest, tc.want[i]) {
					t.Errorf("want the file and\n%s\ngot\n%s", tc.want[i], got)
				}
				if strings.Contains(got, secretText) {
					t.Errorf("the message keeps the token to itself, got\n%s", got)
				}
			}
		})
	}
}

func TestMistakesOutsideTheFile(t *testing.T) {
	for want, s := range map[string]Sources{
		"there is no such configuration file; check --config":                                                                               {Path: "/nowhere/config.yaml"},
		"the configuration file cannot be read: it is a directory":                                                                          {Path: t.TempDir()},
		`environment STREAMSCOPE_USER_TYPE: connection.user.type: "gest" is none of authenticated, guest, anonymous; did you mean "guest"?`: {Env: []string{"STREAMSCOPE_USER_TYPE=gest"}},
		`--user-custom: connection.user.custom: not a JSON object; write {"color":"red"}`:                                                   {Flags: map[string][]string{"user-custom": {"red"}}},
		`--log: logs.levels: "loud" is not a level (trace, debug, info, warn, error, off)`:                                                  {Flags: map[string][]string{"log": {"client=loud"}}},
		"--token: connection.token.static: the token is empty; give its text, @FILE, or -":                                                  {Flags: map[string][]string{"token": {""}}},
		`--profile: there is no profile "x"; add it under profiles`:                                                                         {Profile: "x"},
	} {
		_, _, err := Load(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s\ngot %v", want, err)
		}
	}
}

func TestHarmlessFiles(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file": "", "only comments": "# nothing\n", "an empty section": "connection:\n  # api_key: a\n", "an empty value": "record:\n", "a marker": "---\n",
	} {
		c, _ := mustLoad(t, Sources{Path: write(t, text)})
		if diff := cmp.Diff(Default(), c); diff != "" {
			t.Errorf("%s changes nothing:\n%s", name, diff)
		}
	}
	c, _ := mustLoad(t, Sources{Path: write(t, "ui:\n  keys: {reconnect: ctrl+r, quit: [q, ctrl+c]}\nlogs: {levels: {x: off}}\nlocal: {ring: {auto_cancel: 0s}}\n"+
		"connection: {user: {custom: {n: 1, deep: {a: [true]}}}}\n")})
	if diff := cmp.Diff(map[string][]string{"reconnect": {"ctrl+r"}, "quit": {"q", "ctrl+c"}}, c.UI.Keys); diff != "" {
		t.Errorf("one key is a list of one:\n%s", diff)
	}
	if c.Logs.Levels["x"] != logsink.Off || c.Logs.Levels["default"] != logsink.Info || c.Local.Ring.AutoCancel != 0 {
		t.Errorf("levels are added to the defaults, and a ring timer can be off: %+v", c)
	}
	t.Setenv("HOME", "/home/sara")
	if c, _ := mustLoad(t, Sources{Path: write(t, "record: ~/a.ndjson\n")}); c.Record != "/home/sara/a.ndjson" {
		t.Errorf("a path may begin in the home directory, got %s", c.Record)
	}
	if fmt.Sprint(c.Connection.User.Custom) != "map[deep:map[a:[true]] n:1]" {
		t.Errorf("custom data is any object, got %v", c.Connection.User.Custom)
	}
}

func TestWarnings(t *testing.T) {
	path := write(t, "connection: {token: {static: "+secretText+"}}\n")
	_, o := mustLoad(t, Sources{Path: path, Env: []string{"STREAMSCOPE_USR_ID=a"}})
	want := []Warning{
		{"a secret is written in clear in " + path, "write env:NAME, file:PATH or cmd:COMMAND instead"},
		{"the environment variable STREAMSCOPE_USR_ID means nothing here", "did you mean STREAMSCOPE_USER_ID?"},
	}
	if diff := cmp.Diff(want, o.Warnings); diff != "" {
		t.Errorf("what works and should not stay gets a warning (-want +got):\n%s", diff)
	}
}

func TestOpenFiles(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token.txt")
	if err := os.WriteFile(token, []byte(secretText), 0o644); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"logs: {}\n": " can be read by every user of this machine",
		"connection: {token: {static: file:" + token + "}}\n":             token + ", which holds a secret, can be read by others",
		"connection: {token: {file: " + token + "}}\n":                    token + ", which holds a secret, can be read by others",
		"connection: {token: {static: " + secretText + "}}\n":             "it holds a secret in clear, and others on this machine can read it",
		"connection: {token: {url: http://a, headers: {A: b}}}\n":         "it holds a secret in clear, and others on this machine can read it",
		"connection: {token: {url: http://a, headers: {A: \"env: \"}}}\n": "\"env:\" says nothing behind the colon",
	} {
		path := write(t, text)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		_, o, err := Load(Sources{Path: path})
		if got := fmt.Sprint(err, o.Warnings); !strings.Contains(got, want) || strings.Contains(got, secretText) {
			t.Errorf("%s: want %q, got %s", text, want, got)
		}
	}
}

func TestNoColor(t *testing.T) {
	always := write(t, "ui: {color: always}\n")
	for want, s := range map[string]Sources{
		"never":  {Env: []string{"NO_COLOR=0"}},
		"auto":   {Env: []string{"NO_COLOR="}},
		"always": {Env: []string{"NO_COLOR=1"}, Path: always},
	} {
		if c, _ := mustLoad(t, s); c.UI.Color != want {
			t.Errorf("%v: want %s, got %s", s.Env, want, c.UI.Color)
		}
	}
	if c, _ := mustLoad(t, Sources{Path: always, Flags: map[string][]string{"no-color": {"true"}}}); c.UI.Color != "never" {
		t.Errorf("--no-color wins, got %s", c.UI.Color)
	}
}

func TestPrintMasksAndReadsBack(t *testing.T) {
	c, o := mustLoad(t, Sources{Env: []string{"STREAMSCOPE_TOKEN=" + secretText, "STREAMSCOPE_TOKEN_HEADERS=Authorization=" + secretText}})
	var b bytes.Buffer
	if err := Print(&b, c, o); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), secretText) || !strings.Contains(b.String(), token.Mask(secretText)) {
		t.Errorf("secrets are masked, got\n%s", &b)
	}
	if !strings.Contains(b.String(), "environment STREAMSCOPE_TOKEN\n") || !strings.Contains(b.String(), "# default\n") {
		t.Errorf("each value has its origin, got\n%s", &b)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", c, c, c, c.Connection.Token.Static, c.Connection.Token.Static, c.Connection.Token.Static), mustJSON(t, c)} {
		if strings.Contains(text, secretText) {
			t.Errorf("no way of printing shows the token: %s", text)
		}
	}
	b.Reset()
	c.Connection.Token = Default().Connection.Token
	if err := Print(&b, c, o); err != nil {
		t.Fatal(err)
	}
	back, _ := mustLoad(t, Sources{Path: write(t, b.String())})
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("what is printed can be read:\n%s", diff)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSecretReferences(t *testing.T) {
	t.Setenv("EDGE_TOKEN", secretText)
	file := write(t, secretText+"\n")
	for _, s := range []Secret{"env:EDGE_TOKEN", Secret("file:" + file), Secret("cmd:cat " + file), secretText} {
		got, err := s.Resolve(t.Context())
		if err != nil || got.Reveal() != secretText {
			t.Errorf("%s leads to the token, got %s, %v", s, got, err)
		}
	}
	for s, want := range map[Secret]string{
		"env:EDGE_NOTHING":          "secret env: the environment variable EDGE_NOTHING is not set",
		"cmd:echo oops >&2; exit 3": "secret cmd: the command ended with exit status 3",
		"cmd:true":                  "secret cmd: it is empty",
		"file:/nowhere/token":       "secret file: open /nowhere/token: no such file or directory",
	} {
		if _, err := s.Resolve(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: want %s, got %v", s, want, err)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("the defaults are valid, got %v", err)
	}
	c := Default()
	c.Connection.Policy, c.Connection.MaxConnectUserRetries = "sdk2", 0
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"sdk2" is none of sdk, steady`) || !strings.Contains(err.Error(), "0 is out of range") {
		t.Errorf("all that is wrong is told, got %v", err)
	}
}

func TestTheSchemaAcceptsTheExampleAndRefusesMistakes(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schemacheck.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := schemacheck.NewCompiler()
	if err := compiler.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(in string) error {
		asJSON, err := yaml.YAMLToJSON([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		value, err := schemacheck.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	for _, good := range []string{string(example), "profiles: {a: {ui: {theme: dark}}}", "ui: {keys: {quit: q}}"} {
		if err := validate(good); err != nil {
			t.Errorf("the schema accepts\n%.80s\n%v", good, err)
		}
	}
	for _, bad := range []string{"conection: {}", "ui: {theme: drak}", "connection: {connect_timeout: 15}", "profiles: {a: {profiles: {}}}", "logs: {levels: {a: loud}}"} {
		if validate(bad) == nil {
			t.Errorf("the schema refuses %s", bad)
		}
	}
}

func TestPaths(t *testing.T) {
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home + "/cfg", "XDG_STATE_HOME=relative"}
	file := filepath.Join(home, "cfg", "streamscope", "config.yaml")
	if got := Paths(env); len(got) != 3 || got[0] != (Path{"config file", file, false}) ||
		!strings.HasPrefix(got[1].Path, home) || !strings.HasPrefix(got[2].Path, home) {
		t.Errorf("XDG_CONFIG_HOME is honoured and a relative path is not, got %+v", got)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("record: a.ndjson\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, o := mustLoad(t, Sources{Env: env}); c.Record != "a.ndjson" || o.File != file {
		t.Errorf("the file is found, got %q from %q", c.Record, o.File)
	}
}
