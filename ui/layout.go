package ui

// Break-points, in cells. Below the smallest the screen says what it needs.
const (
	fullWidth     = 120
	fullHeight    = 36
	compactWidth  = 80
	compactHeight = 24
	minWidth      = 60
	minHeight     = 16
	// tallHeight is where a narrow screen stacks panes instead of hiding them.
	tallHeight = 44
	// sideWidth is where timeline and logs fit side by side.
	sideWidth = 170
	// scopesWidth is what the list of scopes takes beside the logs.
	scopesWidth     = 30
	scopesWidthSlim = 22
)

// pane names the parts of the screen that can have the focus.
type pane int

const (
	paneConnection pane = iota
	paneToken
	paneCalls
	paneTimeline
	paneLogs
	paneScopes
	paneCount
)

var paneNames = [paneCount]string{"Connection", "Token", "Calls", "Timeline", "Logs", "Scopes"}

func (p pane) String() string {
	if p < 0 || p >= paneCount {
		return "none"
	}
	return paneNames[p]
}

// rect is a rectangle of cells.
type rect struct{ x, y, w, h int }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// joint is a corner of a box: the place where its walls meet a neighbour's.
type joint uint8

const (
	corner joint = iota
	tee          // a wall goes on vertically: ├ ┤
	cross        // a wall goes on horizontally: ┬ ┴
)

// place is a pane in its rectangle. Boxes may share a wall: the one that does
// not draw it leaves it to its neighbour, and says how its corners meet.
type place struct {
	pane pane
	rect rect
	side int // which of two recordings it is of
	// tabs are the panes that take turns in this place; nil for one alone.
	tabs           []pane
	openBottom     bool // the bottom wall is the next box's top wall
	openRight      bool // the right wall is the next box's left wall
	topLeft        joint
	topRight       joint
	bottomLeft     joint
	bottomRight    joint
	contentPadding int
}

// inner is the part inside the walls.
func (p place) inner() rect {
	r := p.rect
	w, h := r.w-2, r.h-2
	if p.openRight {
		w++
	}
	if p.openBottom {
		h++
	}
	pad := p.contentPadding
	return rect{r.x + 1 + pad, r.y + 1, max(w-2*pad, 0), max(h, 0)}
}

// arrangement is what the layout depends on besides the size.
type arrangement struct {
	focus pane
	// upper and lower are the panes last seen in the places that several share.
	upper, lower pane
	zoom         bool
	bar          bool // a recording: the scrub bar under the header
	onlyLogs     bool // a log and nothing else: it has the screen, with its scopes
	moved        moves
	tour         bool // a line above the footer
	two          bool // two recordings, their timelines side by side
	side         int  // which of them is the active one
}

// screen is where everything goes.
type screen struct {
	w, h     int
	tooSmall bool
	// switcher is the line of pane names when one pane is shown at a time; its
	// height is 0 otherwise.
	switcher rect
	header   rect
	bar      rect // its height is 0 on a live screen
	footer   rect
	tour     rect // its height is 0 when there is none
	places   []place
}

// find returns the place of a pane that is on the screen.
func (s screen) find(p pane) (place, bool) {
	for _, pl := range s.places {
		if pl.pane == p {
			return pl, true
		}
	}
	return place{}, false
}

// arrange computes every rectangle of the screen. It is pure.
func arrange(w, h int, a arrangement) screen {
	s := screen{w: w, h: h}
	if w < minWidth || h < minHeight {
		s.tooSmall = true
		return s
	}
	s.header = rect{0, 0, w, 1}
	s.footer = rect{0, h - 1, w, 1}
	top := 1
	if a.bar {
		s.bar = rect{0, 1, w, 1}
		top = 2
	}
	if a.tour {
		s.tour = rect{0, h - 2, w, 1}
	}
	body := rect{0, top, w, h - top - 1 - s.tour.h}
	switch {
	case a.zoom || h < compactHeight || w < compactWidth && (h < tallHeight || a.two):
		s.switcher = rect{0, top, w, 1}
		s.places = []place{{pane: a.focus, side: a.side, rect: rect{0, top + 1, w, body.h - 1}}}
	case a.two:
		s.places = arrangeTwo(body, a)
	case a.onlyLogs && (a.focus == paneLogs || a.focus == paneScopes):
		s.places = logsAndScopes(body, either(w >= fullWidth, scopesWidth, scopesWidthSlim), corner, a.moved)
	case w < compactWidth:
		s.places = arrangeStack(body, a)
	case w >= fullWidth && h >= fullHeight:
		s.places = arrangeFull(body, a)
	case w >= fullWidth:
		s.places = arrangeWide(body, a)
	case h >= tallHeight:
		s.places = arrangeTall(body, a.moved)
	default:
		s.places = arrangeCompact(body, a)
	}
	for i := range s.places {
		s.places[i].contentPadding = 1
	}
	return s
}

