package explain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sahilm/fuzzy"
)

// Answer is what the dictionary has for a query.
type Answer struct {
	Matches []Match `json:"matches"`
	// Suggestions are entries that look similar. There are some only when there
	// are no matches.
	Suggestions []Entry `json:"suggestions,omitempty"`
}

const maxSuggestions = 5

// Lookup finds what a person asks for: a number (a coordinator code, a close
// code or an HTTP status), a trap such as K7, an entry's ID or name, a line of a
// log, or a few words.
func Lookup(query string) Answer {
	query = strings.TrimSpace(query)
	if query == "" {
		return Answer{}
	}
	for _, way := range []func(string) []Match{byName, byNumber, Text, bySymptom, byWords} {
		if found := way(query); len(found) > 0 {
			return Answer{Matches: found}
		}
	}
	return Answer{Suggestions: suggest(query)}
}

func match(e Entry, found string) Match { return Match{Entry: e, Found: found} }

// byName takes an ID, a trap's number or a name as it is written.
func byName(query string) []Match {
	word := lastWord(query, "trap")
	if e, ok := Trap(word); ok {
		return []Match{match(e, strings.ToUpper(word))}
	}
	var found []Match
	for _, e := range dictionary().all {
		if strings.EqualFold(e.ID, query) || strings.EqualFold(e.Name, query) {
			found = append(found, match(e, e.Name))
		}
	}
	return found
}

// byNumber takes a bare number, with or without a word in front of it.
func byNumber(query string) []Match {
	word := lastWord(strings.TrimRight(query, ":."), "code", "close", "error", "status", "http")
	n, err := strconv.Atoi(word)
	if err != nil {
		return nil
	}
	var found []Match
	for _, e := range (number{n: n}).entries() {
		found = append(found, match(e, word))
	}
	for _, e := range dictionary().all {
		if n >= 100 && e.Status != 0 && (e.Status == n || sameStatus(e, n)) {
			found = append(found, match(e, "HTTP "+word))
		}
	}
	return found
}

// sameStatus lets one entry stand for several statuses of a refused upgrade.
func sameStatus(e Entry, status int) bool {
	return strings.HasPrefix(e.ID, "net/upgrade-") && upgradeEntry(status) == e.ID
}

// lastWord returns the query without one leading word, such as "code 40".
func lastWord(query string, leading ...string) string {
	fields := strings.Fields(query)
	if len(fields) == 2 && slices.Contains(leading, strings.ToLower(fields[0])) {
		return strings.Trim(fields[1], "#:=")
	}
	return query
}

// bySymptom takes a complaint in a person's words.
func bySymptom(query string) []Match {
	found := search(query, func(e Entry) bool { return e.Kind == KindSymptom })
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.weight, a.weight) })
	return distinct(found)
}

// byWords finds the entries whose name or texts have all words of the query.
func byWords(query string) []Match {
	words := strings.Fields(strings.ToLower(query))
	var found []Match
	for _, e := range dictionary().all {
		text := strings.ToLower(e.Name + " " + strings.Join(e.Texts, " "))
		if hasAll(text, words) {
			found = append(found, match(e, query))
		}
	}
	return found[:min(len(found), maxMatches)]
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if len(w) < 3 || !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// suggest finds neighbours: near numbers for a number, entries that share words,
// then names with the same letters in the same order.
func suggest(query string) []Entry {
	if n, err := strconv.Atoi(query); err == nil {
		return nearCodes(n)
	}
	found := sharingWords(query)
	for _, m := range fuzzy.FindFrom(query, titles(dictionary().all)) {
		if e := dictionary().all[m.Index]; !slices.ContainsFunc(found, func(f Entry) bool { return f.ID == e.ID }) {
			found = append(found, e)
		}
	}
	return found[:min(len(found), maxSuggestions)]
}

type titles []Entry

func (t titles) String(i int) string { return t[i].Title() }
func (t titles) Len() int            { return len(t) }

func nearCodes(n int) []Entry {
	var codes []Entry
	for _, e := range dictionary().all {
		if (e.Kind == KindCode || e.Kind == KindClose) && e.Code != 0 {
			codes = append(codes, e)
		}
	}
	slices.SortStableFunc(codes, func(a, b Entry) int { return cmp.Compare(apart(a.Code, n), apart(b.Code, n)) })
	codes = slices.CompactFunc(codes, func(a, b Entry) bool { return a.Code == b.Code })
	return codes[:maxSuggestions]
}

func apart(a, b int) int { return max(a-b, b-a) }

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isWord(r) })
}

// sharingWords returns the entries with the most words of the query in them.
func sharingWords(query string) []Entry {
	type scored struct {
		entry Entry
		score int
	}
	words := wordsOf(query)
	var all []scored
	for _, e := range dictionary().all {
		text := " " + strings.Join(wordsOf(e.Name+" "+e.Means+" "+e.Cause+" "+strings.Join(e.Texts, " ")), " ")
		score := 0
		for _, w := range words {
			if len(w) > 3 && strings.Contains(text, " "+w) { // where a word begins
				score += len(w)
			}
		}
		if score > 0 {
			all = append(all, scored{e, score})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	found := make([]Entry, 0, maxSuggestions)
	for _, s := range all[:min(len(all), maxSuggestions)] {
		found = append(found, s.entry)
	}
	return found
}
