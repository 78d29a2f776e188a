package scenario

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"streamscope/internal/fault"
)

// written draws scenarios of every verb and every key.
func written(t *rapid.T) Scenario {
	id := rapid.SampledFrom([]string{"sara", "jack", "josé", "true", "007", "a b: c"})
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-zA-Z0-9 :#'"\\{},-]{1,20}`).Filter(func(s string) bool { return s[0] != ' ' && s[len(s)-1] != ' ' }))
	span := func(label string) time.Duration {
		return rapid.SampledFrom([]time.Duration{0, 250 * time.Millisecond, 90 * time.Second}).Draw(t, label)
	}
	s := Scenario{
		Name: "drawn", Title: text.Draw(t, "title"), Description: text.Draw(t, "description"),
		Seed: rapid.Uint64Range(0, 1<<40).Draw(t, "seed"),
	}
	for range rapid.IntRange(1, 3).Draw(t, "users") {
		s.Users = append(s.Users, User{
			ID: id.Draw(t, "id"), Token: rapid.SampledFrom([]string{"provider", "static"}).Draw(t, "token"),
			TokenTTL: span("ttl"), RejectWhenBusy: rapid.Bool().Draw(t, "busy"), ConnectTimeout: span("timeout"),
			Policy:            rapid.SampledFrom([]string{"", "sdk", "steady"}).Draw(t, "policy"),
			MaxConnectRetries: rapid.IntRange(0, 3).Draw(t, "retries"),
			UnluckyWatchdog:   rapid.Bool().Draw(t, "watchdog"), ForgetUserOnFailure: rapid.Bool().Draw(t, "forget"),
		})
	}
	user := s.Users[0].ID
	for _, info := range Verbs() {
		st := Step{Verb: info.Verb, User: user}
		switch info.Verb {
		case ArmFault:
			st.Fault = fault.Fault{Kind: fault.Close, Code: 1011, Reason: `a "reason", with commas`, For: span("for")}
		case Wait:
			st.Wait, st.User = span("wait")+time.Second, ""
		case RingUsers:
			st.Ring, st.User = Ring{From: user, To: []string{"nina", user}, CID: "default:lunch"}, ""
		case Clear:
			st.User, st.Target = "", "faults"
		case Token:
			st.Target = "refresh"
		case ExpectState:
			st.Target, st.Within, st.Absent = "loading token", span("within"), rapid.Bool().Draw(t, "absent")
		case ExpectTrap:
			st.Target = "K7"
		case ExpectRequest:
			st.Target, st.Status, st.Count = "POST /call/*/lunch/reject", 201, 2
		case ExpectEvent, Accept, Leave, End:
			st.Target = "default:lunch"
		case Reject:
			st.Target, st.Reason = "default:lunch", text.Draw(t, "reason")
		}
		s.Steps = append(s.Steps, st)
	}
	return s
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := written(rt)
		file := want.YAML()
		got, err := Parse("drawn.yaml", file)
		if err != nil {
			rt.Fatalf("what was written is refused: %v\n%s", err, file)
		}
		got.File = ""
		for i := range got.Steps {
			got.Steps[i].Line, got.Steps[i].Column = 0, 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("(-written +read):\n%s\n%s", diff, file)
		}
	})
}
