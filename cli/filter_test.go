package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// feedLines gives lines an event from the server, one of ours, and a log record.
func feedLines(t *testing.T, to lines) error {
	t.Helper()
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"sara was rung", "sara is deaf"} {
		e := timeline.Event{Time: at, Session: "sara", Attempt: 2, Payload: timeline.Note{Text: text}}
		if err := to.event(e); err != nil {
			return err
		}
	}
	return to.record(logsink.Record{Time: at, Level: logsink.Warn, Scope: "client", Message: "rung twice"})
}

func TestSieve(t *testing.T) {
	for name, c := range map[string]struct {
		filters []string
		want    []string // in each line, in order
	}{
		"no filter prints everything":           {nil, []string{"was rung", "is deaf", "rung twice"}},
		"a text":                                {[]string{"rung"}, []string{"was rung", "rung twice"}},
		"without a text":                        {[]string{"!rung"}, []string{"is deaf"}},
		"a regular expression":                  {[]string{"/was|twice/"}, []string{"was rung", "rung twice"}},
		"a line has to pass all":                {[]string{"rung", "!client"}, []string{"was rung"}},
		"the session and the scope are in line": {[]string{"client"}, []string{"rung twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			to, err := newSieve(textLines{&out}, c.filters)
			if err != nil {
				t.Fatal(err)
			}
			if err := feedLines(t, to); err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(got) != len(c.want) {
				t.Fatalf("%d lines pass, got:\n%s", len(c.want), out.String())
			}
			for i, want := range c.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("line %d holds %q, got %q", i, want, got[i])
				}
			}
		})
	}
}

func TestPlainLines(t *testing.T) {
	var out bytes.Buffer
	if err := feedLines(t, plainLines{&out}); err != nil {
		t.Fatal(err)
	}
	if err := (plainLines{&out}).event(timeline.Event{Time: time.Unix(0, 0).UTC(), Session: "sara", Payload: timeline.Frame{
		Dir: timeline.In, Type: "call.ring",
	}}); err != nil {
		t.Fatal(err)
	}
	const want = "sara was rung, sara #2, 12:00:00\nsara is deaf, sara #2, 12:00:00\nlog warn, client: rung twice\nreceived call.ring"
	if got := out.String(); !strings.HasPrefix(got, want) {
		t.Errorf("lines are words without arrows, the news first:\n%s\nwant\n%s", got, want)
	}
}

func TestJQ(t *testing.T) {
	for name, c := range map[string]struct {
		expr string
		want string // "" with an error
		err  string
	}{
		"a member":             {".kind", "note\nnote\nnull\n", ""},
		"a choice":             {`.log.scope // empty`, "client\n", ""},
		"what is not there":    {".nothing", "null\nnull\nnull\n", ""},
		"what cannot be":       {".kind.deeper", "", "expected an object"},
		"too much of one line": {"repeat(1)", "", "more than 10000 values"},
		"escapes are cleaned":  {`"\u001b[31mred"`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			to, err := newJQ(&out, c.expr)
			if err != nil {
				t.Fatal(err)
			}
			err = feedLines(t, to)
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("it says %q, got %v", c.err, err)
			}
			if c.err == "" && err != nil {
				t.Errorf("it can be carried out, got %v", err)
			}
			if c.want != "" && out.String() != c.want {
				t.Errorf("it prints %q, got %q", c.want, out.String())
			}
			if strings.Contains(out.String(), "\x1b") {
				t.Error("no escape reaches the terminal")
			}
		})
	}
	if _, err := newJQ(nil, "select("); err == nil {
		t.Error("an expression that cannot be read is refused before anything runs")
	}
}
