package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"time"

	"golang.org/x/term"

	"streamscope/internal/fault"
	"streamscope/internal/origin"
	"streamscope/scenario"
	"streamscope/tap"
	"streamscope/timeline"
	"streamscope/ui"
)

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
	control := &tapControl{keeper: r.keeper(func() timeline.Header { return t.set.header(r) }), rig: r, proxy: t.proxy}
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
