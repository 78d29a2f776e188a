package tap

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/logsink"
)

// lines are the log lines that have come in.
func (w *world) lines() []string {
	synctest.Wait()
	cursor := w.proxy.Logs.Cursor(0)
	defer cursor.Close()
	var all []string
	rows, _ := cursor.Next(nil)
	for _, row := range rows {
		line := row.Record().String()
		all = append(all, line[strings.Index(line, " ")+1:])
	}
	return all
}

func TestLinesOfTheApp(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, _, err := w.dial(LogPath+"?user=sara", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer app.gone()
		for _, line := range []string{
			`{"level":"info","message":"[coordinator]: connection:_connect() - Connecting","args":[]}`,
			`{"level":"warn","message":"WARN: [SfuClient](1,rpc): slow","args":[{"ms":12}]}`,
			`[{"level":"trace","message":"[audio manager]: Starting stream","args":[{}]},{"level":"error","message":"no scope","args":["a",{"b":1}]}]`,
			`{"level":"shout","message":"[Call]: odd level"}`,
			`{"level":"debug","message":"[coordinator]: auth {\"token\":\"` + sign(t, "sara") + `\"}"}`,
			`not a line`,
		} {
			app.say(line)
		}
		got := w.lines()
		want := []string{
			"INFO  sara [coordinator]: connection:_connect() - Connecting",
			`WARN  sara [SfuClient](1,rpc): slow arg={"ms":12}`,
			"TRACE sara [audio manager]: Starting stream",
			`ERROR sara [default]: no scope args=["a",{"b":1}]`,
			"INFO  sara [Call]: odd level",
			"DEBUG sara [coordinator]: auth",
			"WARN  sara [streamscope]: the sink sent what is no log line: not a line",
		}
		for i, line := range want {
			if i >= len(got) || !strings.HasPrefix(got[i], line) {
				t.Errorf("line %d: want %q in\n%s", i, line, strings.Join(got, "\n"))
			}
		}
		if strings.Contains(strings.Join(got, ""), sign(t, "sara")) {
			t.Error("a token is in the log")
		}
	})
}

func TestLinesThatWaitedHaveTheirTime(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, _, err := w.dial(LogPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer app.gone()
		app.say(`{"level":"info","message":"[x]: late","at":` + itoa(int(time.Now().Add(-time.Minute).UnixMilli())) + `}`)
		app.say(`{"level":"info","message":"[x]: of the future","at":99999999999999}`)
		w.lines()
		var times []time.Duration
		cursor := w.proxy.Logs.Cursor(0)
		defer cursor.Close()
		rows, _ := cursor.Next(nil)
		for _, row := range rows {
			times = append(times, time.Since(row.Time()))
		}
		if want := []time.Duration{time.Minute, 0}; !slices.Equal(times, want) {
			t.Errorf("the lines are %v old, want %v", times, want)
		}
	})
}

func TestLevelsGoIntoTheApp(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.proxy.Levels.Set("coordinator", logsink.Trace)
		app, _, err := w.dial(LogPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer app.gone()
		want := func(what, message string) {
			t.Helper()
			app.want(what, websocket.MessageText, message)
		}
		want("what is set at the start", `{"configure":{"coordinator":{"level":"trace"},"default":{"level":"info"}}}`)
		w.proxy.Levels.Set("Call", logsink.Warn)
		want("a key in the pane", `{"configure":{"Call":{"level":"warn"}}}`)
		w.proxy.Levels.Reset("coordinator")
		want("a scope that follows the default again", `{"configure":{"coordinator":{"level":null}}}`)
		w.proxy.Levels.Set("Call", logsink.Warn)
		w.proxy.Levels.RestoreDefaults()
		want("the defaults, which the app's own default follows", `{"configure":{"Call":{"level":null}}}`)
		second, _, err := w.dial(LogPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer second.gone()
		second.want("another app", websocket.MessageText, `{"configure":{"default":{"level":"info"}}}`)
	})
}

func TestTheSinkIsServed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		resp, text := w.request("GET", SinkPath, "", "Origin: http://localhost:5173")
		if resp.StatusCode != 200 || !strings.Contains(text, "export function streamscopeSink") ||
			!strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") || resp.Header.Get("Access-Control-Allow-Origin") != "http://localhost:5173" {
			t.Errorf("the sink comes as a module: %d %v", resp.StatusCode, resp.Header)
		}
		if lines := strings.Count(text, "\n"); lines > 60 {
			t.Errorf("the sink is a snippet, and has %d lines", lines)
		}
		if resp, _ := w.request("GET", ownPrefix+"nothing", ""); resp.StatusCode != 404 {
			t.Errorf("there is nothing else: %d", resp.StatusCode)
		}
	})
}
