//go:build !unix

package ui

import "context"

// watchQuit has no signal to wait for.
func watchQuit(context.Context, func()) {}
