package cli

import (
	"context"
	"log/slog"
	"net"
	"time"

	"streamscope/config"
	"streamscope/logsink"
	"streamscope/timeline"
)

// serveLocal serves the local coordinator on a listener, which it closes, with
// a latency for all that it says.
func serveLocal(ctx context.Context, ln net.Listener, latency time.Duration, cfg config.Local, events *timeline.Store, logger *slog.Logger) *local {
	l := &local{
		addr: ln.Addr(), users: cfg.Users, events: events, armed: make(map[string]int),
		logger: logger.With(logsink.Scope(localScope)),
		crew:   newCrew(context.WithoutCancel(ctx)),
	}
	l.server = localServer(cfg)
	l.server.OnEvent, l.server.Logger, l.server.Latency = l.observe, l.logger, latency
	l.crew.start(func() error { return l.server.Serve(l.crew.ctx, ln) })
	return l
}
