package main

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openPTY returns the two ends of a new pseudo-terminal of that size.
func openPTY(w, h int) (person, program *os.File, err error) {
	person, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	program, err = slave(int(person.Fd()), w, h)
	if err != nil {
		person.Close()
		return nil, nil, fmt.Errorf("pseudo-terminal: %w", err)
	}
	return person, program, nil
}

func slave(fd, w, h int) (*os.File, error) {
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(w), Row: uint16(h)}); err != nil {
		return nil, err
	}
	// Fd made the file block; without this a read would hold a thread, and the
	// time at which it returns would be the scheduler's.
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
}

// ownTerminal makes standard output the controlling terminal of the program:
// standard input may be a pipe.
func ownTerminal() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
}
