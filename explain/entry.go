package explain

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"streamscope/internal/wire"
)

// Class says who has to do something about a failure.
type Class string

// The classes. Retrying helps only with the first two.
const (
	// Benign clears by itself; it matters only when it persists.
	Benign Class = "benign"
	// Retry is temporary: the same request may work later.
	Retry Class = "retry"
	// Fatal needs other input: a key, a token, a setting. Retrying cannot help.
	Fatal Class = "fatal"
	// App is a mistake in how the app calls the client.
	App Class = "app"
)

// Label returns the class in words for people.
func (c Class) Label() string {
	switch c {
	case Benign:
		return "clears by itself"
	case Retry:
		return "worth retrying"
	case Fatal:
		return "fix the input, retrying cannot help"
	case App:
		return "fix the app's code"
	}
	return string(c)
}

// Kind says what an entry is about.
type Kind string

// The kinds; each is also the first part of the IDs of its entries.
const (
	KindCode      Kind = "code"  // a coordinator error code
	KindClose     Kind = "close" // a WebSocket close code
	KindText      Kind = "text"  // a message of an official client
	KindTransport Kind = "net"   // DNS, TCP, TLS, HTTP
	KindToken     Kind = "token" // a token source that gave no token
	KindPeer      Kind = "peer"  // an error of another vendor's product
	KindTrap      Kind = "trap"  // K1 to K27 of protocol.md 4.6
	// KindSymptom is a complaint that comes without an error.
	KindSymptom Kind = "symptom"
)

// Entry explains one thing that can go wrong, or look as if. The sentences are
// ours, ready to print, and never empty. The slices belong to the dictionary:
// do not change them.
type Entry struct {
	ID    string `json:"id"`   // such as code/40, close/1006, net/dns-not-found, trap/K1
	Kind  Kind   `json:"kind"` // the part of the dictionary
	Name  string `json:"name"` // the protocol's name, or a few words
	Class Class  `json:"class"`
	// Code is the coordinator's error code or the close code, 0 if there is none.
	Code int `json:"code,omitempty"`
	// Status is the HTTP status that goes with a coordinator code, 0 if none.
	Status int `json:"status,omitempty"`
	// Means says what it means, in one sentence.
	Means string `json:"means"`
	// Cause says why it happens.
	Cause string `json:"cause"`
	// Fix says what to do.
	Fix string `json:"fix"`
	// SDK says what an app with the official client sees, and after how long.
	SDK string `json:"sdk"`
	// Texts are the exact texts that lead to the entry; "…" stands for anything.
	Texts []string `json:"texts,omitempty"`
	// See names related entries by ID.
	See []string `json:"see,omitempty"`
	// Sources say where the facts come from.
	Sources []string `json:"sources,omitempty"`
}

// Title returns the entry's number and name, for a heading.
func (e Entry) Title() string {
	switch e.Kind {
	case KindCode:
		return strings.TrimSpace(strconv.Itoa(e.Code) + " " + e.Name)
	case KindClose:
		return strings.TrimSpace("close " + strconv.Itoa(e.Code) + " " + e.Name)
	case KindTrap:
		return strings.TrimPrefix(e.ID, "trap/") + " " + e.Name
	}
	return e.Name
}

// index is the dictionary with its ways in.
type index struct {
	all  []Entry
	byID map[string]int
}

// dictionary builds the table once, at its first use.
var dictionary = sync.OnceValue(func() index {
	x := index{byID: map[string]int{}}
	for _, e := range slices.Concat(
		codeEntries, chatCodeEntries, closeEntries,
		connectTexts, userTexts, tokenTexts, connectionLogTexts, requestTexts, ringTexts, busyTexts, otherTexts,
		transportEntries, upgradeEntries, providerEntries, peerEntries, trapEntries(), ringSymptoms, connectionSymptoms,
	) {
		e = complete(e)
		x.byID[e.ID] = len(x.all)
		x.all = append(x.all, e)
	}
	return x
})

// complete fills in what follows from the code: the name and status of a
// coordinator code stand in one table only, that of package wire.
func complete(e Entry) Entry {
	if e.Kind == "" {
		kind, _, _ := strings.Cut(e.ID, "/")
		e.Kind = Kind(kind)
	}
	if e.Kind == KindCode && e.ID == "" {
		e.ID = "code/" + strconv.Itoa(e.Code)
		e.Name = wire.Code(e.Code).String()
		e.Status = wire.Code(e.Code).Status()
	}
	return e
}

// All returns the whole dictionary in its own order: codes, close codes, texts,
// transport, token sources, peers, traps, symptoms.
func All() []Entry { return slices.Clone(dictionary().all) }

// ByID returns the entry with that ID.
func ByID(id string) (Entry, bool) {
	x := dictionary()
	i, ok := x.byID[id]
	if !ok {
		return Entry{}, false
	}
	return x.all[i], true
}

// must returns an entry that the dictionary is known to have; a test walks
// every ID that code refers to.
func must(id string) Entry {
	e, _ := ByID(id)
	return e
}

// Code explains a coordinator error code. For a code that is not in the table
// it returns false, and an entry that says so.
func Code(n int) (Entry, bool) {
	if e, ok := ByID("code/" + strconv.Itoa(n)); ok {
		return e, true
	}
	e := must("code/unknown")
	e.Code = n
	return e, false
}

// Traps returns the entries of K1 to K27, in order.
func Traps() []Entry {
	return slices.Collect(func(yield func(Entry) bool) {
		for _, e := range dictionary().all {
			if e.Kind == KindTrap && !yield(e) {
				return
			}
		}
	})
}

// Trap explains a trap of the official client by its number in protocol.md 4.6,
// such as K1 or k1.
func Trap(id string) (Entry, bool) { return ByID("trap/" + strings.ToUpper(id)) }
