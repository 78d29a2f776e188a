package cli

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/config"
	"streamscope/logsink"
	"streamscope/timeline"
	"streamscope/ui"
)

// followed is a rig that follows a configuration file in a bubble.
type followed struct {
	t    *testing.T
	rig  *rig
	path string
}

func newFollowed(t *testing.T, text string) *followed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	f := &followed{t: t, path: path}
	f.write(text)
	load := func() (config.Config, error) {
		cfg, origins, err := config.Load(config.Sources{Path: path})
		if err == nil {
			err = checkScreen(cfg, origins)
		}
		return cfg, err
	}
	cfg, err := load()
	if err != nil {
		t.Fatal(err)
	}
	f.rig = newRig(t.Context(), settings{config: cfg, levels: levelsOf(cfg.Logs)})
	s := &sinks{rig: f.rig}
	if err := s.set(cfg.Logs); err != nil {
		t.Fatal(err)
	}
	l := &reloader{path: path, rig: f.rig, sinks: s, now: cfg, seen: stateOf(path), load: load}
	f.rig.sessions.start(func() error { return l.run(f.rig.sessions.ctx) })
	return f
}

func (f *followed) write(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	// A file system may be too coarse to tell two writes apart; the bubble's time is not.
	if err := os.Chtimes(f.path, time.Now(), time.Now()); err != nil {
		f.t.Fatal(err)
	}
}

// change writes the file and waits for the next look at it; it returns what the
// timeline says of it.
func (f *followed) change(text string) string {
	f.t.Helper()
	_, next := f.rig.events.Bounds()
	f.write(text)
	time.Sleep(2 * reloadEvery)
	synctest.Wait()
	var told []string
	for e := range f.rig.events.Range(next, ^uint64(0)) {
		told = append(told, timeline.Describe(e).Text)
	}
	return strings.Join(told, "\n")
}

func TestReload(t *testing.T) { synctest.Test(t, testReload) }

func testReload(t *testing.T) {
	f := newFollowed(t, "logs: {levels: {client: debug, Call: warn}}\n")
	time.Sleep(time.Minute)
	f.rig.levels.Set("Call", logsink.Trace) // by hand

	told := f.change("logs: {levels: {client: error, Call: warn}}\n")
	if level, _ := f.rig.levels.Effective("client"); level != logsink.Error || !strings.Contains(told, "levels hold now") {
		t.Errorf("a level of the file holds at once, and the timeline says so: %s, %q", level, told)
	}
	if level, _ := f.rig.levels.Effective("Call"); level != logsink.Trace {
		t.Errorf("what was changed by hand stays, got %s", level)
	}
	told = f.change("logs: {levels: {Call: warn}}\nui: {theme: light}\nconnection: {api_key: k}\n")
	if _, inherited := f.rig.levels.Effective("client"); !inherited {
		t.Error("a scope that is gone from the file is at the default again")
	}
	if !strings.Contains(told, "from the next start on: connection") {
		t.Errorf("what cannot change while it runs is named, got %q", told)
	}
	told = f.change("logs: {levels: {client: loud}}\n")
	if !strings.Contains(told, "is not taken over") || !strings.Contains(told, "config.yaml:1") {
		t.Errorf("a mistake is told with its place, got %q", told)
	}
	if level, _ := f.rig.levels.Effective("client"); level != logsink.Info {
		t.Errorf("and changes nothing, got %s", level)
	}
	if told = f.change("logs: {levels: {client: loud}}\n\n"); !strings.Contains(told, "is not taken over") {
		t.Errorf("it is told after each change, got %q", told)
	}
	if err := f.rig.close(errQuit); err != nil {
		t.Error(err)
	}
}

func TestTheScreenChangesLive(t *testing.T) { synctest.Test(t, testTheScreenChangesLive) }

