package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// YAML returns the scenario as a file that [Parse] reads back to an equal one,
// but for the places of its steps. What has its default is left out.
func (s Scenario) YAML() []byte {
	var b strings.Builder
	field := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, quoted(value))
		}
	}
	field("name", s.Name)
	field("title", s.Title)
	field("description", s.Description)
	if s.Seed != 0 {
		fmt.Fprintf(&b, "seed: %d\n", s.Seed)
	}
	b.WriteString("users:\n")
	for _, u := range s.Users {
		writeItem(&b, u.fields())
	}
	b.WriteString("steps:\n")
	for _, st := range s.Steps {
		writeItem(&b, st.fields())
	}
	return []byte(b.String())
}

// writeItem writes a mapping as an element of a list.
func writeItem(b *strings.Builder, fields [][2]string) {
	lead := "  - "
	for _, f := range fields {
		if f[1] == "" {
			continue
		}
		fmt.Fprintf(b, "%s%s: %s\n", lead, f[0], f[1])
		lead = "    "
	}
}

func (u User) fields() [][2]string {
	fields := [][2]string{
		{"id", quoted(u.ID)},
		{"token", u.Token},
		{"token_ttl", span(u.TokenTTL)},
		{"reject_call_when_busy", when(u.RejectWhenBusy, "true")},
		{"policy", u.Policy},
		{"max_connect_user_retries", count(u.MaxConnectRetries)},
		{"connect_timeout", span(u.ConnectTimeout)},
		{"watchdog", when(u.UnluckyWatchdog, "unlucky")},
		{"persist_user_on_connection_failure", when(u.ForgetUserOnFailure, "false")},
	}
	return fields
}

func (st Step) fields() [][2]string {
	fields := [][2]string{{string(st.Verb), st.value()}}
	if st.Verb.Expects() || st.Verb == ArmFault || takesUser(st.Verb) {
		fields = append(fields, [2]string{"user", quoted(st.User)})
	}
	return append(fields,
		[2]string{"reason", quoted(st.Reason)},
		[2]string{"within", span(st.Within)},
		[2]string{"absent", when(st.Absent, "true")},
		[2]string{"status", count(st.Status)},
		[2]string{"count", count(st.Count)},
	)
}

func takesUser(v Verb) bool {
	switch v {
	case Accept, Reject, Leave, End, Token:
		return true
	}
	return false
}

// value is what stands behind the verb's colon.
func (st Step) value() string {
	switch st.Verb {
	case ArmFault:
		return quoted(st.Fault.String())
	case Wait:
		return st.Wait.String()
	case RingUsers:
		return st.Ring.value()
	case Clear:
		return "faults"
	case Connect, Disconnect, Reconnect, GoOffline, GoOnline:
		return quoted(st.User)
	}
	return quoted(st.Target)
}

func (r Ring) value() string {
	to := make([]string, len(r.To))
	for i, id := range r.To {
		to[i] = quoted(id)
	}
	text := "{from: " + quoted(r.From) + ", to: [" + strings.Join(to, ", ") + "]"
	if r.CID != "" {
		text += ", call: " + quoted(r.CID)
	}
	return text + "}"
}

// quoted writes a text so that it stays a text: plain where it is a word, else
// in double quotes, whose escapes Go and YAML share for what can be printed.
func quoted(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool { return !wordRune(r) }) < 0
	if s == "" || plain && !ambiguous(s) {
		return s
	}
	return strconv.Quote(s)
}

func wordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9'
}

// ambiguous reports whether YAML would take a word for something else.
func ambiguous(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null":
		return true
	}
	return s[0] < 'A' // a digit, a dot or a dash
}

func span(d time.Duration) string { return when(d != 0, d.String()) }
func count(n int) string          { return when(n != 0, strconv.Itoa(n)) }

func when(set bool, text string) string {
	if set {
		return text
	}
	return ""
}
