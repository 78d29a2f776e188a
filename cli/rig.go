package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"streamscope/logsink"
	"streamscope/record"
	"streamscope/session"
	"streamscope/timeline"
	"streamscope/ui"
)

// errQuit is why sessions end when the user leaves; the timeline shows its text.
var errQuit = errors.New("streamscope was closed")

// rig is one run of the program with sessions: the two stores that everything
// is written into, the sessions, and what the sessions connect to. Make it with
// [newRig], and call [rig.close] once, whatever happened.
type rig struct {
	events *timeline.Store
	logs   *logsink.Store
	levels *logsink.Levels
	logger *slog.Logger

	manager  *session.Manager
	sessions *crew // runs the manager; its context is the life of the sessions
	sinks    *crew // runs what writes the stores to somewhere
	local    *local
	// looks brings what the configuration file says of the screen, when it changes.
	looks chan ui.Look

	// guarded by mu
	mu        sync.Mutex
	recording string          // the file that is being written; empty for none
	ends      map[string]ends // by session
	shut      map[*session.Session]bool
	lost      []error // by outputs; complete when the rig is closed
	lastFault int
	// recordSize is the size at which a recording goes on in a new file.
	recordSize int64
}

// newRig makes the stores and starts the manager. The sessions end when ctx
// does, with a proper disconnect.
func newRig(ctx context.Context, set settings) *rig {
	r := &rig{
		events:     timeline.NewStore(timeline.Options{MaxBytes: int64(set.config.Timeline.MemoryLimit)}),
		logs:       logsink.NewStore(logsink.StoreConfig{Bytes: int64(set.config.Logs.MemoryLimit)}),
		levels:     set.levels,
		recordSize: int64(set.config.RecordSize),
		manager:    session.NewManager(),
		sessions:   newCrew(ctx),
		sinks:      newCrew(context.WithoutCancel(ctx)),
		ends:       make(map[string]ends),
		shut:       make(map[*session.Session]bool),
		looks:      make(chan ui.Look, 1),
	}
	r.logger = slog.New(logsink.NewHandler(r.logs, logsink.HandlerOptions{
		Capture: logsink.NewLevels(set.config.Logs.Capture),
	}))
	r.sessions.start(func() error {
		if err := r.manager.Run(r.sessions.ctx); err != nil {
			return panicked{value: "in a session", stack: []byte(err.Error())} // it has no other errors
		}
		return nil
	})
	return r
}

// output starts a goroutine that writes what the stores hold to somewhere; it
// ends when the stores are closed or its context ends, and everything was written. An output that
// fails is told in the timeline, and the rest goes on without it; at the end it is
// one of those that were lost.
func (r *rig) output(what string, write func(ctx context.Context) error) {
	r.sinks.start(func() error {
		err := guarded(func() error { return write(r.sinks.ctx) })
		if err == nil {
			return nil
		}
		if _, bug := errors.AsType[panicked](err); bug {
			// It ends the run, but not the other outputs: they have the end still to
			// come.
			r.sinks.keep(err)
			r.sessions.cancel(err)
			return nil
		}
		r.events.Append(timeline.Event{Payload: timeline.Warning{
			ID: "output", Text: what + " has stopped: " + rootCause(err).Error(),
		}})
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lost = append(r.lost, lostOutput(what, err))
		return nil
	})
}

// lostOutput says what an output did not write. That a program to which log lines
// are sent was away is no failure of the run.
func lostOutput(what string, err error) error {
	if away, ok := errors.AsType[*logsink.AwayError](err); ok {
		return &problem{code: exitOK, what: "warning: " + what + ": " + hide(err.Error()), hint: "start what listens at " + away.Address + ", or take the sink out of logs.sinks"}
	}
	why := hide(pathProblem(err))
	if lost, ok := errors.AsType[*record.IncompleteError](err); ok {
		why += fmt.Sprintf("; the last %d events and log lines are not in it", lost.Missing)
	}
	return &problem{code: exitFailed, what: what + " is not complete: " + why, hint: "make room, or write it somewhere else; the rest went on without it"}
}

// close ends everything in the order that loses nothing: the sessions disconnect
// properly, then the coordinator goes, then the outputs write what is left. The
// error is what went wrong inside, not why the rig was closed.
func (r *rig) close(why error) error {
	failures := []error{r.sessions.stop(why)}
	if r.local != nil {
		failures = append(failures, r.local.close())
	}
	r.events.Close()
	r.logs.Close()
	failures = append(failures, r.sinks.stop(errQuit))
	return errors.Join(failures...)
}

// close ends a run and keeps what its outputs have lost for the end of the program:
// the verdict comes first.
func (p *program) close(r *rig, why error) error {
	err := r.close(why)
	p.lost = append(p.lost, r.lost...)
	return err
}

// open makes a session, or returns the one that there is for its key and user, as
// the official client does.
func (r *rig) open(cfg session.Config) (*session.Session, error) {
	return r.make(cfg, false, r.manager.GetOrCreate)
}

// openAnother makes a session even where there is one for its key and user: they
// may be at another service.
func (r *rig) openAnother(cfg session.Config) (*session.Session, error) {
	return r.make(cfg, true, func(cfg session.Config) (*session.Session, bool, error) {
		s, err := r.manager.Create(cfg)
		return s, err == nil, err
	})
}

// make makes a session whose ends can misbehave, and looks after it.
func (r *rig) make(cfg session.Config, away bool, by func(session.Config) (*session.Session, bool, error)) (*session.Session, error) {
	name := cfg.Name
	if name == "" {
		name = cfg.User.ID
	}
	cfg.Timeline = r.events
	cfg.Logger = r.logger.With(logsink.Session(name))
	wrapped := r.wrap(&cfg, name, away)
	s, created, err := by(cfg)
	if err != nil || !created {
		return s, err
	}
	wrapped.faults.Device(func(online bool) {
		_ = s.SetOnline(online, timeline.ByFault) // a session that is over has no network
	})
	r.mu.Lock()
	r.ends[s.Name()] = wrapped
	r.mu.Unlock()
	r.sessions.start(func() error {
		select {
		case <-s.Done():
			if r.sessions.ctx.Err() == nil && !r.wasShut(s) {
				// Nobody closed it: it panicked, and the manager has the stack.
				return fmt.Errorf("session %s ended by itself", s.Name())
			}
		case <-r.sessions.ctx.Done():
		}
		return nil
	})
	return s, nil
}

// closeSession ends a session with a proper disconnect, so that its name is free.
func (r *rig) closeSession(name string) {
	s := r.manager.Get(name)
	if s == nil {
		return
	}
	r.mu.Lock()
	r.shut[s] = true
	r.mu.Unlock()
	r.manager.Close(name)
}

// wasShut reports whether somebody here has ended the session.
func (r *rig) wasShut(s *session.Session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shut[s]
}

// isOpen reports whether a user of the local coordinator has a session here.
func (r *rig) isOpen(user string) bool {
	for _, s := range r.manager.All() {
		if r.isLocal(s.Name()) && s.Status().User.ID == user {
			return true
		}
	}
	return false
}
