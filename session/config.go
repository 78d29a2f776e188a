package session

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"streamscope/timeline"
)

// DefaultBaseURL is where Stream's service answers (protocol.md 1.2).
const DefaultBaseURL = "https://video.stream-io-api.com/video"

// Version is what the session calls itself in X-Stream-Client when the
// configuration does not say.
const Version = "0.1.0"

// AnonymousID is the user id of every anonymous user (protocol.md 3.4).
const AnonymousID = "!anon"

// noLocation is the official client's word for not knowing where it is
// (protocol.md 1.5).
const noLocation = "ERR"

// The times of the official client (protocol.md 2 and 4).
const (
	defaultConnectTimeout = 15 * time.Second // defaultWsTimeout, protocol.md 2.7
	defaultRequestTimeout = 5 * time.Second  // axios, protocol.md 1.2
	defaultConnectRetries = 5                // maxConnectUserRetries, protocol.md 4.3

	pingInterval    = 25 * time.Second        // protocol.md 2.5
	silenceLimit    = 35 * time.Second        // protocol.md 2.5
	offlineDebounce = 5 * time.Second         // connection.changed, protocol.md 4.5
	healthWait      = 15 * time.Second        // REST without a connection, protocol.md 4.5
	healthPoll      = 50 * time.Millisecond   // how often a wait for health looks again
	closeWait       = time.Second             // for the server's close frame, protocol.md 2.6
	onlineDelay     = 10 * time.Millisecond   // before the reconnect after online, protocol.md 4.4
	busyToneFor     = 1500 * time.Millisecond // protocol.md 7.4
	pollAfter       = 15 * time.Second        // ring-state poller, protocol.md 5.2
	pollEvery       = 5 * time.Second         // ring-state poller, protocol.md 5.2
	pollLimit       = 30 * time.Second        // ring-state poller, protocol.md 5.2

	hintTimeout = 2 * time.Second // locationHintTimeout, protocol.md 1.5

	maxHints     = 3        // locationHintMaxAttempts, protocol.md 1.5
	maxRewatches = 3        // POST /calls after a reconnect, protocol.md 4.5
	maxReports   = 5        // telemetry, protocol.md 10
	maxJoins     = 3        // maxJoinRetries, protocol.md 5.1
	maxBodyKept  = 64 << 10 // bytes of a frame or body that an event keeps
)

// Config is everything a session is made of. It is copied by [New]; the zero
// value of a field means what the field says.
type Config struct {
	// Name names the session in events and tabs. Empty means the user's id.
	Name string
	// Source says what the session is to the screen. Empty means direct.
	Source timeline.Source
	// APIKey is the app's public key. It is required.
	APIKey string
	// BaseURL is the REST root, "/video" included. Empty means [DefaultBaseURL].
	BaseURL string
	// User is who connects. Type empty means authenticated; an anonymous user's
	// id is always [AnonymousID].
	User timeline.User
	// Token gives the user's token. Nil for guests, and for anonymous users
	// without one.
	Token TokenSource

	// Policy is the official client's behaviour or the repaired one. Empty means
	// the official client's.
	Policy timeline.Policy
	// RejectWhenBusy is the official client's rejectCallWhenBusy.
	RejectWhenBusy bool
	// MaxConnectRetries is maxConnectUserRetries: the number of attempts of one
	// connectUser. Zero means 5; negative means 1.
	MaxConnectRetries int
	// ConnectTimeout is defaultWsTimeout. Zero means 15 s.
	ConnectTimeout time.Duration
	// RenewBefore is how long before its expiry the caller renews a token, for the
	// record: the session itself does nothing about it. Zero means that nobody does.
	RenewBefore time.Duration
	// RequestTimeout bounds each REST call. Zero means 5 s.
	RequestTimeout time.Duration
	// ForgetUserOnFailure is the opposite of persistUserOnConnectionFailure,
	// which the official client switches on (protocol.md 4.3).
	ForgetUserOnFailure bool
	// UnluckyWatchdog makes the staleness check miss, as it does in most official
	// clients (protocol.md 4.6, K2).
	UnluckyWatchdog bool
	// NoTelemetry is clientEventsReportingEnabled: false.
	NoTelemetry bool
	// NoRingPolling is ringStatePolling: false.
	NoRingPolling bool
	// Location is sent with a join. Empty means ERR, which the official client
	// sends when its hint service does not answer (protocol.md 1.5).
	Location string
	// LocationHintURL is locationHintUrl: asked with HEAD before the first join for
	// the nearest edge, whose name is then sent with every join (protocol.md 1.5).
	// Empty means that nobody is asked, and Location is sent.
	LocationHintURL string
	// App is the app part of X-Stream-Client, in order: app, app_version, os,
	// device_model.
	App []AppTag
	// SDKName and SDKVersion are the client's name in X-Stream-Client and in
	// telemetry. Empty means streamscope and [Version].
	SDKName, SDKVersion string

	// Dialer and REST are the edges. Nil means the real network.
	Dialer Dialer
	REST   RESTDoer

	// Timeline receives every event. Nil means that nobody looks.
	Timeline *timeline.Store
	// Logger receives what the official client would log, by its scopes and
	// levels. Nil means nothing is logged.
	Logger *slog.Logger
	// Jitter draws a duration in [0, n). Nil means a random one.
	Jitter func(n time.Duration) time.Duration
	// NewID makes an identifier. Nil means a random UUID.
	NewID func() string
	// OnConnectError is onConnectUserError: it is called once, after the last
	// attempt of a connectUser, from a goroutine of the session.
	OnConnectError func(last error, all []error)
}

