//go:build linux

// Command coordload measures the local coordinator under load: how fast clients
// connect, what idle connections cost, and how long an event takes to reach many
// sockets.
//
//	go run ./internal/coordload -conns 10000 -fanout 1000 -runs 3
//
// # Model
//
// Every run starts `streamscope serve` as a process of its own on a free port of
// loopback, so that its memory is nobody else's, and plays the clients in this
// one. Client and server share the cores: the numbers are lower bounds. It works
// on Linux, where a process shows its memory in /proc.
//
// # Ownership and concurrency
//
// A run owns its server and its sockets and ends both. The connects are spread
// over a fixed number of workers; each socket of the fan-out has one reader.
//
// # What it does not do
//
// It leaves loopback never, judges no correctness, and is not part of the tests:
// a shared machine would make it fail for no fault of the coordinator's.
package main
