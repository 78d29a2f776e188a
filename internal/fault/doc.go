// Package fault describes one injected misbehaviour as a small value: what
// happens, to whom, when it starts, how long or how often, how likely.
//
// The same [Fault] drives the local coordinator, the dialer of a direct session
// and the tap, is written in a scenario file, typed behind --fault and kept in
// a recording. It has one text form, read by [Parse] and written by
// [Fault.String]:
//
//	close:code=1000,phase=connect
//	withhold:type=health.check,for=40s
//	slow:latency=300ms,jitter=100ms,user=sara
//
// and the same members as an object in JSON and YAML. [Kinds] is the table of
// everything that can go wrong: what it is, what it takes, who can cause it.
// [Fault.Expect] says what the official client is known to do about it, with the
// trap (K1 to K27 of protocol.md 4.6) that it reproduces.
//
// Values are plain and immutable by convention. [Gate] decides when an armed
// fault strikes; it is a state machine told the time, owned by whoever armed
// the fault, and not safe for concurrent use. The package does no I/O, starts
// nothing, and reads no clock.
package fault
