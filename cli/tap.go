package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"streamscope/config"
	"streamscope/internal/fault"
	"streamscope/internal/origin"
	"streamscope/scenario"
	"streamscope/session"
	"streamscope/tap"
	"streamscope/timeline"
	"streamscope/ui"
)

// tapFlags are the flags of tap beyond those of the screen.
type tapFlags struct {
	watchFlags
	listen   string
	upstream string
	code     string
	noWait   bool
	faults   []string
	origins  []string
	hosts    []string
}

func (p *program) tapCommand() *cobra.Command {
	var f tapFlags
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "tap",
		Short: "Put yourself between your app and Stream",
		Long: "Pass everything on between your own app and Stream, and show it: frames, tokens,\n" +
			"attempts, rings, requests, a session for each user. The app's SDK is pointed here\n" +
			"by its base-URL option; the line to put into it is printed. Nothing is changed and\n" +
			"nobody is answered unless a fault says so. The app's log lines come in through a\n" +
			"sink of a few lines, and the level keys then change the levels inside the app.\n\n" +
			"Without a terminal, or with --json, events and log records are printed as lines.\n\n" +
			"A fault is KIND:name=value,…: --fault close:code=1000,after=10s. The kinds are\n" +
			lines80(kinds(fault.Tap)) + ".",
		Example: "streamscope tap\n" +
			"streamscope tap --upstream http://127.0.0.1:8800/video --record app.ndjson\n" +
			"streamscope tap --listen 0.0.0.0:8801\n" +
			"streamscope tap --json --until call.ring --for 2m",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		return p.tap(ctx, flags, f)
	})
	def := config.Default().Tap
	c.Flags().StringVar(&f.listen, "listen", def.Listen, "the address to listen on; another than loopback asks for a pairing code")
	c.Flags().StringVar(&f.upstream, "upstream", def.Upstream, "where everything is passed on to")
	c.Flags().StringVar(&f.code, "code", "", "the pairing code to ask for; without it one is made where it is needed")
	c.Flags().BoolVar(&f.noWait, "no-wait", false, "open the screen at once, not when the app comes")
	c.Flags().StringArrayVar(&f.faults, "fault", nil, "a fault to arm from the start, KIND:name=value,… with a kind from the list above (repeatable)")
	c.Flags().StringArrayVar(&f.origins, "allow-origin", nil, "another origin whose pages may connect, * for all (repeatable)")
	c.Flags().StringArrayVar(&f.hosts, "allow-host", nil, "another host name to answer to, such as a tunnel's (repeatable)")
	f.addTo(c)
	flags = addFlags(c, func(k config.Key) bool {
		return strings.HasPrefix(k.Path, "ui.") || strings.HasPrefix(k.Path, "logs.") || k.Path == "record" ||
			strings.HasSuffix(k.Path, ".memory_limit")
	})
	return c
}

