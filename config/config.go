package config

import (
	"time"

	"streamscope/logsink"
)

// Config is everything that can be set. Make one with [Default] or [Load].
type Config struct {
	Profile    string     `yaml:"profile" flag:"profile" jsonschema_description:"Profile to use when none is asked for; one of the names under profiles."`
	Connection Connection `yaml:"connection" jsonschema_description:"Who connects where, and with which options of the official client."`
	Logs       Logs       `yaml:"logs" jsonschema_description:"What the log pane shows, and the log file."`
	Timeline   Timeline   `yaml:"timeline" jsonschema_description:"The record of what happened."`
	UI         UI         `yaml:"ui" jsonschema_description:"The screen."`
	Local      Local      `yaml:"local" jsonschema_description:"The local coordinator: the session without an account, and streamscope serve."`
	Tap        Tap        `yaml:"tap" jsonschema_description:"The proxy between your app and Stream."`
	Record     string     `yaml:"record" flag:"record" jsonschema_description:"Write a recording of every session to this file; .zst compresses it."`
	RecordSize Size       `yaml:"record_size" flag:"record-size" range:"4096," jsonschema_description:"Size at which a recording goes on in a new file; the older parts are FILE.1, FILE.2 and so on."`
}

// Connection is who connects where.
type Connection struct {
	APIKey  string `yaml:"api_key" flag:"api-key" jsonschema_description:"API key of the app. Empty: the session is local and needs no account."`
	BaseURL string `yaml:"base_url" flag:"base-url" jsonschema_description:"REST root of the coordinator, with /video; the socket's address is derived from it."`
	User    User   `yaml:"user" jsonschema_description:"The user of the session."`
	Token   Token  `yaml:"token" jsonschema_description:"Where tokens come from: one of file, url, cmd and secret_env, or static; static beside another is the first token."`

	RejectCallWhenBusy    bool          `yaml:"reject_call_when_busy" flag:"reject-call-when-busy" jsonschema_description:"Reject rings while in a call or being rung, as the client's rejectCallWhenBusy."`
	MaxConnectUserRetries int           `yaml:"max_connect_user_retries" flag:"max-connect-user-retries" range:"1,1000" jsonschema_description:"Attempts of one connectUser before the app is told."`
	ConnectTimeout        time.Duration `yaml:"connect_timeout" flag:"connect-timeout" jsonschema_description:"From opening the socket to connection.ok; the client's defaultWsTimeout."`
	RequestTimeout        time.Duration `yaml:"request_timeout" jsonschema_description:"Limit of one REST request; the client gives 5 s."`
	Policy                string        `yaml:"policy" enum:"sdk,steady" jsonschema_description:"sdk does what the official client does, traps included; steady repairs the traps."`
	Telemetry             bool          `yaml:"telemetry" jsonschema_description:"Report connects as the official client does (call_client_event)."`
	LocationHintURL       string        `yaml:"location_hint_url" jsonschema_description:"Asked for the nearest edge before a join. Empty: do not ask."`
	ReadLimit             Size          `yaml:"read_limit" jsonschema_description:"Largest message that is read from the socket."`
	NoConnect             bool          `yaml:"no_connect" flag:"no-connect" jsonschema_description:"Do not connect at the start; wait for the key."`
}

// User is who connects.
type User struct {
	ID     string         `yaml:"id" flag:"user-id" jsonschema_description:"Id of the user; must equal user_id in the token."`
	Name   string         `yaml:"name" flag:"user-name" jsonschema_description:"Name that others see."`
	Image  string         `yaml:"image" flag:"user-image" jsonschema_description:"URL of a picture."`
	Type   string         `yaml:"type" flag:"user-type" enum:"authenticated,guest,anonymous" jsonschema_description:"authenticated needs a token, guest gets one from Stream, anonymous has no socket."`
	Custom map[string]any `yaml:"custom" flag:"user-custom" jsonschema_description:"Custom data of the user: any object."`
}

