//go:build unix

package cli

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// waitable returns an input that the runtime can wait for beside everything else, if
// it is a pipe. (A socket may be standard output as well, which must not change.) A
// read that waits in the kernel keeps a processor until the runtime takes it back, up
// to 10 ms later: on two of them a key waits for that.
func waitable(in io.Reader) io.Reader {
	f, ok := in.(*os.File)
	if !ok {
		return in
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return in
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return in
	}
	copied := -1
	if conn.Control(func(fd uintptr) { copied, err = unix.Dup(int(fd)) }) != nil || err != nil {
		return in
	}
	unix.CloseOnExec(copied)
	if unix.SetNonblock(copied, true) != nil {
		_ = unix.Close(copied) // the input itself is as good, only slower
		return in
	}
	return waited{os.NewFile(uintptr(copied), f.Name()), copied}
}

// waited is a pipe that is waited for. The mode belongs to the pipe and not to our
// end of it, so it is given back.
type waited struct {
	*os.File
	fd int
}

// Close implements [io.Closer].
func (w waited) Close() error {
	_ = unix.SetNonblock(w.fd, false) // whoever reads on finds it as it was
	return w.File.Close()
}
