package logsink

// rule is what decides about a line without looking at its text.
type rule struct {
	levelsRev uint64
	scopes    []uint8 // by number of scope: the level that passes, or mutedScope
	sessions  []bool  // by number of session: whether it is shown; nil for all
	repeats   bool    // whether repeats are hidden
}

// mutedScope is a level that no line has.
const mutedScope = 0xff

// refreshRule makes the rule anew if what it comes from has changed, and reports
// whether lines that were judged before might now be judged otherwise.
func (v *View) refreshRule() bool {
	rev := v.levels.Revision()
	stale := v.ruleStale || v.rule.levelsRev != rev
	if stale {
		v.rule.scopes, v.rule.sessions = v.rule.scopes[:0], nil
		v.rule.levelsRev, v.rule.repeats, v.ruleStale = rev, v.foldRepeats, false
	}
	scopes := v.store.scopes.all()
	for _, name := range scopes[min(len(v.rule.scopes), len(scopes)):] {
		v.rule.scopes = append(v.rule.scopes, v.passLevel(name))
	}
	if v.session != "" {
		sessions := v.store.sessions.all()
		for _, name := range sessions[min(len(v.rule.sessions), len(sessions)):] {
			v.rule.sessions = append(v.rule.sessions, name == "" || name == v.session)
		}
	}
	return stale
}

func (v *View) passLevel(scope string) uint8 {
	if v.muted[scope] || len(v.soloed) > 0 && !v.soloed[scope] {
		return mutedScope
	}
	level, _ := v.levels.Effective(scope)
	return uint8(level)
}

// causes counts the lines of a part that the rule hides.
type causes struct{ session, mute, levels, repeats int }

// judge asks the rule about the lines of a part that it has not been asked about.
func (p *part) judge(r *rule) {
	if p.lines == 0 {
		p.pass, p.hidden = bitmap{}, causes{}
	}
	c := p.chunk
	for i := p.lines; i < p.known; i++ {
		level, pass := c.level[i], r.scopes[c.scope[i]]
		switch {
		case r.sessions != nil && !r.sessions[c.session[i]]:
			p.hidden.session++
		case level&levelMask >= pass:
			if r.repeats && level&repeatFlag != 0 {
				p.hidden.repeats++
			} else {
				p.pass.set(i)
			}
		case pass == mutedScope:
			p.hidden.mute++
		default:
			p.hidden.levels++
		}
	}
	p.lines = p.known
}
