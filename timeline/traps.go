package timeline

// facts is what the rules for traps need to know about the time before the
// event: little, because it is taken for every event.
type facts struct {
	conn    ConnState
	attempt int
}

func (f *folder) facts() facts {
	return facts{conn: f.s.Conn, attempt: f.s.Attempt.N}
}

func (f *folder) recogniseTraps(before *facts) {}