// AppTag is one key and value of the app in X-Stream-Client.
type AppTag struct{ Key, Value string }

// withDefaults returns the configuration with every zero value filled in, or
// says what the official constructor would not take.
func (c Config) withDefaults() (Config, error) {
	c.BaseURL = cmp.Or(c.BaseURL, DefaultBaseURL)
	c.Source = cmp.Or(c.Source, timeline.SourceDirect)
	c.Policy = cmp.Or(c.Policy, timeline.PolicySDK)
	c.User.Type = cmp.Or(c.User.Type, timeline.Authenticated)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, defaultConnectTimeout)
	c.RequestTimeout = cmp.Or(c.RequestTimeout, defaultRequestTimeout)
	c.MaxConnectRetries = max(cmp.Or(c.MaxConnectRetries, defaultConnectRetries), 1)
	c.Location = cmp.Or(c.Location, noLocation)
	c.SDKName = cmp.Or(c.SDKName, "streamscope")
	c.SDKVersion = cmp.Or(c.SDKVersion, Version)
	if c.User.Type == timeline.Anonymous {
		c.User.ID = AnonymousID
	}
	c.Name = cmp.Or(c.Name, c.User.ID)
	if c.Dialer == nil {
		c.Dialer = new(WebSocketDialer)
	}
	if c.REST == nil {
		c.REST = new(HTTPDoer)
	}
	if c.Timeline == nil {
		c.Timeline = timeline.NewStore(timeline.Options{MaxEvents: 1})
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Jitter == nil {
		c.Jitter = func(n time.Duration) time.Duration { return rand.N(n) }
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	return c, c.validate()
}

func (c Config) validate() error {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || !strings.HasPrefix(base.Scheme, "http") {
		return fmt.Errorf("session: base URL %q is not an http or https URL", c.BaseURL)
	}
	switch {
	case c.APIKey == "":
		return errors.New("session: the API key is empty")
	case c.User.ID == "":
		return errNoUserID
	case c.Token == nil && c.User.Type == timeline.Authenticated:
		return errNoToken
	}
	return nil
}

// What getOrCreateInstance refuses (protocol.md 9).
var (
	errNoUserID = errors.New("user.id is required for a non-anonymous user")
	errNoToken  = errors.New("tokenProvider or token is required for a authenticated users")
)

// key names the one session of an API key and user (protocol.md 9).
func (c Config) key() string { return c.APIKey + "/" + c.User.ID }

// client is X-Stream-Client (protocol.md 1.3): the official client's grammar
// with our own name.
func (c Config) client() string {
	var b strings.Builder
	b.WriteString("stream-video-" + c.SDKName + "-v" + c.SDKVersion)
	for _, tag := range c.App {
		b.WriteString("|" + tag.Key + "=" + tag.Value)
	}
	b.WriteString("|client_bundle=go")
	return b.String()
}

// socketURL is the address of the socket without its query: the official
// client replaces the first http by ws and the first :3030 by :8800, wherever
// they stand (protocol.md 1.2, K16).
func (c Config) socketURL() string {
	base := strings.Replace(c.BaseURL, "http", "ws", 1)
	return strings.Replace(base, ":3030", ":8800", 1) + "/connect"
}
