//go:build !linux

package main

import (
	"errors"
	"os"
	"syscall"
)

// openPTY is only known for Linux.
func openPTY(int, int) (person, program *os.File, err error) {
	return nil, nil, errors.New("ptybench opens pseudo-terminals and reads /proc in the way of Linux; run it there")
}

func ownTerminal() *syscall.SysProcAttr { return nil }
