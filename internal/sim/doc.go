// Package sim puts sessions and a coordinator together over memory and lets
// them live through hours in moments. It is test code: nothing imports it, and
// it is the one package that knows both ends of the wire.
//
// A [Driver] carries out scenarios: one real coordinator.Server, one real
// session.Session for each user with the real WebSocket dialer and REST client,
// joined by an in-memory listener. Faults go to whoever can cause them: the
// coordinator, the token sources, the device's network. Everything that happens
// is on one timeline.
//
// The tests run the Driver in testing/synctest bubbles, in two ways. Every file
// of the library in scenarios/ must pass. And random scenarios are drawn from
// seeds (go test ./internal/sim -sim.seeds N), with invariants that are held
// after every step: they say what must be true whatever happens, not what is to
// happen. A seed that breaks one prints the scenario file that reproduces it,
// which go test ./internal/sim -sim.file FILE runs again.
//
// What is drawn (jitter, delays, faults) comes from the seed; in which order the
// runtime runs goroutines of one instant does not. A failure that needs a
// certain order may take several runs to be seen again.
package sim
