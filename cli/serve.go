package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/internal/wrap"
	"streamscope/logsink"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen    string
	json      bool
	apiKey    string
	secretEnv string
	tokenTTL  time.Duration
	latency   time.Duration
	faults    []string
	seedFile  string
	origins   []string
	hosts     []string
	log       string
	config    config.Local
	ownUsers  bool // the configuration names the users
}

// serveSecret is the secret of a coordinator on loopback that was given none. It
// is no secret: it is the same every time, so that tokens that were copied into
// an app still work after a restart.
const serveSecret = "streamscope-local-secret-for-development-only"

func (p *program) serveCommand() *cobra.Command {
	var flags *sharedFlags
	var play *playFlags
	f := serveFlags{config: config.Default().Local}
	c := p.command(&cobra.Command{
		Use:   "serve",
		Short: "Run the local coordinator alone, for an app in development or a CI job",
		Long: "Run the local coordinator alone. The official clients and server SDKs connect to\n" +
			"it unchanged. It prints its address, key, secret, ready-made tokens for sara,\n" +
			"jack and nina, and the line of code that points each SDK at it. Its state is in\n" +
			"memory and ends with it.\n\n" +
			"A fault is KIND:name=value,…: --fault close:code=1000,after=10s. The kinds are\n" +
			lines80(kinds(fault.Coordinator)) + ".\n" +
			"Each takes after=, for=, count=, p= and seed=, most take user= or type=. What waits\n" +
			"for a connect or a request has its time from its first stroke. While it serves,\n" +
			"POST, GET and DELETE of /_streamscope/faults arm, list and clear faults:\n\n" +
			"  curl -d '\"drop:user=sara\"' http://127.0.0.1:8800/_streamscope/faults\n\n" +
			"With --replay it answers as the server in a recording did: the n-th socket gets\n" +
			"what the n-th socket got, in time or with --speed 0 as fast as can be, so that a\n" +
			"recorded failure becomes a test.",
		Example: "streamscope serve\n" +
			"streamscope serve --listen 127.0.0.1:0 --json\n" +
			"streamscope serve --token-ttl 60s --latency 200ms --fault error:code=71\n" +
			"streamscope serve --replay session.ndjson --speed 10",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		cfg, origins, err := flags.load(p, "")
		if err != nil {
			return err
		}
		f.config = cfg.Local
		f.ownUsers = origins.Of("local.users").Kind != config.FromDefault
		if !flags.given("listen") {
			f.listen = cfg.Local.Listen
		}
		if play.wanted() {
			return p.serveReplay(ctx, f, play)
		}
		return p.serve(ctx, f)
	})
	flags = addConfigFlag(c)
	play = addPlayFlags(c)
	c.Flags().StringVar(&f.listen, "listen", f.config.Listen, "the address to listen on; port 0 takes a free one")
	c.Flags().BoolVar(&f.json, "json", false, "print one line of JSON first")
	c.Flags().StringVar(&f.apiKey, "api-key", coordinator.DefaultAPIKey, "the API key that clients must use")
	addSecretFlag(c, &f.secretEnv, "the environment variable that holds the API secret")
	c.Flags().DurationVar(&f.tokenTTL, "token-ttl", 0, "how long the ready-made tokens live; 0 for ever")
	c.Flags().DurationVar(&f.latency, "latency", 0, "delay every frame and answer")
	c.Flags().StringArrayVar(&f.faults, "fault", nil, "a fault to arm from the start, KIND:name=value,… with a kind from the list above (repeatable)")
	c.Flags().StringVar(&f.seedFile, "seed-file", "", "users and calls to begin with, YAML or JSON")
	c.Flags().StringArrayVar(&f.origins, "allow-origin", nil, "another origin whose pages may connect, * for all (repeatable)")
	c.Flags().StringArrayVar(&f.hosts, "allow-host", nil, "another host name to answer to, such as a tunnel's (repeatable)")
	c.Flags().StringVar(&f.log, "log", "info", "what to say on standard error: trace, debug, info, warn, error or off")
	return c
}

// check refuses times that nothing can last.
func (f serveFlags) check() error {
	for _, given := range []struct {
		flag string
		d    time.Duration
	}{{"--latency", f.latency}, {"--token-ttl", f.tokenTTL}} {
		if given.d < 0 {
			return usage("write a duration such as 200ms or 60s", "%s: %s is negative", given.flag, given.d)
		}
	}
	return nil
}