// Token says where tokens come from.
type Token struct {
	Static    Secret            `yaml:"static" flag:"token" jsonschema_description:"A token: its text, or better env:NAME, file:PATH or cmd:COMMAND. It cannot be refreshed."`
	File      string            `yaml:"file" jsonschema_description:"File with the token, read again for each refresh."`
	URL       string            `yaml:"url" flag:"token-url" jsonschema_description:"Token endpoint, asked again for each refresh; {{.UserID}}, {{.UserName}} and {{.APIKey}} are filled in."`
	Method    string            `yaml:"method" jsonschema_description:"Method for url. Empty: GET, or POST when there is a body."`
	Headers   map[string]Secret `yaml:"headers" jsonschema_description:"Headers for url; values may be env:NAME, file:PATH or cmd:COMMAND."`
	Body      string            `yaml:"body" jsonschema_description:"Body for url, with the same places to fill in; {{json .UserID}} quotes."`
	Pointer   string            `yaml:"pointer" jsonschema_description:"JSON pointer to the token in the answer of url, such as /data/token. Empty: {\"token\": …}, a JSON string, or the bare token."`
	Cmd       string            `yaml:"cmd" flag:"token-cmd" jsonschema_description:"Shell command that prints the token, run again for each refresh."`
	SecretEnv string            `yaml:"secret_env" flag:"token-secret-env" jsonschema_description:"Environment variable with the API secret: tokens are signed here. For development only."`
	TTL       time.Duration     `yaml:"ttl" jsonschema_description:"Life of tokens that are signed here."`
	Timeout   time.Duration     `yaml:"timeout" jsonschema_description:"Limit for url and cmd."`
}

// Logs is what happens to log lines.
type Logs struct {
	Levels      map[string]logsink.Level `yaml:"levels" flag:"log" jsonschema_description:"Level of each scope: trace, debug, info, warn, error, off. The scope default is the one of all that are not named."`
	File        string                   `yaml:"file" flag:"log-file" jsonschema_description:"Write log lines to this file too."`
	FileLevel   logsink.Level            `yaml:"file_level" jsonschema_description:"Least level of the log file."`
	Capture     logsink.Level            `yaml:"capture" jsonschema_description:"Least level that is kept; what is kept can be shown later by lowering a scope's level."`
	MemoryLimit Size                     `yaml:"memory_limit" range:"65536," jsonschema_description:"Bytes of log lines that are kept; older ones are dropped and counted."`
	Routes      map[string]string        `yaml:"routes" jsonschema_description:"The one sink of a scope, as in Stream's logger: client: ops. A sink without a route takes all other scopes, or none if there is a route for the scope default."`
	Sinks       map[string]string        `yaml:"sinks" jsonschema_description:"Further places for log lines, by a name of yours: TARGET [json] [SCOPE=LEVEL]…, with a target of stderr, file:PATH, unix:PATH or tcp:127.0.0.1:PORT. ops: unix:/run/ops.sock default=warn coordinator=trace."`
}

// Timeline is the record of events.
type Timeline struct {
	MemoryLimit Size `yaml:"memory_limit" range:"65536," jsonschema_description:"Bytes of events that are kept; older ones are dropped and counted."`
}

// UI is the screen.
type UI struct {
	Theme         string              `yaml:"theme" flag:"theme" enum:"auto,dark,light,contrast,none" jsonschema_description:"Colours; auto asks the terminal for its background."`
	ThemeFile     string              `yaml:"theme_file" jsonschema_description:"File with colours of your own, by role (accent: \"#7cb7ff\"); read again whenever it changes. Empty: none."`
	ASCII         bool                `yaml:"ascii" flag:"ascii" jsonschema_description:"Draw with ASCII characters only."`
	Color         string              `yaml:"color" enum:"auto,always,never" jsonschema_description:"never uses no colours (as --no-color and NO_COLOR do); always ignores NO_COLOR."`
	Mouse         bool                `yaml:"mouse" jsonschema_description:"Click to select, wheel to scroll; off leaves the mouse to the terminal."`
	Sound         string              `yaml:"sound" flag:"sound" enum:"off,bell" jsonschema_description:"The busy tone: the terminal's bell, or only its picture."`
	ReducedMotion bool                `yaml:"reduced_motion" jsonschema_description:"No blinking, no moving indicators."`
	Tour          bool                `yaml:"tour" jsonschema_description:"Show a line with the next thing to try until it is ended, once for each user of this machine."`
	Keys          map[string][]string `yaml:"keys" jsonschema_description:"Other keys for actions, by action ID: reconnect: [ctrl+r]. An empty list takes the key away. IDs: streamscope config keys."`
}

