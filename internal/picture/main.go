// Command picture turns a captured terminal screen into an SVG picture.
//
//	tmux capture-pane -e -p | go run ./internal/picture -theme light > docs/session-light.svg
//
// It draws what it reads and nothing else: the pictures in the manual are real
// captures of the real program. docs/pictures.sh makes them all.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// themes are the colours of the terminal that the screen was captured in: what
// stands where the program asked for no colour of its own.
var themes = map[string]theme{
	"dark":  {ground: "#14161b", text: "#d7dae0", frame: "#2b2f38"},
	"light": {ground: "#fbfbf8", text: "#24292f", frame: "#d0d3d8"},
}

type theme struct{ ground, text, frame string }

func main() {
	name := flag.String("theme", "dark", "colours of the terminal: dark or light")
	title := flag.String("title", "streamscope", "what the picture shows, for people who cannot see it")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *name, *title); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, name, title string) error {
	t, ok := themes[name]
	if !ok {
		return fmt.Errorf("there is no theme %q; use dark or light", name)
	}
	captured, err := io.ReadAll(io.LimitReader(in, 4<<20))
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimRight(string(captured), "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return fmt.Errorf("nothing was captured")
	}
	w := bufio.NewWriter(out)
	draw(w, cells(lines), t, title)
	return w.Flush()
}
