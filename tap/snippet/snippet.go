// Package snippet holds the log sink that goes into the developer's app.
package snippet

import _ "embed"

// Sink is the sink's code: JavaScript, for browsers, Node and React Native.
//
//go:embed sink.mjs
var Sink []byte
