package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"streamscope/timeline"
)

// states are the words that `expect state` knows.
var states = []timeline.ConnState{
	timeline.StateIdle, timeline.StateLoadingToken, timeline.StateDialing, timeline.StateAuthenticating,
	timeline.StateConnected, timeline.StateBackoff, timeline.StateStalled, timeline.StateOffline,
	timeline.StateDisconnected, timeline.StateFailed,
}

// check finds what is well formed and still makes no sense.
func (p *reader) check(root ast.Node, s Scenario) {
	if len(s.Users) == 0 {
		p.fail(root, "nobody takes part", "users: [sara]")
	}
	if len(s.Steps) == 0 {
		p.fail(root, "nothing happens", "steps")
	}
	for _, step := range s.Steps {
		if problem, expected := step.problem(s); problem != "" {
			p.problems = append(p.problems, &SyntaxError{
				File: s.File, Line: step.Line, Column: step.Column, Problem: problem, Expected: expected,
			})
		}
	}
}

func (st Step) problem(s Scenario) (problem, expected string) {
	if st.User != "" && !s.has(st.User) && st.Verb != ArmFault {
		return fmt.Sprintf("nobody is called %q", st.User), "one of " + s.userList()
	}
	switch st.Verb {
	case ExpectState:
		if !slices.Contains(states, timeline.ConnState(st.Target)) {
			return fmt.Sprintf("there is no state %q", st.Target), "one of " + join(states)
		}
	case ExpectTrap:
		if !isTrap(st.Target) {
			return fmt.Sprintf("there is no trap %q", st.Target), "K1 to K27"
		}
	case ExpectRequest:
		method, path, ok := strings.Cut(st.Target, " ")
		if !ok || method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") {
			return fmt.Sprintf("%q is not a request", st.Target), "METHOD /path, such as POST /call/default/lunch/reject"
		}
	case ExpectEvent, Accept, Reject, Leave, End:
		if st.Target == "" {
			return string(st.Verb) + " says nothing", "a value behind the colon"
		}
	case Wait:
		if st.Wait == 0 {
			return "wait without a time", "wait: 5s"
		}
	}
	return "", ""
}

func (s Scenario) has(user string) bool {
	return slices.ContainsFunc(s.Users, func(u User) bool { return u.ID == user })
}

func (s Scenario) userList() string {
	var ids []string
	for _, u := range s.Users {
		ids = append(ids, u.ID)
	}
	return strings.Join(ids, ", ")
}

// isTrap knows K1 to K27 (protocol 4.6).
func isTrap(id string) bool {
	var n int
	_, err := fmt.Sscanf(id, "K%d", &n)
	return err == nil && n >= 1 && n <= 27 && id == fmt.Sprintf("K%d", n)
}

func join[T ~string](words []T) string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}
