package logsink

import (
	"strings"
	"testing"
)

const (
	header  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
	payload = "eyJ1c2VyX2lkIjoic2FyYSIsImV4cCI6MTc2NzIyNTYwMH0"
	sig     = "k3hQm7TzXvRwB1nYpLsD8fGjA0cUeKiO5tW2qZrNabc"
	jwt     = header + "." + payload + "." + sig
)

// What is masked is tested where it is done, in internal/redact. Here: that the
// store's door leads through it, and costs a clean line nothing.
func TestRedactIsTheSharedOne(t *testing.T) {
	out := Redact("Authorization: " + jwt + " password=hunter2hunter2")
	for _, secret := range []string{sig[:12], "hunter2"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q survives in %q", secret, out)
		}
	}
	line := "connection:onopen() - onopen callback for default:standup"
	if n := testing.AllocsPerRun(100, func() { Redact(line) }); n != 0 {
		t.Errorf("redacting a clean line allocates %v times, want 0", n)
	}
}

// leaked is a part of the planted secret that can still be found.
func leaked(planted, out string) string {
	const window = 12
	for i := 0; i+window <= len(planted); i++ {
		if strings.Contains(out, planted[i:i+window]) {
			return planted[i : i+window]
		}
	}
	return ""
}
