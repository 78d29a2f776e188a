package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"streamscope/config"
	"streamscope/record"
	"streamscope/timeline"
)

// record starts writing the recording: a file that only the user can read, each
// line as it happens.
func (r *rig) record(path string, header timeline.Header) error {
	if now := r.recordingPath(); now != "" {
		return usage("it ends with the program", "it is recorded already, to %s", now)
	}
	header.Start = r.events.Start()
	rec, err := record.Create(record.Options{Path: path, Header: header, Stores: r.stores(), MaxBytes: r.recordSize})
	if exists, ok := errors.AsType[*record.ExistsError](err); ok {
		return usage("choose another name, or remove it first", "--record: %s is there already and is not overwritten", exists.Path)
	}
	if err != nil {
		return usage("give the path of a file that can be written", "--record: %s", pathProblem(err))
	}
	r.mu.Lock()
	r.recording = rec.Path()
	r.mu.Unlock()
	r.output("the recording", rec.Run)
	return nil
}

// recordingPath is the file that is being written; empty for none.
func (r *rig) recordingPath() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recording
}

// stores are what a recording is made of.
func (r *rig) stores() record.Stores { return record.Stores{Timeline: r.events, Logs: r.logs} }

// recordPath is the file to record into. One that was named on the command line
// is taken as it is; a name from elsewhere is meant for every session, so when it
// is taken the time is added to it.
func (set settings) recordPath(now time.Time) string {
	path := set.config.Record
	if set.origins.Of("record").Kind == config.FromFlag {
		return path
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return path
	}
	dir, file := filepath.Split(path)
	name, suffix, _ := strings.Cut(file, ".")
	return filepath.Join(dir, fmt.Sprintf("%s-%s.%s", name, now.Format("20060102T150405"), suffix))
}

// header is the first line of a recording of the run.
func (set settings) header(r *rig) timeline.Header {
	return timeline.Header{
		Tool: versionText(), Start: r.events.Start(),
		User: set.session.User.ID, BaseURL: set.session.BaseURL, Source: set.session.Source,
	}
}

// autosave keeps what was recorded beside the crash report, when a bug ended the
// run and nothing else has kept it.
func (p *program) autosave(r *rig, set settings, err error) {
	if _, bug := errors.AsType[panicked](err); !bug || r.recordingPath() != "" {
		return
	}
	path, err := record.AutoSave(filepath.Join(xdg.StateHome, "streamscope"), set.header(r), r.stores())
	if err != nil {
		p.words("what happened until then could not be saved: %s", rootCause(err))
		return
	}
	p.words("what happened until then is in %s", path)
}
