package cli

import (
	"fmt"
	"time"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// menuSpecs is the fault menu, in its order: the text form of each fault with the
// parameters that make it worth a key (protocol.md 11.6).
var menuSpecs = []string{
	"close:code=1000",
	"close:code=1011,reason=going away",
	"drop",
	"half-open",
	"no-pong",
	"expire-token",
	"error:code=40,phase=session,count=2",
	"error:code=71",
	"error:code=9",
	"close:code=1000,phase=connect",
	"wrong-signature",
	"stall-auth:for=40s",
	"stall-upgrade:for=40s",
	"refuse-upgrade:status=503,for=20s",
	"refuse-tcp:for=20s",
	"offline:for=10s",
	"dns-fails:for=20s",
	"tls-fails:for=20s",
	"slow:latency=800ms,jitter=400ms",
	"clock-skew:skew=-60s",
	"provider-fails",
	"provider-slow:latency=4s",
	"provider-stale",
	"withhold:type=call.accepted",
	"withhold:type=call.rejected",
	"withhold:type=call.ring",
	"duplicate:type=call.ring",
	"reorder",
	"corrupt",
	"truncate",
	"unknown-event",
	"huge-frame",
	"rest-error:code=40",
	"rest-error:code=9,status=429,retry_after=5s",
	"rest-error:code=-1,status=500",
	"rest-html",
	"rest-hang:for=20s",
	"rest-reset",
}

// offered returns the menu as faults.
func offered() []fault.Fault {
	menu := make([]fault.Fault, len(menuSpecs))
	for i, spec := range menuSpecs {
		f, err := fault.Parse(spec)
		if err != nil {
			panic(fmt.Sprintf("the fault menu holds %q: %v", spec, err)) // a test walks the table
		}
		menu[i] = f
	}
	return menu
}

// shownFault is a fault in the words of the screen.
func shownFault(id string, f fault.Fault, site fault.Site) timeline.Fault {
	info, _ := f.Kind.Info()
	reaction := f.Expect()
	return timeline.Fault{
		ID: id, Kind: string(f.Kind), Title: titleOf(info, f), Spec: f.String(), Where: string(site),
		Expect: reaction.Text, Trap: reaction.Trap, Seed: f.Seed, Strikes: strikes(f),
	}
}

// strikes says what a fault waits for.
func strikes(f fault.Fault) string {
	switch f.Waits() {
	case fault.CueConnect:
		return timeline.StrikesConnect
	case fault.CueRequest:
		return timeline.StrikesRequest
	case fault.CueToken:
		return timeline.StrikesToken
	}
	return ""
}

// titleOf tells entries of one kind apart by what they add to it.
func titleOf(info fault.KindInfo, f fault.Fault) string {
	title := info.Title
	add := func(format string, args ...any) { title += " · " + fmt.Sprintf(format, args...) }
	if f.Code != 0 {
		add("%d", f.Code)
	}
	if f.Status != 0 {
		add("HTTP %d", f.Status)
	}
	if f.Type != "" {
		add("%s", f.Type)
	}
	if f.Latency != 0 {
		add("%s", f.Latency)
	}
	if f.Skew != 0 {
		add("%s", f.Skew)
	}
	if f.Phase == fault.PhaseConnect {
		add("on the next connect")
	}
	if f.Count > 1 {
		add("%d times", f.Count)
	}
	if f.For != 0 {
		add("for %s", f.For.Round(time.Second))
	}
	return title
}
