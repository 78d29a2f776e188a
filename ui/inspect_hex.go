package ui

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// rawView is a text as it came, with what is selected in the tree marked.
func rawView(body []byte, facts func(w int) []line, picked func() (from, to int)) view {
	return view{
		name: "raw", text: func() string { return string(body) },
		build: func(w int) []line {
			from, to := picked()
			return append(facts(w), rawLines(body, from, to, w)...)
		},
		at: func(w int) int {
			from, _ := picked()
			return len(rawLines(body[:min(from, len(body))], 0, 0, w)) - 1
		},
	}
}

// hexView is the bytes, with what is selected in the tree marked.
func hexView(body []byte, picked func() (from, to int)) view {
	return view{
		name: "hex", text: func() string { return hex.Dump(body) },
		build: func(w int) []line {
			from, to := picked()
			return hexLines(body, from, to, w)
		},
		at: func(w int) int {
			from, _ := picked()
			return hexRow(from, w)
		},
	}
}

// rawLines are a text as it came, with one stretch of it marked.
func rawLines(body []byte, from, to, w int) []line {
	body = body[:min(len(body), inspectLimit)]
	from, to = min(from, len(body)), min(to, len(body))
	whole := line{{styleText, string(body[:from])}, {styleMatch, string(body[from:to])}, {styleText, string(body[to:])}}
	return splitLines(whole, w)
}

// splitLines breaks a line where its text does, and then at a width.
func splitLines(l line, w int) []line {
	var out []line
	row := line{}
	for _, s := range l {
		parts := strings.Split(s.text, "\n")
		for i, part := range parts {
			if i > 0 {
				out = append(out, wrapLine(row, w, 0)...)
				row = line{}
			}
			if part != "" {
				row = row.add(s.style, part)
			}
		}
	}
	return append(out, wrapLine(row, w, 0)...)
}

// hexLines are the bytes of a text, sixteen in a row or eight where there is
// less room, with one stretch of them marked.
func hexLines(body []byte, from, to, w int) []line {
	body = body[:min(len(body), inspectLimit)]
	n := 16
	if w < 10+16*4+2 {
		n = 8
	}
	var out []line
	for at := 0; at < len(body); at += n {
		row := body[at:min(at+n, len(body))]
		l := line{{styleMuted, fmt.Sprintf("%08x  ", at)}}
		for i, b := range row {
			sty, gap := styleText, " "
			if in(at+i, from, to) {
				sty = styleMatch
			}
			if !in(at+i, from, to) || !in(at+i+1, from, to) {
				l = l.add(sty, fmt.Sprintf("%02x", b)).add(styleText, gap)
				continue
			}
			l = l.add(sty, fmt.Sprintf("%02x ", b))
		}
		l = l.add(styleText, spaces(3*(n-len(row))+1))
		for i, b := range row {
			sty := styleAccent
			if in(at+i, from, to) {
				sty = styleMatch
			}
			if b < 0x20 || b > 0x7e {
				b = '.'
			}
			l = l.add(sty, string(rune(b)))
		}
		out = append(out, l)
	}
	return out
}

func in(i, from, to int) bool { return i >= from && i < to }

// hexRow is the row of hexLines that a byte is in.
func hexRow(at, w int) int {
	if w < 10+16*4+2 {
		return at / 8
	}
	return at / 16
}
