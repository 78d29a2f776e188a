//go:build unix

package ui

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const ttyPath = "/dev/tty"

// escapePause is how long the escape key is waited on for the rest of another
// key's sequence. Bubble Tea's reader waits 50 ms, which a user feels; the parts
// of a sequence come within much less, over SSH too.
const escapePause = 10 * time.Millisecond

// escapeKey is the escape key as a whole sequence (CSI 27 u), which nothing has
// to be waited for.
const escapeKey = "\x1b[27u"

// keyboard is a terminal to read keys from. It stays a file, so that a read of
// it can be given up.
type keyboard struct{ *os.File }

func readKeys(in *os.File) io.Reader { return keyboard{in} }

// Read implements [io.Reader].
func (k keyboard) Read(b []byte) (int, error) {
	n, err := k.File.Read(b)
	if err != nil || n != 1 || b[0] != 0x1b || len(b) < len(escapeKey) {
		return n, err
	}
	fds := []unix.PollFd{{Fd: int32(k.Fd()), Events: unix.POLLIN}}
	if ready, _ := unix.Poll(fds, int(escapePause.Milliseconds())); ready > 0 {
		more, err := k.File.Read(b[1:])
		return 1 + more, err
	}
	return copy(b, escapeKey), nil
}
