// Package record keeps what happened on disk, and opens it again: recordings on
// top of the codec of the timeline, and logs that somebody else wrote.
//
// # Writing
//
// A [Recorder] follows the stores of events and of log records through cursors,
// puts the two in the order of time, and writes whole lines as things happen.
// What goes wrong with the file is told on the timeline and never reaches what is
// recorded: while a disk is full, the stores keep what comes, and what they had to
// let go of is a line of its own in the file. [SaveLast] writes what the stores
// hold at one moment, with the older events that the state of that time rests on;
// [AutoSave] does so when the program is about to fail.
//
//	timeline.Store ──cursor──┐
//	                         ├─ merged in time ─ lines ─ (zstd) ─ FILE, FILE.1 …
//	logsink.Store ───cursor──┘
//
// Files have mode 0600 and are not written over unless that was asked for. Events
// and log records are redacted when they enter the stores.
//
// # Reading
//
// [Open] and [OpenReader] take recordings, lines of recordings without a header,
// and logs of others, plain or compressed; [Source.Load] puts them into stores, in
// pieces, so that a screen need not wait for the end. Input is not trusted: lines
// and decompression have limits, secrets are masked again, and what cannot be read
// is skipped and counted in a [Report].
//
//	file ─ decompress ─ split into chunks of lines ─┬─ decode ─┬─ in order ─> stores
//	                                                └─ decode ─┘
//
// Lines as our own writer puts them are read by a scanner made for them; all
// others by the codec of the timeline, which decides what a line means.
//
// # Ownership and concurrency
//
// A Recorder belongs to the goroutine that calls Run; only Status may be asked by
// others. Load starts goroutines and has ended them when it returns.
//
// # What it does not do
//
// It does not fold events, does not play them in their time, and does not clean
// texts for a terminal: who shows them does.
package record
