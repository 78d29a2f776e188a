package main

import (
	"os"
	"strings"
	"testing"
)

// paint draws on a screen and returns what stands on it, without the blanks at
// the ends of lines.
func paint(w, h int, chunks ...string) (*screen, string) {
	s := newScreen(w, h, func(string) {})
	for _, c := range chunks {
		s.Write([]byte(c))
	}
	var b strings.Builder
	for y := range h {
		b.WriteString(s.line(y) + "\n")
	}
	return s, strings.TrimRight(b.String(), "\n")
}

// captured is what the program wrote to a raw terminal of 100×30 while keys were
// typed, and what tmux showed at the end of it.
func captured(t *testing.T) (raw, want string) {
	t.Helper()
	bytes, err := os.ReadFile("testdata/session.raw")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes), strings.TrimRight(string(text), "\n")
}

func TestCapturedSession(t *testing.T) {
	raw, want := captured(t)
	if _, got := paint(100, 30, raw); got != want {
		t.Errorf("a captured session looks as it does in tmux; got\n%s", got)
	}
}

func TestCapturedSessionInPieces(t *testing.T) {
	raw, want := captured(t)
	for _, size := range []int{1, 7, 100} {
		var pieces []string
		for at := 0; at < len(raw); at += size {
			pieces = append(pieces, raw[at:min(at+size, len(raw))])
		}
		if _, got := paint(100, 30, pieces...); got != want {
			t.Errorf("reads of %d bytes give the same screen; got\n%s", size, got)
		}
	}
}

func TestSequences(t *testing.T) {
	for _, c := range []struct{ expectation, raw, want string }{
		{"a line feed does not return", "ab\ncd", "ab\n  cd"},
		{"text wraps when more follows", "12345678x", "12345678\nx"},
		{"a full row does not wrap by itself", "12345678\rx", "x2345678"},
		{"a wide character takes two cells", "你x\x1b[1;3Hy", "你y"},
		{"absolute moves", "\x1b[2;3Ha\x1b[Hb\x1b[3dc\x1b[5Gd", "b\n  a\n c  d"},
		{"relative moves", "\x1b[2;4Ha\x1b[Ab\x1b[2Dc\x1b[Bd\x1b[Ce", "   cb\n   ad e"},
		{"erasing characters keeps the cursor", "abcdef\r\x1b[3Xx", "x  def"},
		{"erasing to either end of the row", "abcdef\x1b[3G\x1b[K\r\nabcdef\x1b[3G\x1b[1K", "ab\n   def"},
		{"erasing below", "ab\r\ncd\r\nef\x1b[2;2H\x1b[J", "ab\nc"},
		{"deleting and inserting characters", "abcdef\x1b[2G\x1b[2P\x1b[@", "a def"},
		{"deleting and inserting lines", "a\r\nb\r\nc\x1b[1;1H\x1b[M\x1b[2;1H\x1b[L", "b\n\nc"},
		{"a region scrolls alone", "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\n\x1b[r\x1b[4;1Hx", "a\nc\n\nx"},
		{"a reverse feed scrolls down at the top", "a\r\nb\x1b[H\x1bMx", "x\na\nb"},
		{"repeating", "-\x1b[4b", "-----"},
		{"scrolling up and down", "a\r\nb\r\nc\x1b[2S\x1b[T", "\nc"},
		{"the alternate screen begins empty", "abc\x1b[?1049h\x1b[Hx", "x"},
		{"what is unknown paints nothing", "a\x1b[>4;1m\x1b[=1u\x1b]2;title\x07\x1b_x\x1b\\b", "ab"},
	} {
		if _, got := paint(8, 4, c.raw); got != c.want {
			t.Errorf("%s: want\n%s\ngot\n%s", c.expectation, c.want, got)
		}
	}
}

func TestSynchronizedFramesAreHeld(t *testing.T) {
	s, _ := paint(8, 2, "\x1b[?2026hab")
	if !s.held {
		t.Error("nothing is seen before the frame is whole")
	}
	s.Write([]byte("\x1b[?2026l"))
	if s.held {
		t.Error("the end of the frame shows it")
	}
}

func TestQuestionsAreAnswered(t *testing.T) {
	var got []string
	s := newScreen(8, 2, func(text string) { got = append(got, text) })
	s.Write([]byte("\x1b]11;?\x07\x1b[c\x1b[?2026$p\x1b]11;rgb:1/2/3\x07"))
	if len(got) != 3 {
		t.Errorf("the questions for background, device and mode are answered, a statement is not; got %q", got)
	}
}

func TestLooksDiffer(t *testing.T) {
	s, _ := paint(8, 1, "a\x1b[7mb\x1b[mc\x1b[1m\x1b[7md\x1b[0;7me")
	looks := map[rune]uint32{}
	for _, c := range s.rows[0][:5] {
		looks[c.text] = c.look
	}
	if looks['a'] != looks['c'] || looks['a'] == looks['b'] || looks['b'] == looks['d'] {
		t.Errorf("a reset gives the look of the beginning, attributes another each; got %v", looks)
	}
}

func TestPanes(t *testing.T) {
	s, _ := paint(25, 6, "┌─ Timeline ────────────┐\r\n│ one                   │\r\n├─ Logs info+ ┬─ Scopes ┤\r\n│ two         │ x       │\r\n│ three       │         │\r\n└─────────────┴─────────┘")
	for title, want := range map[string]string{"Timeline": " one", "Logs": " two| three", "Scopes": " x|"} {
		in, ok := s.pane(title)
		if got := strings.Join(s.lines(in), "|"); !ok || got != want {
			t.Errorf("the inside of %s is %q; got %q", title, want, got)
		}
	}
	if _, ok := s.pane("Calls"); ok {
		t.Error("a pane that is not there is not found")
	}
	logs, _ := s.pane("Logs")
	before := s.sum(logs)
	s.Write([]byte("\x1b[2;3HONE\x1b[4;17Hy"))
	if s.sum(logs) != before {
		t.Error("what changes beside a pane is not a change of the pane")
	}
	s.Write([]byte("\x1b[4;3H\x1b[7mt"))
	if s.sum(logs) == before {
		t.Error("a look that changes is a change of the pane")
	}
}
