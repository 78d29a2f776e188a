package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"streamscope/internal/fault"
	"streamscope/scenario"
	"streamscope/timeline"
)

// nobody is rung and rings without a session.
const nobody = "nina"

// dice draw a scenario from a seed.
type dice struct {
	*rand.Rand
	users []string
	calls []string
}

// drawScenario makes up users and what befalls them. At its end all faults are
// cleared, every device is online, and nothing happens for a while.
func drawScenario(seed uint64) scenario.Scenario {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 0))}
	s := scenario.Scenario{Name: fmt.Sprintf("seed-%d", seed), Seed: seed}
	for _, id := range []string{"sara", "jack", "mila"}[:1+d.IntN(3)] {
		s.Users = append(s.Users, d.user(id))
		d.users = append(d.users, id)
	}
	if d.one(3) { // a third begin under a fault
		s.Steps = append(s.Steps, d.fault())
	}
	for _, id := range d.users {
		s.Steps = append(s.Steps, scenario.Step{Verb: scenario.Connect, User: id})
	}
	for n := len(s.Steps) + 5 + d.IntN(26); len(s.Steps) < n; {
		s.Steps = append(s.Steps, d.steps()...)
	}
	s.Steps = append(s.Steps, scenario.Step{Verb: scenario.Clear, Target: "faults"})
	for _, id := range d.users {
		s.Steps = append(s.Steps, scenario.Step{Verb: scenario.GoOnline, User: id})
	}
	for _, wait := range []time.Duration{bound(timeline.PolicySDK), bound(timeline.PolicySteady) - bound(timeline.PolicySDK), time.Minute} {
		s.Steps = append(s.Steps, scenario.Step{Verb: scenario.Wait, Wait: wait})
	}
	return s
}

func (d *dice) user(id string) scenario.User {
	u := scenario.User{ID: id, Token: "provider"}
	if d.one(4) {
		u.Token = "static"
	}
	if d.one(4) {
		u.Policy = "steady"
	}
	u.TokenTTL = pick(d, 0, 0, 45*time.Second, 90*time.Second, 5*time.Minute, 24*time.Hour)
	u.MaxConnectRetries = pick(d, 0, 0, 1, 2)
	u.ConnectTimeout = pick(d, 0, 0, 0, 4*time.Second)
	u.RejectWhenBusy = d.one(2)
	u.UnluckyWatchdog = d.one(5)
	u.ForgetUserOnFailure = d.one(8)
	return u
}

// steps draws what happens next: one thing, or a few that belong together.
func (d *dice) steps() []scenario.Step {
	switch n := d.IntN(24); {
	case n < 4:
		return []scenario.Step{d.fault()}
	case n < 6: // what strikes a handshake needs one
		return []scenario.Step{d.handshakeFault(), {Verb: scenario.ArmFault, Fault: fault.Fault{Kind: fault.Drop}}, d.pause()}
	case n < 7:
		return []scenario.Step{{Verb: scenario.Clear, Target: "faults"}}
	case n < 9:
		return []scenario.Step{d.ring(d.someone())}
	case n < 11:
		return d.busyMoment()
	case n < 14 && len(d.calls) > 0:
		return []scenario.Step{d.answer()}
	case n < 16:
		verb := pick(d, scenario.Connect, scenario.Connect, scenario.Disconnect, scenario.Reconnect, scenario.GoOffline, scenario.GoOnline)
		return []scenario.Step{{Verb: verb, User: d.anyone()}}
	case n < 17:
		return []scenario.Step{{Verb: scenario.Token, Target: "refresh", User: d.anyone()}}
	case n < 18:
		return d.leaving()
	}
	return []scenario.Step{d.pause()}
}

// busyMoment rings one user several times in a row.
func (d *dice) busyMoment() []scenario.Step {
	to := d.anyone()
	var steps []scenario.Step
	for range 2 + d.IntN(3) {
		steps = append(steps, d.ring(to))
		if d.one(2) {
			steps = append(steps, scenario.Step{Verb: scenario.Wait, Wait: d.between(time.Millisecond, 4*time.Second)})
		}
	}
	return steps
}

// leaving disconnects a user in the midst of a reconnect: while it waits, loads
// its token or dials.
func (d *dice) leaving() []scenario.Step {
	user := d.anyone()
	steps := []scenario.Step{
		{Verb: scenario.ArmFault, Fault: fault.Fault{Kind: pick(d, fault.ProviderSlow, fault.Slow), Latency: d.between(time.Second, 5*time.Second), For: 10 * time.Second}},
		{Verb: scenario.ArmFault, Fault: pick(d, fault.Fault{Kind: fault.Drop}, fault.Fault{Kind: fault.Error, Phase: fault.PhaseSession, Code: 40, Count: 2})},
		{Verb: scenario.Wait, Wait: d.between(time.Millisecond, 6*time.Second)},
		{Verb: scenario.Disconnect, User: user},
		d.pause(),
	}
	if d.one(2) {
		steps = append(steps, scenario.Step{Verb: scenario.Connect, User: user})
	}
	return steps
}