// serve runs the coordinator until a signal comes.
func (p *program) serve(ctx context.Context, f serveFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	faults, err := parseFaults(f.faults, fault.Coordinator)
	if err != nil {
		return err
	}
	secret, err := f.secret()
	if err != nil {
		return err
	}
	level, err := logsink.ParseLevel(f.log)
	if err != nil {
		return usage("use one of: trace, debug, info, warn, error, off", "--log: %s", err)
	}
	server, err := f.server()
	if err != nil {
		return err
	}
	ln, err := listenOn(ctx, f.listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	if !loopback(ln.Addr()) {
		p.words("listening on %s: other machines can connect", ln.Addr())
		if f.secretEnv == "" {
			secret = "" // a well-known one would let them in
		}
	}
	server.Secret = secret
	logger := slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level.Slog()}))
	server.OnEvent = func(e coordinator.Event) {
		logger.Log(context.Background(), eventLevel(e), e.String())
	}
	for _, f := range faults {
		if _, err := server.Arm(f); err != nil {
			return usage("the kinds are "+kinds(fault.Coordinator), "--fault: %s", err)
		}
	}
	if err := p.announce(f, server, reachable(ln.Addr())); err != nil {
		return err
	}
	if err := server.Serve(ctx, ln); err != nil && ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}

// announce prints what a client needs.
func (p *program) announce(f serveFlags, server *coordinator.Server, addr string) error {
	key, secret := server.Credentials()
	s := served{
		BaseURL: "http://" + addr + "/video", ServerURL: "http://" + addr, APIKey: key, Secret: secret,
		listen: addr,
	}
	for _, user := range append(server.Users[:len(server.Users):len(server.Users)], server.Seed.Users...) {
		s.Tokens = append(s.Tokens, userToken{user.ID, server.Token(user.ID, f.tokenTTL)})
	}
	if f.json {
		return s.writeJSON(p.out)
	}
	if err := s.writeText(p.out); err != nil {
		return err
	}
	p.words("\nserving until ctrl+c; everything is in memory and ends with it")
	return nil
}

// secret is the secret to sign with: the named variable's, or the one for
// loopback.
func (f serveFlags) secret() (string, error) {
	if f.secretEnv == "" {
		return serveSecret, nil
	}
	secret, err := secretFrom(f.secretEnv)
	return secret.Reveal(), err
}

// server is the coordinator that the flags describe. With a seed its users are
// those of the seed, unless the configuration names others too.
func (f serveFlags) server() (*coordinator.Server, error) {
	s := localServer(f.config)
	s.APIKey, s.TokenTTL, s.Latency = f.apiKey, f.tokenTTL, f.latency
	s.AllowOrigins, s.AllowHosts = f.origins, f.hosts
	if f.seedFile == "" {
		return s, nil
	}
	file, err := os.Open(f.seedFile)
	if err != nil {
		return nil, usage("give the path of a file with users and calls", "--seed-file: %s", pathProblem(err))
	}
	defer file.Close()
	if s.Seed, err = coordinator.LoadSeed(file); err != nil {
		mistakes := strings.Split(err.Error(), "\n")
		return nil, usage("mend the file; the coordinator starts empty without it",
			"%s:%s", f.seedFile, strings.Join(mistakes, "\n"+f.seedFile+":"))
	}
	if !f.ownUsers && s.Seed.Users != nil {
		s.Users = nil
	}
	return s, nil
}

// parseFaults reads faults that a site is to cause, and reports all mistakes at once.
func parseFaults(specs []string, site fault.Site) ([]fault.Fault, error) {
	var faults []fault.Fault
	var problems []string
	for _, spec := range specs {
		parsed, err := fault.Parse(spec)
		if err == nil {
			if info, _ := parsed.Kind.Info(); !info.CausedBy(site) {
				err = fmt.Errorf("fault %s: the %s cannot cause it", spec, site)
			}
		}
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		faults = append(faults, parsed)
	}
	if len(problems) > 0 {
		return nil, usage("a fault is KIND:name=value,…, as in close:code=1000,after=10s; --help names the kinds that can be caused here",
			"%s", strings.Join(problems, "\n"))
	}
	return faults, nil
}

// kinds names the faults that a site can cause.
func kinds(site fault.Site) string {
	var names []string
	for _, kind := range site.Kinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// lines80 breaks words into lines that a narrow terminal takes.
func lines80(text string) string { return strings.Join(wrap.Lines(text, defaultWidth), "\n") }

// eventLevel is how much an event of the coordinator matters.
func eventLevel(e coordinator.Event) slog.Level {
	switch e.Kind {
	case coordinator.Refused, coordinator.Overflowed:
		return slog.LevelWarn
	case coordinator.Requested, coordinator.Telemetry:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
