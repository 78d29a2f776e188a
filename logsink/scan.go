package logsink

// found is what is known about a pattern in one chunk: which of its first lines
// lines have it, the inversion left aside. Once a found is in a part it is only
// replaced, never changed, so a job may read it.
type found struct {
	lines int
	bits  bitmap
}

// scanner looks for one pattern in chunks. It may be used in any goroutine, by one
// at a time.
type scanner struct {
	pattern *Pattern
	names   *names
	scopes  []bool // by number: whether the name of the scope has the pattern
	any     bool   // whether any scope has
}

// learn brings scopes up to date with the names that the store knows.
func (s *scanner) learn() {
	for all := s.names.all(); len(s.scopes) < len(all); {
		has := s.pattern.has(all[len(s.scopes)])
		s.scopes = append(s.scopes, has)
		s.any = s.any || has
	}
}

// scan extends what is known of a chunk to its first n lines, whose text slab has.
// If within is not nil, only lines with a bit there can have the pattern.
func (s *scanner) scan(c *chunk, slab []byte, n int, known *found, within *bitmap) *found {
	s.learn()
	out := &found{lines: n}
	from := 0
	if known != nil {
		from, out.bits = known.lines, known.bits
	}
	if from >= n {
		return out
	}
	text := view(slab[:c.end[n-1]])
	switch {
	case within != nil:
		s.scanLines(c, text, from, n, within, out)
	case s.pattern.finder.text != "":
		s.scanSlab(c, text, from, n, out)
	default:
		all := below(n)
		s.scanLines(c, text, from, n, &all, out)
	}
	if s.any {
		for i := from; i < n; i++ {
			if s.scopes[c.scope[i]] {
				out.bits.set(i)
			}
		}
	}
	return out
}

// scanLines looks at the lines one by one.
func (s *scanner) scanLines(c *chunk, text string, from, n int, within *bitmap, out *found) {
	for i := within.next(from); i >= 0 && i < n; i = within.next(i + 1) {
		if s.pattern.hasLine(c, i, text[c.start(i):c.end[i]]) {
			out.bits.set(i)
		}
	}
}

// scanSlab looks for the pattern's text in all lines at once, and finds out which
// line a hit is in afterwards. A hit that reaches from one line into the next is
// none.
func (s *scanner) scanSlab(c *chunk, text string, from, n int, out *found) {
	f := &s.pattern.finder
	line := from
	for at := f.index(text, c.start(from)); at >= 0; {
		for int(c.end[line]) <= at {
			line++
		}
		next := at + 1
		if end := int(c.end[line]); at+len(f.text) <= end {
			if s.pattern.re == nil || s.pattern.hasLine(c, line, text[c.start(line):end]) {
				out.bits.set(line)
			}
			next = end
			if line++; line == n {
				return
			}
		}
		at = f.index(text, next)
	}
}

// narrows reports whether only lines that have p can have q, so that a search for q
// can begin with what is known of p: a text that is being typed.
func narrows(q, p *Pattern) bool {
	if q.re != nil || p.re != nil {
		return false
	}
	if q.finder.fold && !p.finder.fold {
		return false
	}
	whole := finder{text: p.finder.text, fold: false}
	text := q.finder.text
	if p.finder.fold {
		text = lowerASCII(text)
	}
	return whole.index(text, 0) >= 0
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