// arrangeTwo is for two recordings: the panes of the state, which are of the
// active one, over the two timelines.
func arrangeTwo(b rect, a arrangement) []place {
	top := a.moved.put(borderTop, min(max(b.h*30/100, 8), 13), 5, b.h-6)
	upper := rect{b.x, b.y, b.w, top}
	var out []place
	if b.w >= fullWidth {
		out = threeBoxes(upper, a.moved)
	} else {
		out = twoBoxes(upper, a)
	}
	left := a.moved.put(borderSides, b.w/2, 30, b.w-30)
	return append(out,
		place{pane: paneTimeline, rect: rect{b.x, b.y + top, left, b.h - top}, openRight: true},
		place{pane: paneTimeline, side: 1, rect: rect{b.x + left, b.y + top, b.w - left, b.h - top}, topLeft: cross, bottomLeft: cross})
}

// arrangeFull is the drawing of the design: three boxes over the timeline over
// the logs. On very wide screens timeline and logs stand side by side.
func arrangeFull(b rect, a arrangement) []place {
	top := a.moved.put(borderTop, min(max(b.h*30/100, 11), 17), 5, b.h-10)
	out := threeBoxes(rect{b.x, b.y, b.w, top}, a.moved)
	rest := rect{b.x, b.y + top, b.w, b.h - top}
	if b.w >= sideWidth {
		return append(out, sideBySide(rest, a.moved)...)
	}
	half := a.moved.put(borderLists, rest.h*46/100, 4, rest.h-4)
	out = append(out, place{pane: paneTimeline, rect: rect{rest.x, rest.y, rest.w, half}, openBottom: true})
	return append(out, logsAndScopes(rect{rest.x, rest.y + half, rest.w, rest.h - half}, scopesWidth, tee, a.moved)...)
}

// arrangeWide is for screens that are wide and low.
func arrangeWide(b rect, a arrangement) []place {
	top := a.moved.put(borderTop, min(max(b.h*40/100, 9), 11), 5, b.h-6)
	out := threeBoxes(rect{b.x, b.y, b.w, top}, a.moved)
	rest := rect{b.x, b.y + top, b.w, b.h - top}
	if b.w >= sideWidth {
		return append(out, sideBySide(rest, a.moved)...)
	}
	return append(out, lowerSlot(rest, a, scopesWidth)...)
}

// arrangeTall is for screens that are narrow and high.
func arrangeTall(b rect, v moves) []place {
	top := v.put(borderTop, min(max(b.h*36/100, 16), 22), 9, b.h-10)
	left := v.put(borderFirst, b.w/2, 16, b.w-16)
	token := v.put(borderTokens, top*45/100, 4, top-4)
	rest := rect{b.x, b.y + top, b.w, b.h - top}
	half := v.put(borderLists, rest.h*46/100, 4, rest.h-4)
	out := []place{
		{pane: paneConnection, rect: rect{b.x, b.y, left, top}},
		{pane: paneToken, rect: rect{b.x + left, b.y, b.w - left, token}},
		{pane: paneCalls, rect: rect{b.x + left, b.y + token, b.w - left, top - token}},
		{pane: paneTimeline, rect: rect{rest.x, rest.y, rest.w, half}, openBottom: true},
	}
	return append(out, logsAndScopes(rect{rest.x, rest.y + half, rest.w, rest.h - half}, scopesWidthSlim, tee, v)...)
}

