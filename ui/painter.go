package ui

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// paintPause is the shortest time between two paints of what comes by itself:
// under load frames are painted this far apart. What answers a key never waits.
const paintPause = 8 * time.Millisecond

// smallPaint is what a terminal takes in one go anyway: it need not be told to
// show it at once.
const smallPaint = 512

// picture is what a frame is made of: rows that never change once drawn, and
// the modes of the terminal that go with them.
type picture struct {
	rows   []string
	w, h   int
	cursor *tea.Cursor
	title  string
	mouse  bool
	progress
}

// painter puts pictures on the terminal when there is a new one, and sleeps
// when there is not. Bubble Tea's own renderer looks for a new frame on a
// ticker, which costs a waiting program more of a core than everything else
// here, and a key up to a whole frame's time.
//
// Only the cells that differ from the picture before are written. What belongs
// to the goroutine of run is not guarded.
type painter struct {
	out  io.Writer
	wake chan struct{}

	mu     sync.Mutex // guards what follows
	next   *picture
	raw    []byte // sequences to write before the next picture
	paused bool
	redraw bool
	urgent bool // next answers a key: it does not wait for the pause to end

	// Owned by run.
	screen *uv.TerminalRenderer
	buf    bytes.Buffer
	cells  uv.ScreenBuffer
	last   picture
	env    []string
	prof   colorprofile.Profile
	pause  time.Duration
}

func newPainter(out io.Writer, env []string, profile colorprofile.Profile) *painter {
	return &painter{out: out, wake: make(chan struct{}, 1), env: env, prof: profile, pause: paintPause}
}

// show asks for a picture to be painted; a later one replaces it if it is still
// waiting. It never blocks.
func (p *painter) show(pic picture) {
	p.mu.Lock()
	p.next = &pic
	p.mu.Unlock()
	p.signal()
}

// hurry is show for the answer to a key: it is painted at once, however short
// ago the last paint was. Keys come as fast as they are pressed and no faster.
func (p *painter) hurry(pic picture) {
	p.mu.Lock()
	p.next, p.urgent = &pic, true
	p.mu.Unlock()
	p.signal()
}

// hurried reports whether what is waiting answers a key.
func (p *painter) hurried() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.urgent
}

// write asks for an escape sequence to be written.
func (p *painter) write(seq string) {
	p.mu.Lock()
	p.raw = append(p.raw, seq...)
	p.mu.Unlock()
	p.signal()
}

// again asks for everything to be painted anew.
func (p *painter) again() {
	p.mu.Lock()
	p.redraw = true
	p.mu.Unlock()
	p.signal()
}

// hold stops painting, or lets it go on: while the program is in the background
// the terminal is not ours.
func (p *painter) hold(on bool) {
	p.mu.Lock()
	p.paused = on
	p.redraw = true
	p.mu.Unlock()
	p.signal()
}

func (p *painter) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run paints until ctx ends or the terminal cannot be written to.
func (p *painter) run(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	waiting, resting := false, true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
			resting = false
		case <-p.wake:
			waiting = true
		}
		if !waiting || resting && !p.hurried() {
			continue
		}
		if err := p.paint(); err != nil {
			return err
		}
		waiting, resting = false, true
		pause.Reset(p.pause)
	}
}

// paint writes what is waiting.
func (p *painter) paint() error {
	p.mu.Lock()
	if p.paused {
		p.mu.Unlock()
		return nil
	}
	raw, next, redraw := p.raw, p.next, p.redraw
	p.raw, p.next, p.redraw, p.urgent = nil, nil, false, false
	p.mu.Unlock()
	p.buf.Reset()
	if next == nil && redraw {
		next = &p.last
	}
	if next != nil && next.w > 0 && next.h > 0 {
		p.compose(*next, redraw)
	}
	if len(raw) == 0 && p.buf.Len() == 0 {
		return nil
	}
	if p.buf.Len() > smallPaint {
		raw = append(raw, ansi.SetModeSynchronizedOutput...)
		raw = append(raw, p.buf.Bytes()...)
		raw = append(raw, ansi.ResetModeSynchronizedOutput...)
	} else {
		raw = append(raw, p.buf.Bytes()...)
	}
	_, err := p.out.Write(raw)
	return err
}

// compose puts into buf what turns the last picture into the next.
func (p *painter) compose(next picture, redraw bool) {
	if p.screen == nil || next.w != p.last.w || next.h != p.last.h {
		p.resize(next.w, next.h)
		redraw = true
	}
	if redraw {
		p.screen.Erase()
		p.last = picture{w: next.w, h: next.h}
	}
	changed := p.changedRows(next)
	p.modes(next)
	hadCursor := p.last.cursor != nil
	if len(changed) > 0 && hadCursor {
		p.buf.WriteString(ansi.ResetModeTextCursorEnable)
		hadCursor = false
	}
	if redraw || len(changed) > fewRows {
		for _, y := range changed {
			uv.NewStyledString(next.rows[y]).Draw(p.cells, uv.Rect(0, y, next.w, 1))
		}
		p.screen.Render(p.cells.RenderBuffer)
	} else {
		p.patch(next, changed)
	}
	p.place(next.cursor, hadCursor)
	_ = p.screen.Flush() // writes to buf, which cannot fail
	p.last = next
}

