// Package scenario is the language of timed steps: a YAML file that says what
// is done to a connection and what must be seen on its timeline, and the runner
// that carries it out.
//
//	name: server deploy
//	title: The server goes away with close 1001 and is back at once
//	users:
//	  - id: sara
//	    token: provider
//	steps:
//	  - connect: sara
//	  - expect state: connected
//	    within: 5s
//	  - fault: close:code=1001
//	  - expect state: backoff
//	    within: 1s
//	  - expect state: connected
//	    within: 5s
//
// Every step has one verb ([Verbs] is the table of them) and may say `user`,
// where more than one is there, and `within`. Steps that do something come back
// at once; steps that expect something wait. An expectation looks at what has
// happened since the last step that did something: states in their order, events,
// requests and traps in any order, because requests and frames travel on
// different connections. With `absent: true` an expectation holds when nothing
// of the kind is seen for the whole of `within`.
//
// A [Runner] needs a [Driver], which owns sessions and a coordinator, and the
// store that their events go to. It reads the clock only through timers, so a
// run inside a testing/synctest bubble takes no real time. It starts no
// goroutine. The package knows neither sessions nor the coordinator: whoever
// owns both (the command line, the screen, the tests) implements Driver.
package scenario
