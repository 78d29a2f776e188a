//go:build !unix

package ui

import (
	"io"
	"os"
)

const ttyPath = ""

func readKeys(in *os.File) io.Reader { return in }