func testTheScreenChangesLive(t *testing.T) {
	colours := filepath.Join(t.TempDir(), "theme.yaml")
	if err := os.WriteFile(colours, []byte("ok: green\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFollowed(t, "ui: {theme: dark}\n")
	told := f.change("ui: {theme: light, theme_file: " + colours + ", keys: {connect: [C]}, reduced_motion: true}\n")
	if !strings.Contains(told, "the look and the keys of the screen hold now; from the next start on: ui") {
		t.Errorf("the timeline says what holds and what does not yet, got %q", told)
	}
	want := ui.Look{Theme: "light", ThemeFile: colours, Mouse: true, Sound: true, Keys: map[string][]string{"connect": {"C"}}}
	got := <-f.rig.looks
	got.ASCII = false // is the locale's
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the screen gets what the file says (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"keys: {connect: [x]}", "theme_file: " + colours + ".not"} {
		if told = f.change("ui: {" + wrong + "}\n"); !strings.Contains(told, "is not taken over") {
			t.Errorf("%s: a mistake is told, got %q", wrong, told)
		}
	}
	select {
	case look := <-f.rig.looks:
		t.Errorf("and changes nothing, got %+v", look)
	default:
	}
	if err := f.rig.close(errQuit); err != nil {
		t.Error(err)
	}
}

// A scope has one sink, as in Stream's logger; what has none goes to the others.
// log logs a line in each scope, and waits until the sinks have it.
func (f *followed) log(level logsink.Level, message string, scopes ...string) {
	for _, scope := range scopes {
		f.rig.logs.Append(logsink.Record{Time: time.Now(), Level: level, Scope: scope, Message: message})
	}
	time.Sleep(time.Second)
	synctest.Wait()
}

func TestRoutes(t *testing.T) { synctest.Test(t, testRoutes) }

func testRoutes(t *testing.T) {
	dir := t.TempDir()
	sinks := fmt.Sprintf("sinks: {wire: \"file:%[1]s/wire\", all: \"file:%[1]s/all\", more: \"file:%[1]s/more\"}", dir)
	f := newFollowed(t, "logs: {"+sinks+"}\n")
	say := func(message string) { f.log(logsink.Info, message, "client", "coordinator") }
	say("1")
	f.change("logs: {routes: {coordinator: wire}, " + sinks + "}\n")
	say("2")
	f.change("logs: {routes: {coordinator: wire, default: more}, " + sinks + "}\n")
	say("3")
	if told := f.change("logs: {routes: {coordinator: nowhere}, " + sinks + "}\n"); !strings.Contains(told, "the scope coordinator: there is no sink nowhere") {
		t.Errorf("a sink that is none is told, got %q", told)
	}
	f.change("logs: {" + sinks + "}\n")
	say("4")
	if err := f.rig.close(errQuit); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"wire": "client 1 coordinator 1 coordinator 2 coordinator 3 client 4 coordinator 4",
		"all":  "client 1 coordinator 1 client 2 client 4 coordinator 4",
		"more": "client 1 coordinator 1 client 2 client 3 client 4 coordinator 4",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(string(text)) {
			_, scope, _ := strings.Cut(strings.TrimSpace(line), "[")
			got = append(got, strings.Replace(scope, "]:", "", 1))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s holds %q, got %q", name, want, got)
		}
	}
}

func TestSinksChangeLive(t *testing.T) { synctest.Test(t, testSinksChangeLive) }

func testSinksChangeLive(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	f := newFollowed(t, "logs: {sinks: {a: \"file:"+one+" client=info\"}}\n")
	log := func(message string) { f.log(logsink.Debug, message, "client") }
	log("hidden")
	f.change("logs: {sinks: {a: \"file:" + one + " client=debug\"}}\n")
	log("shown")
	f.change("logs: {sinks: {b: \"file:" + two + "\"}}\n")
	log("elsewhere")
	if err := f.rig.close(errQuit); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{one: "shown", two: "elsewhere"} {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for scan := bufio.NewScanner(file); scan.Scan(); lines++ {
			if !strings.Contains(scan.Text(), want) {
				t.Errorf("%s holds %q only, got %s", filepath.Base(path), want, scan.Text())
			}
		}
		file.Close()
		if lines != 1 {
			t.Errorf("%s holds one line, got %d", filepath.Base(path), lines)
		}
	}
}
