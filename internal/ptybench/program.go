package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long anything may take before it counts as not happening.
const patience = time.Minute

// program is a process with a terminal of its own, and who looks at it. start
// begins it, close ends it; one goroutine may use it.
type program struct {
	cmd     *exec.Cmd
	tty     *os.File // the person's end
	started time.Time
	ended   chan struct{} // closed when the terminal has nothing more to say
	cleanup func()

	mu     sync.Mutex // guards what follows
	screen *screen
	bytes  int64
	// seen is called when something was painted, with the time at which it was there.
	seen func(time.Time, *screen)
}

// start runs a command on a new terminal. A nil stdin is the terminal itself.
func start(w, h int, stdin *os.File, command string, args ...string) (*program, error) {
	person, inside, err := openPTY(w, h)
	if err != nil {
		return nil, err
	}
	defer inside.Close()
	home, err := os.MkdirTemp("", "ptybench")
	if err != nil {
		return nil, err
	}
	if stdin == nil {
		stdin = inside
	}
	p := &program{tty: person, ended: make(chan struct{}), cleanup: func() { os.RemoveAll(home) }}
	p.screen = newScreen(w, h, p.enter)
	p.cmd = exec.Command(command, args...)
	p.cmd.Env = []string{
		"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_CACHE_HOME=" + home,
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "LESSHISTFILE=-",
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, inside, inside
	p.cmd.SysProcAttr = ownTerminal()
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		person.Close()
		p.cleanup()
		return nil, err
	}
	go p.read()
	return p, nil
}

// read looks at the terminal until the program has let go of it.
func (p *program) read() {
	defer close(p.ended)
	buf := make([]byte, 1<<16)
	for {
		n, err := p.tty.Read(buf)
		if n > 0 {
			p.mu.Lock()
			p.bytes += int64(n)
			p.screen.Write(buf[:n])
			if p.seen != nil {
				p.seen(time.Now(), p.screen)
			}
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// enter writes to the program as a keyboard does.
func (p *program) enter(keys string) { _, _ = io.WriteString(p.tty, keys) }

// press types keys and returns when it did.
func (p *program) press(keys string) time.Time {
	at := time.Now()
	p.enter(keys)
	return at
}

// look shows the screen as it is now.
func (p *program) look(f func(*screen)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p.screen)
}

// written is how many bytes the program has sent to its terminal.
func (p *program) written() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// watch calls f from now on whenever something was painted; nil ends it.
func (p *program) watch(f func(time.Time, *screen)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = f
}

// await returns when something can be seen. do, which may be nil, is done once
// nobody can miss its effect.
func (p *program) await(what string, can func(*screen) bool, do func() time.Time) (took time.Duration, err error) {
	found := make(chan time.Time, 1)
	once := func(at time.Time, s *screen) {
		if !s.held && can(s) {
			select {
			case found <- at:
			default:
			}
		}
	}
	p.watch(once)
	defer p.watch(nil)
	from := p.started
	if do != nil {
		from = do()
	} else {
		p.look(func(s *screen) { once(time.Now(), s) })
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case at := <-found:
		return at.Sub(from), nil
	case <-p.ended:
		err = errors.New("the program ended")
	case <-limit.C:
		err = fmt.Errorf("not in %s", patience)
	}
	return 0, fmt.Errorf("waiting for %s: %w; the screen was:\n%s", what, err, p.picture())
}

// key awaits what a key does.
func (p *program) key(keys, what string, can func(*screen) bool) (time.Duration, error) {
	return p.await(what, can, func() time.Time { return p.press(keys) })
}

// picture is the screen as text, for a report of what went wrong.
func (p *program) picture() string {
	var b strings.Builder
	p.look(func(s *screen) {
		for y := range s.h {
			if line := s.line(y); line != "" {
				b.WriteString("    " + line + "\n")
			}
		}
	})
	return b.String()
}

// close ends the program, politely at first.
func (p *program) close() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	limit := time.NewTimer(3 * time.Second)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		_ = p.cmd.Process.Kill()
	}
	_ = p.cmd.Wait()
	_ = p.tty.Close()
	<-p.ended
	p.cleanup()
}
