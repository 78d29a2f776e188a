// Package uitest drives and reads a Bubble Tea model in tests, without a program
// and without a terminal: it presses keys, runs the commands that come of them,
// and turns what the model draws into plain text and cells.
//
// A [Harness] belongs to one test. It waits for nothing: commands run to their
// end one after the other. A model whose commands wait for time to pass must
// leave them out in tests.
//
// It knows no model of ours; what it asks of one is [tea.Model].
package uitest