// Local is the local coordinator.
type Local struct {
	TokenTTL time.Duration `yaml:"token_ttl" jsonschema_description:"Life of the tokens of the local session: short, so that a refresh can be watched."`
	Listen   string        `yaml:"listen" jsonschema_description:"Address of streamscope serve. Other than loopback only if you mean it."`
	Users    []string      `yaml:"users" jsonschema_description:"Users that exist; the first is yours, the others can ring you."`
	Ring     Ring          `yaml:"ring" jsonschema_description:"Ring settings of calls; 0s switches a timer off."`
}

// Ring is the ring settings of calls.
type Ring struct {
	AutoCancel   time.Duration `yaml:"auto_cancel" range:"0," jsonschema_description:"The caller gives up after this."`
	IncomingCall time.Duration `yaml:"incoming_call" range:"0," jsonschema_description:"The callee's client rejects after this."`
	MissedCall   time.Duration `yaml:"missed_call" range:"0," jsonschema_description:"The coordinator sends call.missed after this."`
}

// Tap is the proxy before the developer's app.
type Tap struct {
	Listen   string `yaml:"listen" jsonschema_description:"Address of streamscope tap."`
	Upstream string `yaml:"upstream" jsonschema_description:"Where the tap passes everything on to."`
}

// DefaultBaseURL is the official client's (protocol.md 1.2).
const DefaultBaseURL = "https://video.stream-io-api.com/video"

// Default returns what holds when nothing is set.
func Default() Config {
	return Config{
		Connection: Connection{
			BaseURL: DefaultBaseURL,
			User:    User{Type: "authenticated"},
			Token:   Token{TTL: time.Hour, Timeout: 10 * time.Second},

			MaxConnectUserRetries: 5,
			ConnectTimeout:        15 * time.Second,
			RequestTimeout:        5 * time.Second,
			Policy:                "sdk",
			Telemetry:             true,
			LocationHintURL:       "https://hint.stream-io-video.com/",
			ReadLimit:             16 << 20,
		},
		Logs: Logs{
			Levels:      map[string]logsink.Level{logsink.DefaultScope: logsink.Info},
			FileLevel:   logsink.Trace,
			Capture:     logsink.Trace,
			MemoryLimit: 256 << 20,
		},
		Timeline:   Timeline{MemoryLimit: 128 << 20},
		RecordSize: 1 << 30,
		UI:         UI{Theme: "auto", Color: "auto", Mouse: true, Sound: "bell", Tour: true},
		Local: Local{
			TokenTTL: 90 * time.Second,
			Listen:   "127.0.0.1:8800",
			Users:    []string{"sara", "jack", "nina"},
			Ring:     Ring{AutoCancel: 15 * time.Second, IncomingCall: 15 * time.Second, MissedCall: 15 * time.Second},
		},
		Tap: Tap{Listen: "127.0.0.1:8801", Upstream: DefaultBaseURL},
	}
}

// IsLocal reports whether the session is the local one, which needs no account.
func (c Config) IsLocal() bool { return c.Connection.APIKey == "" }

// Source returns the kind of source that the settings name: static, file, http,
// exec, secret, or "" for none. A provider beside a static token wins, because
// the static one is only its first token.
func (t Token) Source() string {
	for _, s := range []struct{ set, kind string }{
		{t.URL, "http"}, {t.Cmd, "exec"}, {t.File, "file"}, {t.SecretEnv, "secret"}, {string(t.Static), "static"},
	} {
		if s.set != "" {
			return s.kind
		}
	}
	return ""
}
