package logsink

import (
	"context"
	"iter"
	"sort"
)

// jobBytes is how much text one job looks at: little enough that results are seen to
// come in, enough that handing them over costs nothing.
const jobBytes = 48 << 20

// Job is work that a [View] wants done outside of the goroutine that owns it. It
// holds everything that it needs and may run in any goroutine.
type Job struct {
	rev   uint64
	tasks []task
}

// Result is what a [Job] found out. It goes back to [View.Apply].
type Result struct {
	rev  uint64
	done []task
}

// task is to look for one pattern in one chunk.
type task struct {
	use    *use
	scan   *scanner
	part   *part
	chunk  *chunk
	text   []byte
	lines  int
	known  *found
	within *bitmap
}

// Job returns the next piece of work, or nil if there is none or if one is out whose
// result has not been applied. Run it in another goroutine and pass what comes back
// to Apply, even if it was cancelled, then ask again.
func (v *View) Job() *Job {
	if v.jobRev == v.patterns.rev && v.jobRev != 0 {
		return nil
	}
	job := &Job{rev: v.patterns.rev}
	left := jobBytes
	uses := v.patterns.active()
	scanners := make([]*scanner, len(uses))
	for i, u := range uses {
		scanners[i] = &scanner{pattern: u.pattern, names: u.names}
	}
	for p := range v.fromFocus() {
		for i, u := range uses {
			if p.has(u) {
				continue
			}
			t := p.task(u, &v.patterns)
			t.scan = scanners[i]
			job.tasks = append(job.tasks, t)
			left -= t.bytes()
		}
		if left <= 0 {
			break
		}
	}
	if len(job.tasks) == 0 {
		return nil
	}
	v.jobRev = job.rev
	return job
}

// Run does the work, and stops early when the context is cancelled: it looks once a
// chunk, some 0.1 ms. The result has what was found until then.
func (j *Job) Run(ctx context.Context) *Result {
	res := &Result{rev: j.rev}
	for _, t := range j.tasks {
		if ctx.Err() != nil {
			break
		}
		t.known = t.scan.scan(t.chunk, t.text, t.lines, t.known, t.within)
		res.done = append(res.done, t)
	}
	return res
}

// Apply takes the result of a job over. It reports whether what is shown may have
// changed; a result for patterns that are no longer in use changes nothing.
func (v *View) Apply(res *Result) bool {
	if res.rev == v.jobRev {
		v.jobRev = 0
	}
	changed := false
	for _, t := range res.done {
		if v.patterns.slots[t.use.slot] != t.use {
			continue
		}
		if f := t.part.found[t.use.slot]; f == nil || f.lines < t.known.lines {
			t.part.found[t.use.slot] = t.known
			t.part.combine(v)
			changed = true
		}
	}
	if changed {
		v.add()
		v.revision++
	}
	return changed
}

// look looks for all patterns in use in a part, as long as that is within the budget
// of bytes, and returns what is left of the budget.
func (v *View) look(p *part, uses []*use, budget int) int {
	for _, u := range uses {
		if p.has(u) {
			continue
		}
		t := p.task(u, &v.patterns)
		if budget -= t.bytes(); budget < 0 {
			return budget
		}
		p.found[u.slot] = u.scan(t.chunk, t.text, t.lines, t.known, t.within)
	}
	return budget
}

// has reports whether all is known about a pattern in the part.
func (p *part) has(u *use) bool {
	f := p.found[u.slot]
	return f != nil && f.lines >= p.known
}

// task returns what is to be done to know all about a pattern. If all is known about
// one that this one narrows, only the lines that have that need to be looked at.
func (p *part) task(u *use, ps *patterns) task {
	t := task{use: u, part: p, chunk: p.chunk, text: p.text, lines: p.known, known: p.found[u.slot]}
	for _, o := range u.wider {
		if ps.slots[o.slot] == o && p.has(o) {
			t.within = &p.found[o.slot].bits
			break
		}
	}
	return t
}

// bytes returns about how much text the task looks at.
func (t *task) bytes() int {
	n := len(t.text)
	if t.known != nil {
		n -= t.chunk.start(t.known.lines)
	}
	if t.within != nil {
		n = n * t.within.count() / t.lines
	}
	return n
}

// fromFocus iterates over the parts, beginning with the one on the screen, towards
// both ends in turn.
func (v *View) fromFocus() iter.Seq[*part] {
	return func(yield func(*part) bool) {
		down := len(v.parts) - 1
		if v.focus != 0 {
			down = sort.Search(len(v.parts), func(i int) bool { return v.parts[i].chunk.first > v.focus }) - 1
		}
		for up := down + 1; down >= 0 || up < len(v.parts); {
			if down >= 0 {
				if !yield(v.parts[down]) {
					return
				}
				down--
			}
			if up < len(v.parts) {
				if !yield(v.parts[up]) {
					return
				}
				up++
			}
		}
	}
}
