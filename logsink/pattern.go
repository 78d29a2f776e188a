package logsink

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pattern is a parsed search or filter expression:
//
//	text      the line has the text
//	/regex/   the line matches the regular expression (Go's syntax)
//	!text     the line has it not; !/regex/ likewise
//	\!text    a text that begins with ! or / or a backslash: the first backslash goes
//
// Case matters only if the expression has an upper-case letter (in a regular
// expression: one that is not part of an escape such as \W). A line matches if its
// text, which is the message and the attributes as shown, or its tags, or the name
// of its scope does. A Pattern is immutable.
type Pattern struct {
	expr    string
	inverse bool
	finder  finder         // finds the text, or what a match of re cannot be without
	re      *regexp.Regexp // nil for a text
}

// ParsePattern parses an expression. The error says what is wrong with a regular
// expression, or that there is nothing to look for.
func ParsePattern(expr string) (*Pattern, error) {
	p := &Pattern{expr: expr}
	rest, inverse := strings.CutPrefix(expr, "!")
	p.inverse = inverse
	if rest == "" {
		return nil, fmt.Errorf("pattern %q has nothing to look for", expr)
	}
	if len(rest) > 2 && rest[0] == '/' && rest[len(rest)-1] == '/' {
		return p, p.compile(rest[1 : len(rest)-1])
	}
	if len(rest) > 1 && rest[0] == '\\' && strings.IndexByte(`!/\`, rest[1]) >= 0 {
		rest = rest[1:]
	}
	fold := !strings.ContainsFunc(rest, unicode.IsUpper)
	if fold && strings.ContainsFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }) {
		p.re = regexp.MustCompile("(?i)" + regexp.QuoteMeta(rest))
		return p, nil
	}
	p.finder = newFinder(rest, fold)
	return p, nil
}

func (p *Pattern) compile(expr string) error {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", p.expr, err)
	}
	if !hasUpper(expr) {
		expr = "(?i:" + expr + ")"
		if parsed, err = syntax.Parse(expr, syntax.Perl); err != nil {
			return fmt.Errorf("pattern %q: %w", p.expr, err)
		}
	}
	if p.re, err = regexp.Compile(expr); err != nil {
		return fmt.Errorf("pattern %q: %w", p.expr, err)
	}
	if text, fold := required(parsed.Simplify()); len(text) > 1 {
		p.finder = newFinder(text, fold)
	}
	return nil
}

// hasUpper reports whether a regular expression has an upper-case letter that is not
// the name of an escape.
func hasUpper(expr string) bool {
	escaped := false
	for _, r := range expr {
		if unicode.IsUpper(r) && !escaped {
			return true
		}
		escaped = r == '\\' && !escaped
	}
	return false
}

// required returns the longest ASCII text that every match of a regular expression
// must have in it, and whether case does not matter; an empty text if none is known.
func required(re *syntax.Regexp) (text string, fold bool) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= utf8.RuneSelf {
				return "", false
			}
		}
		fold = re.Flags&syntax.FoldCase != 0
		if text = string(re.Rune); fold {
			text = strings.ToLower(text)
			// The long s and the Kelvin sign fold to s and k, and the finder
			// does not know them.
			text = longestWithout(text, "sk")
		}
		return text, fold
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if t, f := required(sub); len(t) > len(text) {
				text, fold = t, f
			}
		}
		return text, fold
	}
	return "", false
}

func longestWithout(text, chars string) (longest string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(chars, r) }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

// String returns the expression.
func (p *Pattern) String() string { return p.expr }

// Inverse reports whether the pattern lets through what does not match.
func (p *Pattern) Inverse() bool { return p.inverse }

// Match reports whether a line matches, the inversion included.
func (p *Pattern) Match(r Row) bool {
	return p.inverse != (p.hasLine(r.chunk, r.index, r.text) || p.has(r.Scope()))
}

// hasLine reports whether line i of a chunk, whose text is given, has the pattern in
// its tags or in its text.
func (p *Pattern) hasLine(c *chunk, i int, text string) bool {
	if p.re == nil {
		return p.finder.index(text, 0) >= 0
	}
	if n := int(c.tags[i]); n > 0 {
		return p.has(text[n+1:]) || p.has(text[:n])
	}
	return p.has(text)
}

// has reports whether the text is found, the inversion left aside.
func (p *Pattern) has(s string) bool {
	if p.finder.text != "" && p.finder.index(s, 0) < 0 {
		return false
	}
	return p.re == nil || p.re.MatchString(s)
}

// Find appends the byte ranges of s that match, to be marked on the screen, to buf.
// An inverse pattern marks nothing.
func (p *Pattern) Find(s string, buf [][2]int) [][2]int {
	switch {
	case p.inverse:
	case p.re != nil:
		for _, m := range p.re.FindAllStringIndex(s, -1) {
			if m[1] > m[0] {
				buf = append(buf, [2]int{m[0], m[1]})
			}
		}
	default:
		for i := p.finder.index(s, 0); i >= 0; {
			end := i + len(p.finder.text)
			buf = append(buf, [2]int{i, end})
			i = p.finder.index(s, end)
		}
	}
	return buf
}
