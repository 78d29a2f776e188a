package config

import (
	"reflect"
	"strings"
	"testing"

	"streamscope/logsink"
)

func TestParseSink(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Sink
		err  string
	}{
		"everything to a socket": {"unix:/run/ops.sock", Sink{Kind: "unix", Target: "/run/ops.sock"}, ""},
		"a port of this machine": {"tcp:127.0.0.1:9000 json", Sink{Kind: "tcp", Target: "127.0.0.1:9000", JSON: true}, ""},
		"only the named scopes": {"stderr client=debug", Sink{Kind: "stderr", Levels: map[string]logsink.Level{
			"default": logsink.Off, "client": logsink.Debug,
		}}, ""},
		"a default of its own": {"file:/tmp/a.log default=warn Call=trace", Sink{Kind: "file", Target: "/tmp/a.log", Levels: map[string]logsink.Level{
			"default": logsink.Warn, "Call": logsink.Trace,
		}}, ""},
		"nothing":         {" ", Sink{}, "no target"},
		"no such target":  {"syslog", Sink{}, `"syslog" is no target of a sink`},
		"a path is asked": {"file:", Sink{}, `"file:" is no target`},
		"no such level":   {"stderr client=loud", Sink{}, "loud"},
		"a lonely word":   {"stderr client", Sink{}, "neither json nor SCOPE=LEVEL"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseSink(c.text)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("it says %q, got %v", c.err, err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("the sink is %+v, got %+v", c.want, got)
			}
		})
	}
}

func TestSinksOfTheFile(t *testing.T) {
	cfg, _, err := Load(Sources{Path: write(t, "logs:\n  sinks:\n    ops: unix:/run/ops.sock default=warn\n")})
	if err != nil || cfg.Logs.Sinks["ops"] != "unix:/run/ops.sock default=warn" {
		t.Errorf("a sink is read as it is written, got %v, %v", cfg.Logs.Sinks, err)
	}
	_, _, err = Load(Sources{Path: write(t, "logs:\n  sinks: {ops: syslog}\n")})
	if err == nil || !strings.Contains(err.Error(), `"syslog" is no target of a sink`) {
		t.Errorf("what is no sink is refused with its place, got %v", err)
	}
}

func TestBlame(t *testing.T) {
	cfg, origins, err := Load(Sources{
		Path: write(t, "connection:\n  api_key: abc\nlogs:\n  levels: {client: debug}\n"), Flags: map[string][]string{"user-id": {"sara"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := Blame(&out, cfg, origins, ""); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "connection.api_key: abc") || !strings.HasSuffix(lines[0], ":2") ||
		!strings.HasSuffix(lines[1], "# --user-id") || !strings.HasPrefix(lines[2], "logs.levels.client: debug") {
		t.Errorf("three things were set, each says by whom:\n%s", out.String())
	}
	out.Reset()
	if found, err := Blame(&out, cfg, origins, "connection.token.ttl"); !found || err != nil || !strings.HasSuffix(out.String(), "# default\n") {
		t.Errorf("a key that was asked for is told with its default, got %q", out.String())
	}
	if found, _ := Blame(&out, cfg, origins, "conection"); found {
		t.Error("nothing is called so")
	}
}
