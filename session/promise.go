package session

// promise is something that settles once, for good or for bad, and tells those
// who wait for it in the order in which they began to wait. The official client
// is written with promises, and where two of them meet decides what goes over
// the wire; so the machine has them too. They are values of the machine: what
// waits runs as a job of the same step, after what runs now.
type promise struct {
	machine *machine
	settled bool
	err     *failure // nil when it went well
	waiting []func(*failure)
}

func (m *machine) newPromise() *promise { return &promise{machine: m} }

// settle ends the promise. Later calls do nothing, as in JavaScript.
func (p *promise) settle(err *failure) {
	if p == nil || p.settled {
		return
	}
	p.settled, p.err = true, err
	for _, then := range p.waiting {
		p.machine.later(func() { then(err) })
	}
	p.waiting = nil
}

// then runs f when the promise has settled: as a job of this step when it
// already has. A nil promise counts as settled well.
func (p *promise) then(m *machine, f func(*failure)) {
	switch {
	case p == nil:
		m.later(func() { f(nil) })
	case p.settled:
		m.later(func() { f(p.err) })
	default:
		p.waiting = append(p.waiting, f)
	}
}

// pending reports whether there is a promise and it has not settled.
func (p *promise) pending() bool { return p != nil && !p.settled }

// turns runs jobs one after another: each is given a function that it calls
// when it has ended. The official client serialises connectUser and
// disconnectUser that way (protocol.md 4.3).
type turns struct {
	busy    bool
	round   int // grows when those that wait to connect are called off
	waiting []func(done func())
}

// take runs the job now, or after those before it.
func (t *turns) take(job func(done func())) {
	if t.busy {
		t.waiting = append(t.waiting, job)
		return
	}
	t.busy = true
	job(t.next)
}

func (t *turns) next() {
	if len(t.waiting) == 0 {
		t.busy = false
		return
	}
	job := t.waiting[0]
	t.waiting = t.waiting[1:]
	job(t.next)
}
