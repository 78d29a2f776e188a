package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"

	"streamscope/internal/wire"
)

// served is what a client needs to connect to the local coordinator: the one
// line that serve --json prints first.
type served struct {
	BaseURL   string `json:"base_url"`
	ServerURL string `json:"server_url"`
	APIKey    string `json:"api_key"`
	Secret    string `json:"secret"`
	// Tokens are ready-made, one a user.
	Tokens userTokens `json:"tokens"`

	listen string // host:port, for the SDKs that want no scheme
}

// userTokens are tokens by user, in the order of the users.
type userTokens []userToken

type userToken struct{ user, raw string }

// MarshalJSON makes an object of them.
func (t userTokens) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	for i, each := range t {
		fmt.Fprintf(&b, "%c%q:%q", "{,"[min(i, 1)], each.user, each.raw)
	}
	return []byte(b.String() + "}"), nil
}

// writeJSON prints the one line. These secrets are made here for a coordinator
// that holds nothing; they are meant to be copied.
func (s served) writeJSON(w io.Writer) error { return json.NewEncoder(w).Encode(s) }

// writeText prints the same for a person, with the line for each SDK.
func (s served) writeText(w io.Writer) error {
	pages := [][2]string{
		{"base URL", s.BaseURL}, {"server URL", s.ServerURL}, {"API key", s.APIKey}, {"secret", s.Secret},
	}
	for _, line := range pages {
		if _, err := fmt.Fprintf(w, "%-11s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	for _, t := range s.Tokens {
		if _, err := fmt.Fprintf(w, "token %-5s %s\n", wire.Clean(t.user), t.raw); err != nil {
			return err
		}
	}
	for _, line := range s.clients() {
		if _, err := fmt.Fprintf(w, "\n%s\n  %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	return nil
}

// clients are the lines of code that point each SDK at the coordinator
// (protocol.md 11.1 and the table of field-notes.md 4.2).
func (s served) clients() [][2]string {
	_, port, _ := net.SplitHostPort(s.listen)
	return [][2]string{
		{"JavaScript, React, React Native", fmt.Sprintf(
			`new StreamVideoClient({ apiKey: %q, user: { id: "sara" }, token, options: { baseURL: %q } })`, s.APIKey, s.BaseURL)},
		{"React Native on Android", fmt.Sprintf("the same, after: adb reverse tcp:%[1]s tcp:%[1]s", port)},
		{"Node server (@stream-io/node-sdk)", fmt.Sprintf(
			`new StreamClient(%q, %q, { basePath: %q })`, s.APIKey, s.Secret, s.ServerURL)},
		{"Go server (getstream-go)", fmt.Sprintf(
			`getstream.NewClient(%q, %q, getstream.WithBaseUrl(%q))`, s.APIKey, s.Secret, s.ServerURL)},
		{"Flutter (not tried by us)", fmt.Sprintf(
			`StreamVideoOptions(coordinatorRpcUrl: '%s', coordinatorWsUrl: 'ws://%s/video/connect')`, s.ServerURL, s.listen)},
		{"Android (not tried by us; from the emulator, and the app must allow cleartext)", fmt.Sprintf(
			`StreamVideoBuilder(…, localCoordinatorAddress = "10.0.2.2:%s")`, port)},
		{"iOS", "has no such option: its endpoint is hard-wired"},
	}
}
