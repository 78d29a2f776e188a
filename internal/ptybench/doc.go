// Command ptybench runs a streamscope binary on a pseudo-terminal, feeds it
// lines and keys as a person and a log would, and prints the outside rows of the
// table of budgets (design section 12) with our column filled in:
//
//	go run ./internal/ptybench -bin PATH [-rows REGEXP] [-runs N]
//
// A [program] is the binary with the terminal that it thinks it has. One
// goroutine reads what the program writes, keeps a [screen] by it, and notes the
// time at which what is awaited can be seen; the goroutine of main types, feeds
// and asks. The clock stops when the bytes of a frame have been read and
// understood, so that every latency contains one pass through the kernel's
// terminal; the first rows of the table say what that pass alone costs, and what
// less needs for the same, so that numbers of a busy machine can be read as
// ratios.
//
// It is run by hand and asserts nothing: a number over its budget is a line in a
// table, not a failed test. It knows the program only by what is on the screen
// and imports nothing of the house. Pseudo-terminals are opened in the way of
// Linux; elsewhere it says so.
package main
