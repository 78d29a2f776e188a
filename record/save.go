package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"streamscope/timeline"
)

// Saved says what a file that was written at once holds.
type Saved struct {
	Path         string
	Events, Logs int
	Bytes        int64
}

// SaveLast writes what the stores hold of the time d before their newest entry to
// a file, as a recording; d of zero or less means everything that they keep. The
// older events that the state of that time rests on (who, which attempt, token,
// calls, faults) are written too, so that the file opens with the state as it was.
// A file that is there gives an [*ExistsError] unless overwrite is set; then it is
// replaced when the new one is whole.
func SaveLast(path string, d time.Duration, h timeline.Header, s Stores, overwrite bool) (Saved, error) {
	saved, err := saveLast(path, d, h, s, overwrite)
	if err != nil {
		return Saved{}, fmt.Errorf("save: %w", err)
	}
	return saved, nil
}

func saveLast(path string, d time.Duration, h timeline.Header, s Stores, overwrite bool) (Saved, error) {
	header, err := headerLine(h)
	if err != nil {
		return Saved{}, err
	}
	to := path
	if overwrite {
		if old := partName(path, 1); exists(old) { // it would be read as the beginning of the new file
			return Saved{}, &ExistsError{Path: old}
		}
		to = filepath.Join(filepath.Dir(path), fmt.Sprintf(".save-%d-%s", os.Getpid(), filepath.Base(path)))
	}
	file := &target{path: to, header: header, open: openFile}
	if err := openTarget(file, overwrite); err != nil {
		return Saved{}, err
	}
	saved, err := saveInto(file, window(d, s), s)
	saved.Path = path
	err = errors.Join(err, file.finish())
	if err == nil && to != path {
		err = os.Rename(to, path)
	}
	if err != nil && file.regular {
		err = errors.Join(err, os.Remove(to)) // half a file is worse than none
	}
	saved.Bytes = file.good
	return saved, err
}

// AutoSave writes everything that the stores hold to a new file in the directory,
// for a program that is about to end by a fault of its own. It returns the path.
func AutoSave(dir string, h timeline.Header, s Stores) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("save: %w", err)
	}
	stamp := time.Now().UTC().Format("20060102T150405Z")
	for n := 1; ; n++ {
		name := fmt.Sprintf("crash-%s.ndjson.zst", stamp)
		if n > 1 {
			name = fmt.Sprintf("crash-%s-%d.ndjson.zst", stamp, n)
		}
		path := filepath.Join(dir, name)
		_, err := SaveLast(path, 0, h, s, false)
		if _, taken := errors.AsType[*ExistsError](err); taken {
			continue
		}
		return path, err
	}
}

// saveInto writes what the merger has at this moment.
func saveInto(file *target, m *merger, s Stores) (saved Saved, err error) {
	defer m.close()
	lines := newEncoder()
	for left := m.left(s); left > 0; left-- {
		more, err := m.next(lines)
		if err != nil {
			return saved, err
		}
		if !more {
			break
		}
		if lines.buf.Len() >= batchBytes {
			if err := saved.put(file, lines); err != nil {
				return saved, err
			}
		}
	}
	if err := saved.put(file, lines); err != nil {
		return saved, err
	}
	return saved, file.flush()
}

func (s *Saved) put(file *target, lines *encoder) error {
	s.Events += int(lines.events)
	s.Logs += int(lines.logs)
	err := file.put(lines.buf.Bytes())
	lines.reset()
	return err
}

// window returns a merger that begins d before the newest entry of the stores,
// with the context of that moment in front.
func window(d time.Duration, s Stores) *merger {
	since := time.Time{}
	if d > 0 {
		since = newest(s).Add(-d)
	}
	m := &merger{}
	if s.Timeline != nil {
		from, before := contextOf(s.Timeline, since)
		m.nextEvents = before
		m.events = s.Timeline.Cursor(from)
	}
	if s.Logs != nil {
		m.logs = s.Logs.Cursor(firstLine(s, since))
	}
	return m
}

func newest(s Stores) (t time.Time) {
	if s.Timeline != nil {
		if _, next := s.Timeline.Bounds(); next > 1 {
			e, _ := s.Timeline.At(next - 1)
			t = e.Time
		}
	}
	if s.Logs != nil {
		if _, next := s.Logs.Bounds(); next > 1 {
			if row, ok := s.Logs.Row(next - 1); ok && row.Time().After(t) {
				t = row.Time()
			}
		}
	}
	return t
}

// firstLine returns the number of the first log line of the window.
func firstLine(s Stores, since time.Time) uint64 {
	first, next := s.Logs.Bounds()
	for row := range s.Logs.Range(first, next) {
		if !row.Time().Before(since) {
			return row.Seq()
		}
	}
	return next
}
