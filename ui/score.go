package ui

import (
	"slices"
	"time"

	"streamscope/timeline"
)

// scoreTime is how long the header tells of a score.
const scoreTime = 15 * time.Second

// freshScore is a fault whose reaction has just been compared to what the
// official client does; nil when there is none.
func (m *Model) freshScore() *timeline.ArmedFault {
	for _, f := range slices.Backward(m.state.Faults) {
		if f.Score == nil {
			continue
		}
		at := f.LastHit
		if at.IsZero() {
			at = f.ArmedAt
		}
		if age := m.now.Sub(at.Add(f.Score.After)); age < scoreTime {
			return &f
		}
		return nil
	}
	return nil
}

// scoreLook is how a score is shown: seen, late, missed.
func scoreLook(score string, g *glyphs) (style, string) {
	switch score {
	case "seen":
		return styleOKStrong, g.ok
	case "late":
		return styleWarnStrong, "!"
	}
	return styleBadStrong, g.bad
}

// scoreSpans tell of a score in the header.
func scoreSpans(f timeline.ArmedFault, wide bool, g *glyphs) line {
	sty, glyph := scoreLook(f.Score.Score, g)
	l := line{{sty, glyph + " " + f.Score.Score}}
	if wide {
		l = line{{sty, glyph + " "}, {styleText, firstNonEmpty(f.Kind, f.Fault.Title) + " "}, {sty, f.Score.Score}}
		if f.Score.After > 0 {
			l = l.add(styleMuted, " after "+millis(f.Score.After))
		}
	}
	return l.add(styleText, "  ")
}

// shownScores is how many of the last scores the menu lists.
const shownScores = 5

// scoredFaults are the faults that are over, with how what happened compares to
// what the official client does.
func (m *Model) scoredFaults() []item {
	var items []item
	for _, f := range slices.Backward(m.state.Faults) {
		if f.Score == nil || f.Active(m.now) || len(items) == shownScores {
			continue
		}
		_, mark := scoreLook(f.Score.Score, &m.th.glyphs)
		detail := "the expected reaction was " + f.Score.Score
		if f.Score.After > 0 {
			detail += " after " + millis(f.Score.After)
		}
		items = append(items, item{mark: mark, text: f.Title, detail: detail, about: f.Score.Detail})
	}
	return items
}