// arrangeStack is for screens that are too narrow for two panes side by side and
// high enough for four of them, one under the other.
func arrangeStack(b rect, a arrangement) []place {
	top := a.moved.put(borderTop, min(max(b.h*38/100, 18), 23), 10, b.h-10)
	first := a.moved.put(borderTokens, (top+1)/2, 5, top-5)
	half := a.moved.put(borderLists, (b.h-top)*46/100, 4, b.h-top-4)
	upper, lower := paneToken, paneLogs
	if a.upper == paneCalls {
		upper = paneCalls
	}
	if a.lower == paneScopes {
		lower = paneScopes
	}
	return []place{
		{pane: paneConnection, rect: rect{b.x, b.y, b.w, first}},
		{pane: upper, rect: rect{b.x, b.y + first, b.w, top - first}, tabs: []pane{paneToken, paneCalls}},
		{pane: paneTimeline, rect: rect{b.x, b.y + top, b.w, half}, openBottom: true},
		{
			pane: lower, rect: rect{b.x, b.y + top + half, b.w, b.h - top - half}, tabs: []pane{paneLogs, paneScopes},
			topLeft: tee, topRight: tee,
		},
	}
}

// arrangeCompact shows the connection, one of token and calls, and one of
// timeline and logs.
func arrangeCompact(b rect, a arrangement) []place {
	top := a.moved.put(borderTop, min(max(b.h*38/100, 9), 13), 5, b.h-6)
	out := twoBoxes(rect{b.x, b.y, b.w, top}, a)
	return append(out, lowerSlot(rect{b.x, b.y + top, b.w, b.h - top}, a, scopesWidthSlim)...)
}

// twoBoxes are the connection, and one of token and calls.
func twoBoxes(r rect, a arrangement) []place {
	left := a.moved.put(borderFirst, r.w/2, 16, r.w-16)
	upper := paneToken
	if a.upper == paneCalls {
		upper = paneCalls
	}
	return []place{
		{pane: paneConnection, rect: rect{r.x, r.y, left, r.h}},
		{pane: upper, rect: rect{r.x + left, r.y, r.w - left, r.h}, tabs: []pane{paneToken, paneCalls}},
	}
}

func lowerSlot(r rect, a arrangement, scopes int) []place {
	tabs := []pane{paneTimeline, paneLogs}
	if a.lower == paneLogs || a.lower == paneScopes {
		out := logsAndScopes(r, scopes, corner, a.moved)
		out[0].tabs = tabs
		return out
	}
	return []place{{pane: paneTimeline, rect: r, tabs: tabs}}
}

func threeBoxes(r rect, v moves) []place {
	one := r.w * 36 / 100
	two := one + (r.w-one)/2
	one = v.put(borderFirst, one, 16, r.w-32)
	two = max(v.put(borderSecond, two, 32, r.w-16), one+16) - one
	return []place{
		{pane: paneConnection, rect: rect{r.x, r.y, one, r.h}},
		{pane: paneToken, rect: rect{r.x + one, r.y, two, r.h}},
		{pane: paneCalls, rect: rect{r.x + one + two, r.y, r.w - one - two, r.h}},
	}
}

func sideBySide(r rect, v moves) []place {
	left := v.put(borderSides, (r.w-scopesWidth)/2, 30, r.w-scopesWidth-40)
	out := []place{{pane: paneTimeline, rect: rect{r.x, r.y, left, r.h}, openRight: true}}
	logs := logsAndScopes(rect{r.x + left, r.y, r.w - left, r.h}, scopesWidth, cross, v)
	return append(out, logs...)
}

// logsAndScopes puts the scopes to the right of the logs, with one wall between
// them; left says how the upper left corner meets what is there.
func logsAndScopes(r rect, scopes int, left joint, v moves) []place {
	scopes = r.w - v.put(borderScopes, r.w-scopes, 20, r.w-14)
	right, bottomLeft := left, corner
	if left == cross {
		right, bottomLeft = corner, cross
	}
	return []place{
		{pane: paneLogs, rect: rect{r.x, r.y, r.w - scopes, r.h}, openRight: true, topLeft: left, bottomLeft: bottomLeft},
		{
			pane: paneScopes, rect: rect{r.x + r.w - scopes, r.y, scopes, r.h},
			topLeft: cross, topRight: right, bottomLeft: cross,
		},
	}
}
