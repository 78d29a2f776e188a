package cli

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/tap"
	"streamscope/timeline"
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
