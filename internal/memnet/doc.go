// Package memnet is a network in memory: a [net.Listener] and its dialer, for
// tests that run a real HTTP or WebSocket server inside a testing/synctest
// bubble.
//
// A [Listener] hands each dialled connection to Accept through a channel. The
// connections are pipes, so everything that waits on them waits on channels,
// which a bubble sees as durably blocked: virtual time moves on. Deadlines
// work. Listener and Dial may be used from several goroutines at once; nothing
// is started in the background, so nothing is left when both ends are closed.
//
// It does not model loss, delay or buffers. Faults belong to the coordinator.
package memnet
