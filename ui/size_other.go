//go:build !unix

package ui

import "context"

// Without a signal for it, Bubble Tea watches the size and paints.
const canWatchSize = false

func watchSize(context.Context, func()) {}
