package logsink

import (
	"errors"
	"fmt"
	"slices"
)

// Numbers of the view.
const (
	// syncBytes is how much text is looked at at once, in the goroutine that
	// draws: some 5 ms. What is beyond it is for a [Job].
	syncBytes = 8 << 20
	// keptPatterns is how many patterns results are kept for, those in use
	// included, so that a filter that is switched off and on again costs nothing.
	keptPatterns = 16
	// MaxFilters is the number of filters that a view takes.
	MaxFilters = keptPatterns - 2
)

// View is what a log pane shows of a [Store]: the lines that the levels, the muted
// and soloed scopes, the chosen session and the text filters let through, with exact
// counts of what is hidden and why. Nothing is decided for good when a line arrives,
// so that a change reveals the past.
//
// A View belongs to one goroutine, the one that draws. Levels decide without looking
// at text, in some milliseconds for a million lines, and take effect within the call.
// For text, the lines around [View.Focus] are looked at within the call and the rest
// in a [Job], which the owner runs elsewhere:
//
//	v.SetFilters(filters)
//	for job := v.Job(); job != nil; job = v.Job() {
//		v.Apply(job.Run(ctx)) // Run in another goroutine, Apply in the owner's
//	}
//
// Lines that have not been looked at yet are not shown and are counted as pending;
// when a result is applied, rows therefore appear before others. Keep a place on the
// screen by the sequence number of its row and not by its index.
type View struct {
	store  *Store
	levels *Levels
	budget int // bytes of text to look at at once

	muted, soloed map[string]bool
	session       string
	foldRepeats   bool
	filters       []Filter
	focus         uint64
	ruleStale     bool // one of the fields above that decide was changed

	rule     rule
	patterns patterns
	jobRev   uint64 // patterns.rev that the job which is out was made for; 0 if none is
	revision uint64

	base   int // number of the chunk of parts[0]
	parts  []*part
	counts Counts
}

// Filter is one text filter of a [View].
type Filter struct {
	// Expr is the expression; see [Pattern].
	Expr string
	// Off switches the filter off without taking it away.
	Off bool
}

// Counts says what a [View] shows and hides. Every line that the store keeps is in
// exactly one of Shown, the By counts and Pending, and Total is their sum. A line
// that is hidden for several reasons is counted for the first of them, in the order
// of the fields.
type Counts struct {
	Total int // lines in the store, as of the last Sync
	Shown int

	BySession int // other sessions
	ByMute    int // muted scopes, and the others when one is soloed
	ByLevels  int // below the level of their scope
	ByRepeats int // same as the line before, when repeats are folded
	ByFilters int // not let through by a text filter

	// Pending is the number of lines that levels let through and filters have not
	// yet been asked about. The counts are exact when it is 0.
	Pending int
	// Dropped is the number of lines that the store no longer has.
	Dropped uint64
	// Matches is the number of shown lines that the search finds, and
	// SearchPending the number of lines that it has not been asked about.
	Matches, SearchPending int
}

// Hidden returns the number of lines that are known to be hidden.
func (c Counts) Hidden() int {
	return c.BySession + c.ByMute + c.ByLevels + c.ByRepeats + c.ByFilters
}

// NewView returns a view of store that shows what levels let through. The levels may
// be shared and may be changed by anyone at any time; the view follows at its next
// Sync.
func NewView(store *Store, levels *Levels) *View {
	v := &View{
		store: store, levels: levels, budget: syncBytes, ruleStale: true,
		muted: map[string]bool{}, soloed: map[string]bool{},
	}
	v.patterns.names = &store.scopes
	v.Sync()
	return v
}

// Levels returns the levels of the view. Change them there, then call Sync.
func (v *View) Levels() *Levels { return v.levels }

// Sync takes in what has happened since the last call: new lines, dropped lines,
// changed levels. It reports whether anything changed. Call it when the store wakes
// a cursor, at most once a frame, and after changing levels.
func (v *View) Sync() bool {
	changed := v.pull()
	if v.refreshRule() {
		changed = true
		for _, p := range v.parts {
			p.lines, p.stale = 0, true
		}
	}
	if changed {
		v.recount()
	}
	return changed
}

