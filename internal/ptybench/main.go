package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"golang.org/x/term"
)

// bench is what all measurements need to know.
type bench struct {
	bin  string
	runs int
	w, h int
	out  io.Writer
	log  func(format string, args ...any)
}

// measurements are carried out in this order, one after the other: nothing runs
// beside what is measured.
var measurements = []struct {
	name string
	take func(*bench) ([]row, error)
}{
	{"baseline", (*bench).baseline},
	{"start", (*bench).starts},
	{"keys", (*bench).keys},
	{"idle", (*bench).idle},
	{"binary", (*bench).binary},
	{"load", (*bench).load},
	{"pressed", (*bench).keysUnderLoad},
	{"pipe", (*bench).pipe},
	{"million", (*bench).million},
	{"recording", (*bench).recording},
}

func main() {
	b := &bench{out: os.Stdout, log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	flag.StringVar(&b.bin, "bin", "", "the binary to measure, built with CGO_ENABLED=0 go build -trimpath -ldflags '-s -w'")
	flag.IntVar(&b.runs, "runs", 3, "how often to repeat what takes long; short things are repeated more often")
	flag.IntVar(&b.w, "width", 160, "columns of the terminal")
	flag.IntVar(&b.h, "height", 50, "rows of the terminal")
	rows := flag.String("rows", ".", "measure only what this regular expression finds: baseline, start, keys, idle, binary, load, pressed (keys under load), pipe, million, recording")
	echo := flag.Bool("echo", false, "be the baseline: say what is typed")
	flag.Parse()
	if *echo {
		beEcho()
		return
	}
	only, err := regexp.Compile(*rows)
	if err != nil || b.bin == "" {
		b.log("ptybench: -bin is required, and -rows is a regular expression (%v)", err)
		os.Exit(2)
	}
	os.Exit(b.run(only))
}

// run prints the table and returns the exit code: 1 when something could not be
// measured.
func (b *bench) run(only *regexp.Regexp) (code int) {
	fmt.Fprintf(b.out, "%s · %s · %d×%d\n\n", b.bin, time.Now().Format(time.DateTime), b.w, b.h)
	heading(b.out)
	for _, m := range measurements {
		if !only.MatchString(m.name) {
			continue
		}
		b.log("ptybench: %s …", m.name)
		rows, err := m.take(b)
		for _, r := range rows {
			r.print(b.out)
		}
		if err != nil {
			b.log("ptybench: %s: %v", m.name, err)
			code = 1
		}
	}
	return code
}

// beEcho is the least that a program on a terminal can do: every key comes back
// with a number that grows, so that none is mistaken for another.
func beEcho() {
	state, err := term.MakeRaw(0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ptybench -echo:", err)
		os.Exit(1)
	}
	defer func() { _ = term.Restore(0, state) }()
	fmt.Print("\x1b[2J\x1b[Hready")
	buf := make([]byte, 64)
	for n := 1; ; n++ {
		if _, err := os.Stdin.Read(buf); err != nil {
			return
		}
		fmt.Printf("\x1b[2;1Hkey %d.", n)
	}
}
