// Package report turns what happened into documents for people and tools: an HTTP
// archive with WebSocket messages, a Markdown report for a support ticket, a table
// of attempts, and a summary.
//
// # Model
//
// Each document is a pure function of events, the state that they fold to, and
// [Options], written to a writer. Nothing reads a clock; the same input gives the
// same bytes. One pass over the events collects what the state does not keep: all
// attempts, all errors, the last frames.
//
// Everything that came from outside is redacted once more, and text for people is
// without control characters; the tables of CSV hold nothing that a spreadsheet
// would run.
//
// # Ownership and concurrency
//
// There is no state between calls; all functions may be called from any goroutine.
//
// # What it does not do
//
// It does not read or write files, fold events, or know what an error means: the
// words are those of the dictionary in explain.
package report
