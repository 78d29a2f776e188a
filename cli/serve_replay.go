package cli

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/coordinator"
	"streamscope/logsink"
	replays "streamscope/replay"
)

// playFlags are the flags of serve that play a recording.
type playFlags struct {
	file  string
	speed float64
	given func(string) bool // whether a flag stands on the command line
}

// addPlayFlags defines them.
func addPlayFlags(c *cobra.Command) *playFlags {
	f := &playFlags{given: c.Flags().Changed}
	c.Flags().StringVar(&f.file, "replay", "", "answer as the server in this recording did")
	c.Flags().Float64Var(&f.speed, "speed", 1, "with --replay: times the recorded pace; 0 is as fast as can be")
	return f
}

// wanted reports whether a recording is to be played.
func (f *playFlags) wanted() bool { return f.given("replay") || f.given("speed") }

// check refuses what a recording has an answer to already.
func (f *playFlags) check() error {
	if !f.given("replay") {
		return usage("add --replay FILE", "--speed: only a recording has a pace")
	}
	if !(f.speed >= 0) {
		return usage("write a number such as 1 or 10, or 0 for as fast as can be", "--speed: %g is no pace", f.speed)
	}
	conflicts := []string{"api-key", "secret-env", "token-secret-env", "token-ttl", "latency", "fault", "seed-file"}
	conflicts = slices.DeleteFunc(conflicts, func(name string) bool { return !f.given(name) })
	if len(conflicts) > 0 {
		return usage("leave it out: what is recorded is played as it was, to any key and token",
			"--%s: does not go with --replay", strings.Join(conflicts, ", --"))
	}
	return nil
}

// serveReplay plays a recording until a signal comes.
func (p *program) serveReplay(ctx context.Context, f serveFlags, play *playFlags) error {
	if err := play.check(); err != nil {
		return err
	}
	level, err := logsink.ParseLevel(f.log)
	if err != nil {
		return usage("use one of: trace, debug, info, warn, error, off", "--log: %s", err)
	}
	events, problems, err := p.loadEvents(ctx, play.file, nil)
	if err != nil {
		return err
	}
	script := replays.NewScript(events.All())
	if script.Empty() {
		return usage("record a session that connects", "%s: there is no socket and no answer in it to play", hide(play.file))
	}
	p.warn(play.file, append(problems, script.Problems()...))
	ln, err := listenOn(ctx, f.listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	if !loopback(ln.Addr()) {
		return usage("listen on 127.0.0.1", "--listen: a recording is served on loopback only, and other machines can reach %s", ln.Addr())
	}
	server := &replays.Server{
		Script: script, Speed: play.speed, AllowOrigins: f.origins, AllowHosts: f.hosts,
		Logger: slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level.Slog()})),
	}
	if err := p.announceReplay(f, server, reachable(ln.Addr())); err != nil {
		return err
	}
	if err := server.Serve(ctx, ln); err != nil && ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}

// announceReplay prints what a client needs: the same as the coordinator does.
func (p *program) announceReplay(f serveFlags, server *replays.Server, addr string) error {
	s := served{
		BaseURL: "http://" + addr + server.Script.BasePath(), ServerURL: "http://" + addr,
		APIKey: coordinator.DefaultAPIKey, Secret: server.Secret(), listen: addr,
	}
	for _, user := range server.Script.Users() {
		token, err := server.Token(user)
		if err != nil {
			return err
		}
		s.Tokens = append(s.Tokens, userToken{user, token})
	}
	if f.json {
		return s.writeJSON(p.out)
	}
	if err := s.writeText(p.out); err != nil {
		return err
	}
	p.words("\nplaying %s and %s, each once in its order, until ctrl+c; any key and token will do",
		counted(server.Script.Sockets(), "socket"), counted(server.Script.Answers(), "answer"))
	return nil
}
