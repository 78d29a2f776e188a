package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a fault in its text form, kind:name=value,name=value. A value
// with a comma, quote or blank in it is written as a double-quoted string. An
// error says where in the text the mistake is, what is wrong, and what would
// be right.
//
// The kind may be abbreviated as long as it is clear, and drop with a type is
// another way to write withhold: it is frames that are dropped then.
func Parse(s string) (Fault, error) {
	f, err := parse(strings.TrimSpace(s))
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", s, err)
	}
	return f, nil
}

func parse(s string) (Fault, error) {
	name, rest, _ := strings.Cut(s, ":")
	kind, err := findKind(strings.TrimSpace(name))
	if err != nil {
		return Fault{}, err
	}
	pairs, err := split(rest)
	if err != nil {
		return Fault{}, err
	}
	return build(kind, pairs)
}

// build makes the fault of a kind from named values, and reports everything
// that is wrong with them.
func build(kind Kind, pairs []pair) (Fault, error) {
	f := Fault{Kind: kind}
	if kind == Drop && slices.ContainsFunc(pairs, func(p pair) bool { return p.name == "type" }) {
		f.Kind = Withhold
	}
	info, _ := f.Kind.Info()
	var problems []error
	for i, p := range pairs {
		if slices.ContainsFunc(pairs[:i], func(q pair) bool { return q.name == p.name }) {
			problems = append(problems, fmt.Errorf("%s is given twice", p.name))
			continue
		}
		if err := set(&f, info, p); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) == 0 {
		problems = append(problems, info.check(f))
	}
	return f, errors.Join(problems...)
}

func set(f *Fault, info KindInfo, p pair) error {
	if !info.takes(p.name) {
		return fmt.Errorf("%s does not take %q; it takes %s", info.Kind, p.name, strings.Join(info.Params(), ", "))
	}
	for _, known := range params() {
		if known.name != p.name {
			continue
		}
		if err := known.set(f, p.value); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// Validate reports what is wrong with a fault that was not parsed: an unknown
// kind, a member that the kind does not take, a value out of range.
func (f Fault) Validate() error {
	info, ok := f.Kind.Info()
	if !ok {
		_, err := findKind(string(f.Kind))
		return fmt.Errorf("fault: %w", err)
	}
	_, err := build(info.Kind, f.pairs())
	if err != nil {
		return fmt.Errorf("fault %s: %w", f.Kind, err)
	}
	return nil
}

// String returns the text form, which [Parse] reads back to an equal value.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(string(f.Kind))
	for i, p := range f.pairs() {
		b.WriteByte(":,"[min(i, 1)])
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(quote(p.value))
	}
	return b.String()
}

type pair struct{ name, value string }

func (f Fault) pairs() []pair {
	var set []pair
	for _, p := range params() {
		if v := p.get(&f); v != "" {
			set = append(set, pair{p.name, v})
		}
	}
	return set
}

func quote(v string) string {
	if strings.ContainsAny(v, "\",") || strings.TrimSpace(v) != v || strconv.Quote(v) != `"`+v+`"` {
		return strconv.Quote(v)
	}
	return v
}

// split cuts name=value,name=value into pairs.
func split(s string) ([]pair, error) {
	var pairs []pair
	for s = strings.TrimSpace(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.Contains(name, ",") {
			first, _, _ := strings.Cut(s, ",")
			return nil, fmt.Errorf("%q is not of the form name=value", first)
		}
		value, after, err := cutValue(strings.TrimSpace(rest))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		pairs = append(pairs, pair{name, value})
		s = strings.TrimSpace(after)
	}
	return pairs, nil
}

func cutValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), rest, nil
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", errors.New("the quoted text does not end")
	}
	value, err = strconv.Unquote(quoted)
	rest = strings.TrimSpace(s[len(quoted):])
	if rest != "" && rest[0] != ',' {
		return "", "", fmt.Errorf("a comma is missing before %q", rest)
	}
	return value, strings.TrimPrefix(rest, ","), err
}

func findKind(name string) (Kind, error) {
	var matches []string
	for _, info := range Kinds() {
		if string(info.Kind) == name {
			return info.Kind, nil
		}
		if name != "" && strings.HasPrefix(string(info.Kind), name) {
			matches = append(matches, string(info.Kind))
		}
	}
	switch len(matches) {
	case 1:
		return Kind(matches[0]), nil
	case 0:
		return "", fmt.Errorf("no kind %q; there are %s", name, strings.Join(kindNames(), ", "))
	}
	return "", fmt.Errorf("kind %q may be %s", name, strings.Join(matches, " or "))
}

func kindNames() []string {
	var names []string
	for _, info := range Kinds() {
		names = append(names, string(info.Kind))
	}
	return names
}
