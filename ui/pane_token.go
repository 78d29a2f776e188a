package ui

import (
	"strconv"
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

// expirySoon is when the countdown changes its colour.
const expirySoon = time.Minute

// tokenLines is the token pane: the token on the wire, how long it lasts, and
// what will happen when it does not.
func tokenLines(s timeline.Session, p paint) []line {
	t := s.Token
	out := []line{tokenSourceLine(s, p)}
	info, sent := t.Wire, true
	if info.Number == 0 {
		info, sent = t.Latest, false
	}
	if info.Number == 0 {
		if t.Failure != nil {
			return append(out, tokenFailureLines(s, p)...)
		}
		return append(out, emptyTokenLines(s, p)...)
	}
	out = append(out, expiryLine(info, p.now.Add(s.Clock.Skew), p))
	out = append(out, tokenUserLine(s, info, p))
	if sent {
		l := line{{styleMuted, "on the wire since "}, {styleText, dayTime(t.WireAt)}}
		out = append(out, l.add(styleMuted, " · #"+strconv.Itoa(info.Number)))
	} else {
		out = append(out, say(styleMuted, "loaded "+dayTime(t.LatestAt)+", not on the wire yet"))
	}
	if t.Failure != nil {
		out = append(out, tokenFailureLines(s, p)...)
	}
	out = append(out, verdictLines(s, info, p)...)
	if t.Same {
		out = append(out, sentence(styleWarn, "the source gave the same token again", p.w)...)
	}
	return append(out, tokenRows(s, p)...)
}

func tokenSourceLine(s timeline.Session, p paint) line {
	t := s.Token
	source := s.Opened.TokenSource
	if s.Opened.User.Type == timeline.Guest && t.Latest.Number > 0 {
		return line{{styleMuted, "token from "}, {styleStrong, "POST /guest"}}
	}
	if source == "" || source == "none" {
		return line{{styleMuted, "no token source"}}
	}
	if tapped(s) {
		l := line{{styleMuted, "from your app · tokens seen "}, {styleText, strconv.Itoa(t.Loads)}}
		return tokenRate(l, t, p)
	}
	l := line{}
	if source == "static" {
		l = l.add(styleStrong, "static token")
	} else {
		l = l.add(styleMuted, "provider ").add(styleStrong, source)
	}
	if t.Loading {
		return l.add(styleMuted, " · ").add(styleAccent, "loading"+p.g.ellipsis)
	}
	if t.Loads > 0 {
		l = l.add(styleMuted, " · load ").add(styleText, strconv.Itoa(t.Loads))
		if source != "static" {
			l = l.add(styleMuted, " · ").add(styleText, millis(t.LastTook))
		}
	}
	return tokenRate(l, t, p)
}

// tokenRate adds how many tokens came in the last minute, when they are too many.
func tokenRate(l line, t timeline.TokenState, p paint) line {
	if n := t.LoadsPerMinute(p.now); n > 6 {
		l = l.add(styleMuted, " · ").add(styleWarnStrong, strconv.Itoa(n)+"/min")
	}
	return l
}

// tapped reports whether a session is somebody else's app: what does not go over the
// wire is not known of it.
func tapped(s timeline.Session) bool { return s.Opened.Source == timeline.SourceTap }

// expiryLine is the countdown on Stream's clock, which is the one that decides
// and that the verdict under it counts by. Its word says the same as its colour.
func expiryLine(info timeline.TokenInfo, now time.Time, p paint) line {
	if info.Malformed != "" {
		return line{{styleBadStrong, p.g.bad + " malformed: "}, {styleText, info.Malformed}}
	}
	if info.ExpiresAt.IsZero() {
		return line{{styleMuted, "expires "}, {styleText, "never"}, {styleMuted, " (no exp claim)"}}
	}
	left := info.ExpiresAt.Sub(now)
	whole := info.ExpiresAt.Sub(info.IssuedAt)
	if info.IssuedAt.IsZero() || whole <= 0 {
		whole = time.Hour
	}
	word, sty := "expires in ", styleOKStrong
	switch {
	case left <= 0:
		return line{{styleBadStrong, p.g.bad + " EXPIRED"}, {styleMuted, " "}, {styleBad, downClock(-left) + " ago"}}
	case left <= expirySoon:
		word, sty = "expires soon ", styleWarnStrong
	}
	l := line{{styleMuted, word}, {sty, downClock(left)}, {styleText, " "}}
	room := min(p.w-l.width(), 20)
	if room < 4 {
		return l
	}
	full, empty := p.g.bar(left, whole, room)
	barStyle := styleBar
	if sty != styleOKStrong {
		barStyle = styleWarn
	}
	return l.add(barStyle, full).add(styleMuted, empty)
}

func tokenUserLine(s timeline.Session, info timeline.TokenInfo, p paint) line {
	want := tokenOwner(s, info)
	l := line{{styleMuted, "user_id "}}
	switch {
	case info.Server && info.UserID == "":
		l = l.add(styleText, "server token")
	case info.UserID == "":
		l = l.add(styleBadStrong, "missing "+p.g.bad)
	case info.UserID == want || want == "":
		l = l.add(styleText, info.UserID+" ").add(styleOK, p.g.ok)
	default:
		l = l.add(styleBadStrong, info.UserID+" "+p.g.bad).add(styleMuted, " not ").add(styleText, want)
	}
	if info.Alg != "" && info.Alg != "HS256" {
		l = l.add(styleMuted, " · ").add(styleBad, info.Alg)
	}
	if s.Clock.Source != "" {
		sty := styleText
		if s.Clock.Skew.Abs() > 5*time.Second {
			sty = styleWarnStrong
		}
		l = l.add(styleMuted, " · skew ").add(sty, skewText(s.Clock.Skew))
	}
	return l
}

// tokenOwner is whom a token should be for. A guest is who the service says: the
// id of POST /guest's answer, which is also the one of the token in it (protocol
// 3.5).
func tokenOwner(s timeline.Session, info timeline.TokenInfo) string {
	if s.Opened.User.Type != timeline.Guest {
		return s.Opened.User.ID
	}
	if id := s.UserID(); id != s.Opened.User.ID {
		return id
	}
	return info.UserID
}

// tokenVerdict asks explain what will become of a token.
func tokenVerdict(s timeline.Session, info timeline.TokenInfo, now time.Time) explain.Verdict {
	source, refreshable := s.Opened.TokenSource, s.Opened.Refreshable
	if tapped(s) {
		source, refreshable = "", s.Token.Loads > 1 // where its tokens come from shows when another one comes
	}
	return explain.TokenVerdict(explain.TokenFacts{
		Malformed: info.Malformed, Undecodable: info.Undecodable, UserID: info.UserID,
		IssuedAt: info.IssuedAt, ExpiresAt: info.ExpiresAt, NotBefore: info.NotBefore,
		Server: info.Server, CallCIDs: info.CallCIDs,
		ForUser: tokenOwner(s, info), UserType: string(s.Opened.User.Type),
		Source: source, Refreshable: refreshable, RenewBefore: s.Opened.RenewBefore,
		Now: now, Skew: s.Clock.Skew, NoToken: info.Number == 0,
	})
}

func verdictLines(s timeline.Session, info timeline.TokenInfo, p paint) []line {
	v := tokenVerdict(s, info, p.now)
	sty, glyph := verdictLook(v.Kind, p.g)
	var out []line
	for i, row := range wrapText(v.Sentence, p.w-2) {
		if i > 0 {
			glyph = " "
		}
		out = append(out, line{{sty, pad(glyph, 2)}, {styleText, row}})
	}
	return out
}

// verdictLook is the sign of a verdict and its style.
func verdictLook(k explain.VerdictKind, g *glyphs) (style, string) {
	switch k.Severity() {
	case explain.Note:
		return styleOK, g.ok
	case explain.Warn:
		return styleWarn, "!"
	}
	return styleBad, g.bad
}

func tokenFailureLines(s timeline.Session, p paint) []line {
	f := *s.Token.Failure
	e := p.explain(factsOf(s, s.Attempt, f))
	out := []line{{{styleBadStrong, p.g.bad + " " + failureTitle(f, e)}}}
	if said := firstNonEmpty(f.Reason, f.Text); said != "" {
		out = append(out, sentence(styleText, said, p.w)...)
	}
	return append(out, labelled("fix", e.Fix, styleStrong, p.w)...)
}

func emptyTokenLines(s timeline.Session, p paint) []line {
	text := "No token has been loaded yet. It is loaded when the user connects" + p.offers(": ", "connect", "") + "."
	switch {
	case s.Conn == timeline.StateLoadingToken:
		text = "The token source is being asked."
	case s.Opened.User.Type == timeline.Anonymous:
		text = "Anonymous users need no token. Only call_cids in a token would matter."
	case s.Opened.User.Type == timeline.Guest:
		text = "A guest gets its token from POST /guest when it connects" + p.offers(": ", "connect", "") + "."
	}
	if tapped(s) && s.Opened.User.Type != timeline.Anonymous {
		text = "The app has sent no token yet."
	}
	return append([]line{nil}, sentence(styleMuted, text, p.w)...)
}

// tokenRows is one row for each token that went on the wire, the last first.
func tokenRows(s timeline.Session, p paint) []line {
	h := s.Token.History
	if len(h) == 0 {
		return nil
	}
	out := []line{nil}
	for i := len(h) - 1; i >= 0; i-- {
		u := h[i]
		sty, result := styleMuted, "open"
		switch u.Result {
		case "":
		case "ok":
			sty, result = styleOK, "ok"
		default:
			sty, result = styleBad, u.Result
		}
		out = append(out, line{
			{styleMuted, pad("#"+strconv.Itoa(u.Token.Number), 4)},
			{styleText, dayTime(u.At)},
			{styleMuted, " attempt " + pad(strconv.Itoa(u.Attempt), 3)},
			{sty, result},
		})
	}
	return out
}
