package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"streamscope/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"streamscope": main, "streamscope-broken": broken})
}

// broken is the command with a bug: what it prints to panics once the user is
// connected.
func broken() { os.Exit(cli.Main(os.Args[1:], os.Stdin, breaking{}, os.Stderr)) }

type breaking struct{}

// Write implements [io.Writer].
func (breaking) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("connection.ok")) {
		panic("out of paper")
	}
	return os.Stdout.Write(p)
}

// TestScripts runs the command as a user does: one file a behaviour.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       exits,
			"occupy":      occupy,
			"mode":        mode,
			"coordinator": coordinator,
			"tapped":      tapped,
			"website":     website,
			"conforms":    conforms,
		},
	})
}

// setUp gives each script a home of its own and nothing from ours.
func setUp(env *testscript.Env) error {
	for name, dir := range map[string]string{
		"HOME": "home", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state",
		"XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run",
	} {
		path := filepath.Join(env.WorkDir, dir)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		env.Setenv(name, path)
	}
	schemas, err := filepath.Abs("docs/schema")
	if err != nil {
		return err
	}
	env.Setenv("SCHEMAS", schemas)
	for _, name := range []string{"STREAM_API_KEY", "STREAM_API_SECRET", "STREAM_TOKEN", "NO_COLOR"} {
		env.Setenv(name, "")
	}
	return nil
}

// exits runs a command and holds it to an exit code; what it printed is there for
// stdout and stderr, as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s\nstderr: %s", code, args[0], ts.ReadFile("stderr"))
	}
}

// occupy listens on a free port until the script ends and puts it in $PORT.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: occupy")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv("PORT", port)
}

// mode checks the permissions of the files that a pattern matches, which must be
// at least one.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode 0600 PATTERN")
	}
	files, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("no file matches %s", args[1])
	}
	for _, name := range files {
		info, err := os.Stat(name)
		ts.Check(err)
		if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}

// coordinator runs streamscope serve until the script ends, on a free port, and
// puts what it prints into the environment: BASE_URL, API_KEY, SECRET, and a
// token for each user, as in TOKEN_SARA. Further arguments are flags of serve.
func coordinator(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: coordinator [FLAG...]")
	}
	cmd := exec.Command("streamscope", append([]string{"serve", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME"), "XDG_CONFIG_HOME=" + ts.Getenv("XDG_CONFIG_HOME")}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
			ts.Logf("serve ends with exit code 130 when it is interrupted, got %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	ts.Check(err)
	var told struct {
		BaseURL string            `json:"base_url"`
		APIKey  string            `json:"api_key"`
		Secret  string            `json:"secret"`
		Tokens  map[string]string `json:"tokens"`
	}
	ts.Check(json.Unmarshal(line, &told))
	ts.Setenv("BASE_URL", told.BaseURL)
	ts.Setenv("API_KEY", told.APIKey)
	ts.Setenv("SECRET", told.Secret)
	for user, token := range told.Tokens {
		ts.Setenv("TOKEN_"+strings.ToUpper(user), token)
	}
}

// tapped runs a command against the coordinator through streamscope tap, whose
// standard output goes into a file. The command finds the tap in $BASE_URL. The tap
// is to end by itself, with --until, and both with the exit code 0.
func tapped(ts *testscript.TestScript, neg bool, args []string) {
	at := slices.Index(args, "--")
	if neg || len(args) < 1 || at < 1 {
		ts.Fatalf("usage: tapped FILE [FLAG...] -- COMMAND [ARG...]")
	}
	upstream := ts.Getenv("BASE_URL")
	cmd := exec.Command("streamscope", append([]string{"tap", "--listen", "127.0.0.1:0", "--upstream", upstream}, args[1:at]...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME"), "XDG_CONFIG_HOME=" + ts.Getenv("XDG_CONFIG_HOME")}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	cmd.Stdout = file
	words, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	in := bufio.NewScanner(words)
	for in.Scan() {
		if base, ok := strings.CutPrefix(in.Text(), "base URL of your app:"); ok {
			base = strings.TrimSpace(base)
			var command []string
			for _, arg := range args[at+1:] {
				command = append(command, strings.ReplaceAll(arg, upstream, base))
			}
			exits(ts, false, append([]string{"0"}, command...))
		}
	}
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("the tap ends by itself: %v", err)
	}
}

// website answers every request with a page of HTML, as a proxy or a portal
// does, and puts its address into $SITE.
func website(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: website")
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html><head><title>Welcome to the hotel</title></head></html>")
	}))
	ts.Defer(s.Close)
	ts.Setenv("SITE", s.URL)
}

// conforms holds a file, or each line of one that ends in .ndjson, to a JSON
// Schema of docs/schema.
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: conforms SCHEMA FILE")
	}
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile(filepath.Join(ts.Getenv("SCHEMAS"), args[0]))
	ts.Check(err)
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	docs := []string{text}
	if strings.HasSuffix(args[1], ".ndjson") {
		docs = strings.Split(text, "\n")
	}
	for _, doc := range docs {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
		ts.Check(err)
		if err := schema.Validate(value); err != nil {
			ts.Fatalf("%v\n%s", err, doc)
		}
	}
}
