package scenario

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streamscope/internal/fault"
)

const deploy = `
title: The server goes away
users:
  - id: sara
    token: static
    token_ttl: 90s
    reject_call_when_busy: true
  - jack
seed: 7
steps:
  - connect: sara
  - expect state: connected
    within: 3s
  - fault: close:code=1001
    user: sara
  - ring: {from: jack, to: [sara], call: default:lunch}
  - expect request: POST /call/*/lunch/reject
    status: 201
    count: 2
  - expect trap: K1
    absent: true
  - wait: 1m30s
  - clear
`

func TestParse(t *testing.T) {
	s, err := Parse("dir/deploy.yaml", []byte(deploy))
	if err != nil {
		t.Fatalf("a good file is refused: %v", err)
	}
	if s.Name != "deploy" || s.Seed != 7 || len(s.Users) != 2 || len(s.Steps) != 8 {
		t.Fatalf("read %+v", s)
	}
	sara := s.Users[0]
	if sara.Token != "static" || sara.TokenTTL != 90*time.Second || !sara.RejectWhenBusy || s.Users[1].Token != "provider" {
		t.Errorf("users: %+v", s.Users)
	}
	if f := s.Steps[2]; f.Fault.Kind != fault.Close || f.Fault.Code != 1001 || f.User != "sara" {
		t.Errorf("fault step: %+v", f)
	}
	if r := s.Steps[3].Ring; r.From != "jack" || r.To[0] != "sara" || r.CID != "default:lunch" {
		t.Errorf("ring step: %+v", r)
	}
	if e := s.Steps[4]; e.Status != 201 || e.Count != 2 || e.Line != 17 {
		t.Errorf("request step: %+v", e)
	}
	if !s.Steps[5].Absent || s.Steps[6].Wait != 90*time.Second || s.Steps[7].Verb != Clear {
		t.Errorf("last steps: %+v", s.Steps[5:])
	}
}

func TestParseMistakes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "x.yaml:1:1: the file is empty; expected users and steps"},
		{"unknown key", "users: [sara]\nstep: []\n", `x.yaml:2:1: a scenario has no "step"; expected one of name`},
		{"unknown verb", "users: [sara]\nsteps:\n  - jump: sara\n", `x.yaml:3:5: unknown step "jump"; expected one of connect`},
		{"two verbs", "users: [sara]\nsteps:\n  - connect: sara\n    wait: 1s\n", "a step with 2 verbs"},
		{"bad duration", "users: [sara]\nsteps:\n  - wait: soon\n", `x.yaml:3:11: "soon" is not a duration; expected a duration such as 250ms`},
		{"wrong option", "users: [sara]\nsteps:\n  - connect: sara\n    within: 3s\n", `x.yaml:4:5: "connect" does not take "within"; expected no further keys`},
		{"no such state", "users: [sara]\nsteps:\n  - expect state: happy\n", `x.yaml:3:5: there is no state "happy"`},
		{"no such trap", "users: [sara]\nsteps:\n  - expect trap: K28\n", `there is no trap "K28"; expected K1 to K27`},
		{"no such user", "users: [sara]\nsteps:\n  - connect: bob\n", `nobody is called "bob"; expected one of sara`},
		{"bad request", "users: [sara]\nsteps:\n  - expect request: reject\n", `"reject" is not a request`},
		{"bad fault", "users: [sara]\nsteps:\n  - fault: explode\n", "x.yaml:3:12"},
		{"ring without to", "users: [sara]\nsteps:\n  - ring: {from: jack}\n", "a ring without from or to"},
		{"nobody", "steps:\n  - wait: 1s\n", "nobody takes part; expected users: [sara]"},
		{"nothing", "users: [sara]\n", "nothing happens"},
		{"token word", "users: [{id: sara, token: jwt}]\nsteps:\n  - wait: 1s\n", `"jwt"; expected provider or static`},
		{"not yaml", "users: [sara\n", "x.yaml: not YAML"},
		{"list for scenario", "- a\n", "a scenario is not a mapping"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("x.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseReportsAllMistakes(t *testing.T) {
	_, err := Parse("x.yaml", []byte("users: [sara]\nsteps:\n  - wait: soon\n  - jump\n  - expect trap: K1\n    until: 3s\n"))
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 3 {
		t.Fatalf("three mistakes, reported: %v", err)
	}
}

func TestLoadRefusesAnEmptyFolderAndALargeFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "no .yaml file") {
		t.Errorf("empty folder: %v", err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("large file: %v", err)
	}
	if _, err := Load(filepath.Join(dir, "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// FuzzParse: no input panics, and what is accepted can be run.
func FuzzParse(f *testing.F) {
	f.Add([]byte(deploy))
	f.Add([]byte("users: [a]\nsteps: [{expect state: idle}]"))
	f.Add([]byte("? [a]: b\nsteps: *x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("f.yaml", data)
		if err != nil {
			return
		}
		if len(s.Users) == 0 || len(s.Steps) == 0 {
			t.Errorf("accepted without users or steps: %q", data)
		}
		for _, st := range s.Steps {
			if _, ok := verbInfo(string(st.Verb)); !ok {
				t.Errorf("accepted verb %q", st.Verb)
			}
		}
	})
}