// changedRows are the numbers of the rows that differ from the last picture.
func (p *painter) changedRows(next picture) []int {
	var out []int
	for y, row := range next.rows[:min(len(next.rows), next.h)] {
		if y >= len(p.last.rows) || p.last.rows[y] != row {
			out = append(out, y)
		}
	}
	return out
}

// A tick changes a digit here and a digit there. The renderer writes a row from
// its first changed cell to its last; patching writes each run of changed cells
// for itself when they are further apart than gapCells.
const (
	fewRows  = 12
	gapCells = 12
)

// run is a run of changed cells in a row.
type run struct{ from, to int }

// patch writes a few rows, run by run.
func (p *painter) patch(next picture, rows []int) {
	drawn := make([]uv.ScreenBuffer, len(rows))
	runs := make([][]run, len(rows))
	passes := 0
	for i, y := range rows {
		drawn[i] = uv.NewScreenBuffer(next.w, 1)
		uv.NewStyledString(next.rows[y]).Draw(drawn[i], uv.Rect(0, 0, next.w, 1))
		runs[i] = changedRuns(p.cells.Line(y), drawn[i].Line(0))
		passes = max(passes, len(runs[i]))
	}
	for pass := range passes {
		for i, y := range rows {
			if pass >= len(runs[i]) {
				continue
			}
			for x := runs[i][pass].from; x < runs[i][pass].to; x++ {
				if c := drawn[i].CellAt(x, 0); c != nil && c.Width > 0 {
					p.cells.SetCell(x, y, c)
				}
			}
		}
		p.screen.Render(p.cells.RenderBuffer)
	}
}

// changedRuns compares two rows of cells. A run never begins or ends inside of
// a wide character.
func changedRuns(before, after uv.Line) []run {
	var out []run
	for x := range after {
		if x < len(before) && before[x].Equal(&after[x]) {
			continue
		}
		from, to := x, x+1
		for from > 0 && after[from].Width == 0 {
			from--
		}
		for to < len(after) && after[to].Width == 0 {
			to++
		}
		if n := len(out); n > 0 && from-out[n-1].to <= gapCells {
			out[n-1].to = max(to, out[n-1].to)
			continue
		}
		out = append(out, run{from, to})
	}
	return out
}

// modes switches what differs between two pictures besides their cells.
func (p *painter) modes(next picture) {
	if next.title != p.last.title {
		p.buf.WriteString(ansi.SetWindowTitle(next.title))
	}
	if next.progress != p.last.progress {
		p.buf.WriteString(next.progress.sequence())
	}
	switch {
	case next.mouse && !p.last.mouse:
		p.buf.WriteString(mouseOn)
	case !next.mouse && p.last.mouse:
		p.buf.WriteString(mouseOff)
	}
}

// place shows the cursor where an input is, and hides it elsewhere.
func (p *painter) place(c *tea.Cursor, shown bool) {
	switch {
	case c != nil:
		p.screen.MoveTo(c.X, c.Y)
		if !shown {
			_, _ = p.screen.WriteString(ansi.SetModeTextCursorEnable)
		}
	case shown:
		p.buf.WriteString(ansi.ResetModeTextCursorEnable)
	}
}

func (p *painter) resize(w, h int) {
	if p.screen == nil {
		p.screen = uv.NewTerminalRenderer(&p.buf, p.env)
		p.screen.SetColorProfile(p.prof)
		p.screen.SetTabStops(-1)
		p.screen.SetScrollOptim(true)
		p.screen.SetFullscreen(true)
		p.screen.SetRelativeCursor(false)
	}
	p.screen.Resize(w, h)
	p.cells = uv.NewScreenBuffer(w, h)
}

const (
	mouseOn  = ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	mouseOff = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr

	// clearKeys asks terminals that can to send keys that cannot be mistaken for
	// the beginning of another, so that esc need not be waited on; usualKeys
	// takes that back. Others pass over both.
	clearKeys, usualKeys = "\x1b[>1u", "\x1b[<u"

	// enterScreen and leaveScreen are what the terminal is told at the beginning
	// and the end, in the background and back.
	enterScreen = ansi.SetModeAltScreenSaveCursor + ansi.EraseEntireScreen + ansi.CursorHomePosition +
		ansi.ResetModeTextCursorEnable + ansi.SetModeBracketedPaste + clearKeys + saveTitle
	// The alternate screen is left empty: a terminal that was resized meanwhile
	// may keep some of it.
	leaveScreen = usualKeys + ansi.ResetStyle + ansi.CursorHomePosition + ansi.EraseScreenBelow + mouseOff + ansi.ResetModeBracketedPaste + ansi.SetModeTextCursorEnable +
		ansi.ResetModeAltScreenSaveCursor + restoreTitle
)
