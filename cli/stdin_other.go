//go:build !unix

package cli

import "io"

func waitable(in io.Reader) io.Reader { return in }