func (d *dice) handshakeFault() scenario.Step {
	f := fault.Fault{Kind: pick(d, fault.Close, fault.Error, fault.StallAuth, fault.StallUpgrade, fault.RefuseUpgrade, fault.RefuseTCP, fault.ExpireToken, fault.ProviderFails)}
	switch f.Kind {
	case fault.Close:
		f.Phase, f.Code = fault.PhaseConnect, pick(d, 1000, 1001, 1011)
	case fault.Error:
		f.Code = pick(d, -1, 9, 40, 42, 71)
	default:
		f.For = d.between(time.Second, time.Minute)
	}
	return scenario.Step{Verb: scenario.ArmFault, Fault: f}
}

func (d *dice) pause() scenario.Step { return scenario.Step{Verb: scenario.Wait, Wait: d.wait()} }

// wait is mostly short, where things happen, and now and then very long.
func (d *dice) wait() time.Duration {
	switch d.IntN(8) {
	case 0:
		return d.between(time.Millisecond, 100*time.Millisecond)
	case 1, 2:
		return d.between(100*time.Millisecond, 5*time.Second)
	case 3, 4:
		return d.between(5*time.Second, 40*time.Second)
	case 5, 6:
		return d.between(40*time.Second, 10*time.Minute)
	}
	return d.between(10*time.Minute, 2*time.Hour)
}

func (d *dice) ring(to string) scenario.Step {
	from := d.someone()
	if from == to {
		from = "omar"
	}
	cid := fmt.Sprintf("default:call-%d", len(d.calls)+1)
	if len(d.calls) > 0 && d.one(8) {
		cid = pick(d, d.calls...) // the same call again
	} else {
		d.calls = append(d.calls, cid)
	}
	return scenario.Step{Verb: scenario.RingUsers, Ring: scenario.Ring{From: from, To: []string{to}, CID: cid}}
}

func (d *dice) answer() scenario.Step {
	step := scenario.Step{
		Verb: pick(d, scenario.Accept, scenario.Accept, scenario.Reject, scenario.Leave, scenario.End),
		User: d.anyone(), Target: d.calls[len(d.calls)-1],
	}
	if d.one(4) {
		step.Target = pick(d, d.calls...)
	}
	if step.Verb == scenario.Reject {
		step.Reason = pick(d, "", "decline", "not now")
	}
	return step
}

// fault draws a kind, then its parameters.
func (d *dice) fault() scenario.Step {
	f := d.kind()
	info, _ := f.Kind.Info()
	if d.one(3) && len(info.Phases) > 1 {
		f.Phase = pick(d, info.Phases...)
	}
	if d.one(3) {
		f.For = d.between(time.Second, time.Minute)
	}
	if d.one(6) {
		f.After = d.between(time.Millisecond, 20*time.Second)
	}
	if d.one(4) {
		f.Count = 1 + d.IntN(4)
	}
	if d.one(6) {
		f.Probability = float64(1+d.IntN(9)) / 10
	}
	step := scenario.Step{Verb: scenario.ArmFault, Fault: f}
	if !info.ForAll && d.one(3) {
		step.User = d.anyone()
	}
	return step
}

func (d *dice) kind() fault.Fault {
	f := fault.Fault{Kind: pick(d, fault.Kinds()...).Kind}
	switch f.Kind {
	case fault.Close:
		f.Code = pick(d, 0, 1000, 1001, 1006+2, 1011, 4000)
	case fault.Error:
		f.Code = pick(d, -1, 2, 5, 9, 40, 40, 40, 42, 43, 71)
	case fault.Slow:
		f.Latency, f.Jitter = d.between(time.Millisecond, 3*time.Second), d.between(0, time.Second)
		if d.one(3) {
			f.Direction = fault.Both
		}
	case fault.Withhold, fault.Duplicate, fault.Reorder, fault.Corrupt, fault.Truncate:
		f.Type = pick(d, "health.check", "call.ring", "call.accepted", "call.rejected", "connection.ok")
	case fault.RESTError:
		f.Code = pick(d, -1, 9, 16, 40, 40, 43)
		f.Path = pick(d, "", "/calls", "/reject", "/call/")
	case fault.RESTHang, fault.RESTHTML, fault.RESTReset:
		f.Path = pick(d, "", "/calls", "/reject", "/call/")
	case fault.ClockSkew:
		f.Skew = pick(d, -time.Minute, -5*time.Second, 10*time.Second, time.Hour)
	case fault.ProviderSlow:
		f.Latency = d.between(time.Millisecond, 20*time.Second)
	case fault.HugeFrame:
		f.Size = 1 << (8 + d.IntN(12))
	}
	return f
}

// anyone is a user with a session, someone may be simulated.
func (d *dice) anyone() string  { return pick(d, d.users...) }
func (d *dice) someone() string { return pick(d, append(d.users, nobody)...) }
func (d *dice) one(in int) bool { return d.IntN(in) == 0 }

// between draws whole milliseconds.
func (d *dice) between(low, high time.Duration) time.Duration {
	return (low + time.Duration(d.Int64N(int64(high-low)+1))).Round(time.Millisecond)
}

func pick[T any](d *dice, from ...T) T { return slices.Clone(from)[d.IntN(len(from))] }