// tap runs the proxy with a screen, or prints what passes as lines.
func (p *program) tap(ctx context.Context, flags *sharedFlags, f tapFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.code != "" && !pairingCode.MatchString(f.code) {
		return usage("use 8 letters and digits, or more", "--code: it is part of every URL, and keeps others out")
	}
	faults, err := parseFaults(f.faults, fault.Tap)
	if err != nil {
		return err
	}
	cfg, origins, err := flags.load(p, "")
	if err != nil {
		return err
	}
	if !flags.given("listen") {
		f.listen = cfg.Tap.Listen
	}
	if !flags.given("upstream") {
		f.upstream = cfg.Tap.Upstream
	}
	upstream, err := f.target()
	if err != nil {
		return err
	}
	if err := checkTheme(cfg.UI.ThemeFile); err != nil {
		return err
	}
	ln, err := listenOn(ctx, f.listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	if reachable(ln.Addr()) == upstream.Host {
		return usage("give the address of Stream, or of streamscope serve, with --upstream", "--upstream: %s is the tap itself", upstream.Host)
	}
	if f.code == "" && !loopback(ln.Addr()) {
		f.code = tap.NewCode()
	}
	set := settings{
		config: cfg, origins: origins, levels: levelsOf(cfg.Logs),
		session: session.Config{Source: timeline.SourceTap, BaseURL: upstream.String()},
	}
	t := &tapRun{program: p, flags: f, set: set, words: tapWords{
		addr: announced(ln.Addr()), path: upstream.Path, code: f.code, upstream: upstream.String(),
	}}
	return t.run(ctx, ln, upstream, faults, flags)
}

// pairingCode is what can be the first element of a path and is not guessed at once.
var pairingCode = regexp.MustCompile(`^[A-Za-z0-9_-]{8,}$`)

// target is the address of upstream.
func (f tapFlags) target() (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(f.upstream, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usage("write a base URL such as "+config.Default().Tap.Upstream, "--upstream: %q is not the URL of a server", hide(f.upstream))
	}
	if u.Path == "" {
		u.Path = "/video" // what every client SDK wants in its base URL
	}
	if u.User != nil || u.RawQuery != "" {
		return nil, usage("leave out what comes before @ and after ?", "--upstream: only a server and a path can be passed on to")
	}
	return u, nil
}

// tapRun is one run of the tap.
type tapRun struct {
	program *program
	flags   tapFlags
	set     settings
	words   tapWords
	rig     *rig
	proxy   *tap.Proxy
}

func (t *tapRun) run(ctx context.Context, ln net.Listener, upstream *url.URL, faults []fault.Fault, flags *sharedFlags) error {
	p, f := t.program, t.flags
	r := newRig(ctx, t.set)
	t.rig = r
	t.proxy = &tap.Proxy{
		Upstream: upstream, Timeline: r.events, Logs: r.logs, Levels: r.levels, Code: f.code,
		Guard: origin.Guard{Hosts: f.hosts, Origins: f.origins},
		Struck: func(session, id string, f fault.Fault) {
			r.events.Append(timeline.Event{Session: session, Payload: timeline.FaultHit{ID: id, Fault: string(f.Kind)}})
		},
		Over: func(id string, _ fault.Fault, hits int) {
			r.events.Append(timeline.Event{Payload: timeline.FaultCleared{ID: id, Why: "it is over", Hits: hits}})
		},
	}
	screen := p.canDraw() == nil && !f.json && f.jq == ""
	err := t.set.outputs(r)
	if err == nil {
		err = p.accompanyConfig(r, t.set, flags, screen)
	}
	control := &tapControl{keeper: r.keeper(func() timeline.Header { return t.set.header(r) }), rig: r, proxy: t.proxy, addr: t.words.baseURL()}
	for _, each := range faults {
		if err == nil {
			err = control.arm("", each)
		}
	}
	if err != nil {
		return errors.Join(err, p.close(r, err))
	}
	r.sessions.start(func() error { return t.proxy.Serve(r.sessions.ctx, ln) })
	r.sessions.start(func() error { scenario.KeepScore(r.sessions.ctx, r.events); return nil })
	if screen {
		err = t.show(control)
	} else {
		err = t.print()
	}
	err = errors.Join(err, p.close(r, reason(context.Cause(r.sessions.ctx))))
	p.autosave(r, t.set, err)
	if path := r.recordingPath(); path != "" && screen {
		p.words("the recording is in %s", path)
	}
	return err
}

// show waits for the app in sight of the line that it needs, then opens the screen.
func (t *tapRun) show(control *tapControl) error {
	p, r := t.program, t.rig
	if err := t.words.write(p.out, t.code()); err != nil {
		return err
	}
	if !t.flags.noWait {
		if err := t.wait(); err != nil {
			return err
		}
	}
	options := t.set.screen(r, control)
	options.Without = tapWithout
	options.Waiting = "Waiting for your app. Its base URL is " + t.words.baseURL() + "; the line for each SDK stands above the screen, in the terminal."
	if err := crashOf(ui.Run(r.sessions.ctx, options)); err != nil {
		return err
	}
	return context.Cause(r.sessions.ctx)
}

// code is the base URL as a QR code, where it would not push the lines away. A phone
// has no use for a loopback address, and has to scan any other.
func (t *tapRun) code() string {
	f, ok := t.program.out.(*os.File)
	if !ok || t.set.config.UI.ASCII {
		return ""
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 60 || height < 44 && t.flags.code == "" {
		return ""
	}
	return qrText(t.words.baseURL(), t.set.config.UI.Color != "never" && os.Getenv("NO_COLOR") == "")
}

// wait tells who was refused until the app has come.
func (t *tapRun) wait() error {
	r := t.rig
	cursor := r.events.Cursor(0)
	defer cursor.Close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer t.status("")
	began := time.Now()
	for {
		for _, e := range cursor.Next(nil) {
			if w, ok := e.Payload.(timeline.Warning); ok && w.ID == tap.WarnRefused {
				t.status("refused: " + w.Text + "\n")
				continue
			}
			if came(e) {
				return nil
			}
		}
		t.status("waiting for your app · " + time.Since(began).Round(time.Second).String() + " · ctrl+c ends")
		select {
		case <-cursor.Wake():
		case <-tick.C:
		case <-r.sessions.ctx.Done():
			return context.Cause(r.sessions.ctx)
		}
	}
}

// status writes a line over the one before, where there is a terminal to see it.
func (t *tapRun) status(text string) {
	if terminal(t.program.err) {
		fmt.Fprint(t.program.err, "\r\x1b[K"+text)
	}
}

// came reports whether an event is the app's doing.
func came(e timeline.Event) bool {
	_, request := e.Payload.(timeline.HTTPRequest)
	_, logs := e.Payload.(timeline.Note)
	return e.Session != "" || request || logs
}

// print prints what passes, until it has lasted long enough or was seen.
func (t *tapRun) print() error {
	p, r, f := t.program, t.rig, t.flags
	if err := t.words.write(p.err, ""); err != nil {
		return err
	}
	to, err := f.lines(p.out, t.set.header(r))
	if err != nil {
		return err
	}
	r.printTo(to)
	limit, cancel := f.limited(r.sessions.ctx)
	defer cancel()
	_, why := follow(limit, r.events, func(s timeline.State, batch []timeline.Event) bool {
		return f.until != "" && (slices.ContainsFunc(batch, f.seen) || slices.ContainsFunc(s.Sessions, func(s timeline.Session) bool {
			return string(s.Conn) == f.until
		}))
	})
	switch {
	case errors.Is(why, errTimeUp) && f.until != "":
		return &problem{code: exitTimeout, what: fmt.Sprintf("no %s within %s", f.until, f.limit),
			hint: "give it longer with --for; the app's base URL must be " + t.words.baseURL()}
	case errors.Is(why, errTimeUp):
		return nil
	}
	return why
}

// announced is the address that an app uses: on all addresses that of the network.
func announced(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return reachable(addr)
	}
	addrs, err := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && err == nil && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			return net.JoinHostPort(n.IP.String(), fmt.Sprint(tcp.Port))
		}
	}
	return reachable(addr)
}