// recount brings every part up to date that is not, within the limit of syncBytes
// for text, and adds up.
func (v *View) recount() {
	budget := v.budget
	uses := v.patterns.active()
	for p := range v.fromFocus() {
		if p.stale {
			p.judge(&v.rule)
			budget = v.look(p, uses, budget)
			p.combine(v)
		}
	}
	v.add()
	v.revision++
}

// changePatterns makes what is shown agree with the patterns.
func (v *View) changePatterns() {
	for _, p := range v.parts {
		p.stale = true
		for _, slot := range v.patterns.dirty {
			p.found[slot] = nil
		}
	}
	v.patterns.dirty = v.patterns.dirty[:0]
	v.recount()
}

// Mute hides a scope, or shows it again, whatever its level.
func (v *View) Mute(scope string, on bool) { v.mark(v.muted, scope, on) }

// Solo shows only this scope and others that are soloed too, or ends that.
func (v *View) Solo(scope string, on bool) { v.mark(v.soloed, scope, on) }

// Muted reports whether a scope is muted.
func (v *View) Muted(scope string) bool { return v.muted[scope] }

// Soloed reports whether a scope is soloed.
func (v *View) Soloed(scope string) bool { return v.soloed[scope] }

// ClearMuteSolo ends all muting and soloing.
func (v *View) ClearMuteSolo() {
	clear(v.muted)
	clear(v.soloed)
	v.changeRule()
}

func (v *View) mark(set map[string]bool, scope string, on bool) {
	if set[scope] == on {
		return
	}
	if on {
		set[scope] = true
	} else {
		delete(set, scope)
	}
	v.changeRule()
}

// SetSession shows only the lines of one session, and those that belong to none.
// Empty means all.
func (v *View) SetSession(name string) {
	if v.session != name {
		v.session = name
		v.changeRule()
	}
}

// SetFoldRepeats hides, or shows, lines that say the same as the line before them.
func (v *View) SetFoldRepeats(on bool) {
	if v.foldRepeats != on {
		v.foldRepeats = on
		v.changeRule()
	}
}

// FoldsRepeats reports whether repeats are hidden.
func (v *View) FoldsRepeats() bool { return v.foldRepeats }

func (v *View) changeRule() {
	v.ruleStale = true
	v.Sync()
}

// SetFilters replaces the text filters. A line is shown if every filter that is on
// lets it through. If an expression is not valid nothing changes and the error says
// which and why.
func (v *View) SetFilters(filters []Filter) error {
	if len(filters) > MaxFilters {
		return fmt.Errorf("%d filters, and a view takes %d", len(filters), MaxFilters)
	}
	var use []*Pattern
	var errs []error
	for _, f := range filters {
		p, err := ParsePattern(f.Expr)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !f.Off:
			use = append(use, p)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	v.filters = slices.Clone(filters)
	v.patterns.setFilters(use)
	v.changePatterns()
	return nil
}

// Filters returns the text filters.
func (v *View) Filters() []Filter { return slices.Clone(v.filters) }

// SetSearch sets what is searched for, without hiding anything; an empty expression
// ends the search. If the expression is not valid nothing changes.
func (v *View) SetSearch(expr string) error {
	if expr == "" {
		v.patterns.setSearch(nil)
	} else {
		p, err := ParsePattern(expr)
		if err != nil {
			return err
		}
		v.patterns.setSearch(p)
	}
	v.changePatterns()
	return nil
}

// Search returns what is searched for, nil if nothing is.
func (v *View) Search() *Pattern {
	if v.patterns.search == nil {
		return nil
	}
	return v.patterns.search.pattern
}

// Focus says which line the screen is at, by sequence number; lines around it are
// looked at first. Zero means the newest.
func (v *View) Focus(seq uint64) { v.focus = seq }

// Revision returns a number that grows whenever the rows or the counts may have
// changed.
func (v *View) Revision() uint64 { return v.revision }

// Counts returns what is shown and hidden, as of the last call that changed it.
func (v *View) Counts() Counts { return v.counts }
