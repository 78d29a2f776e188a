package cli

import (
	"strings"
	"time"

	"streamscope/config"
)

// paint is what makes a report for a terminal easier to read at a glance: colours
// and bars. Without it, as in a pipe, every word is still there.
type paint struct {
	colour bool
	bar    string // what bars are made of; empty for none
}

// paint is what standard output can show.
func (p *program) paint(ui config.UI) paint {
	tty := terminal(p.out)
	out := paint{colour: ui.Color == "always" || tty && ui.Color != "never"}
	if tty {
		out.bar = "█"
		if ui.ASCII {
			out.bar = "#"
		}
	}
	return out
}

// The colours of the terminal itself, so that they suit its background.
const (
	plainSGR = "\x1b[0m"
	goodSGR  = "\x1b[32m"
	badSGR   = "\x1b[1;31m"
	faintSGR = "\x1b[2m"
	boldSGR  = "\x1b[1m"
)

func (p paint) with(sgr, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return sgr + text + plainSGR
}

// outcome colours a word by what it says.
func (p paint) outcome(word, text string) string {
	switch word {
	case "ok", "OK":
		return p.with(goodSGR, text)
	case "FAILED":
		return p.with(badSGR, text)
	}
	return p.with(faintSGR, text)
}

// barCells is how wide the bars are.
const barCells = 20

// bars shows when each stage of an attempt was at work, and for how long, as
// shares of the whole; nil where there are none.
func (p paint) bars(stages []checkStage) []string {
	whole := 0.0
	for _, s := range stages {
		whole += s.millis()
	}
	if p.bar == "" || whole == 0 {
		return nil
	}
	out := make([]string, len(stages))
	at := 0.0
	for i, s := range stages {
		from := int(at / whole * barCells)
		at += s.millis()
		to := from
		if s.millis() > 0 {
			from = min(from, barCells-1)
			to = max(int(at/whole*barCells+0.5), from+1)
		}
		out[i] = strings.Repeat(" ", from) + strings.Repeat(p.bar, to-from) + strings.Repeat(" ", barCells-to) + "  "
	}
	return out
}

// millis is how long a stage took, in milliseconds.
func (s checkStage) millis() float64 {
	if s.MS == nil {
		return 0
	}
	return *s.MS
}

// limitLine is a limit as a person reads it.
func (l sloLimit) limitLine() (took, outcome, detail string) {
	outcome = "FAILED"
	if l.OK {
		outcome = "ok"
	}
	detail = "at most " + l.limit.Round(time.Microsecond).String()
	return checkStage{MS: l.MS}.took(), outcome, detail
}
