package session

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSDKTraces gives the session what the official client was given in each
// recording, in virtual time, and compares what it sends by the rules of the
// recordings' README. SDK_TRACES names another folder of recordings.
func TestSDKTraces(t *testing.T) {
	dirs := []string{
		filepath.Join("..", "testdata", "sdk-traces"), filepath.Join("..", "testdata", "sdk-traces-more"),
	}
	if dir := os.Getenv("SDK_TRACES"); dir != "" {
		dirs = []string{dir}
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no traces in %s (%v)", dir, err)
		}
		playTraces(t, files)
	}
}

func playTraces(t *testing.T, files []string) {
	t.Helper()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tr trace
		if err := json.Unmarshal(data, &tr); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playTrace(t, &tr) })
		})
	}
}

// playTrace is one recording.
func playTrace(t *testing.T, tr *trace) {
	server := newTraceServer(tr)
	client := newTraceClient(t, tr, server)
	for _, a := range tr.Inputs.Actions {
		client.act(a)
	}
	synctest.Wait()
	finals := client.finals()
	server.freeze()
	client.close()
	server.close()
	compareTrace(t, tr, server, client, finals)
}

// trace is a recording: see the README beside the files.
type trace struct {
	Scenario string
	Inputs   struct {
		APIKey        string         `json:"api_key"`
		ClientOptions map[string]any `json:"client_options"`
		Tokens        map[string]struct {
			Value string
		}
		TokenProviders map[string][]json.RawMessage `json:"token_providers"`
		Server         struct {
			Connections []traceConnection
			HTTP        []traceRoute
		}
		Actions []traceAction
	}
	Timing struct {
		Gaps []struct {
			After  int       `json:"after_conn"`
			Next   int       `json:"next_conn"`
			Rule   string    `json:"rule"`
			From   string    `json:"counted_from"`
			Window []float64 `json:"window_ms"`
		}
		Attempts *attemptsRange `json:"ws_attempts_range"`
	}
	Outcome struct {
		Results []traceResult
		Final   map[string]traceFinal
	}
	Wire []traceEntry
}

// attemptsRange is [min, max] or an object with the two.
type attemptsRange struct{ Min, Max int }

func (r *attemptsRange) UnmarshalJSON(b []byte) error {
	var pair []int
	if json.Unmarshal(b, &pair) == nil && len(pair) == 2 {
		r.Min, r.Max = pair[0], pair[1]
		return nil
	}
	type plain attemptsRange
	return json.Unmarshal(b, (*plain)(r))
}

type traceConnection struct {
	Upgrade json.RawMessage
	Delay   int               `json:"upgrade_delay_ms"`
	OnAuth  []json.RawMessage `json:"on_auth"`
	OnOpen  []json.RawMessage `json:"on_open"`
	Health  string
}

type traceRoute struct {
	Method, Path string
	Replies      []json.RawMessage
}

type traceAction struct {
	Do         string
	Client     string
	Name       string
	Background bool
	User       map[string]any
	Token      string
	Provider   string
	MS         int
	Match      map[string]any
	Count      int
	Timeout    int `json:"timeout_ms"`
	Type, ID   string
	CID        string
	Method     string
	Args       []any
	Data       json.RawMessage
	Members    []string
}

type traceResult struct {
	Action string
	Label  string
	Status string
	Value  map[string]any
	Error  *struct{ Message string }
}

type traceFinal struct {
	ConnectedUser *string `json:"connected_user"`
	Healthy       bool    `json:"ws_healthy"`
	ConnectionID  string  `json:"connection_id"`
	Failures      int     `json:"consecutive_failures"`
	Calls         []struct {
		CID      string
		Ringing  bool
		State    string `json:"calling_state"`
		Watching bool
	}
}

type traceEntry struct {
	Dir, Kind string
	Conn, Req int
	Method    string
	Path      string
	Query     map[string]string
	Headers   map[string]string
	Status    any
	Body      any
	JSON      any
	Code      int
	Reason    string
	Provider  string
	Call      int
	Returns   string
	Throws    string
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }
