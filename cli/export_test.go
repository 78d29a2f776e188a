package cli

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/adrg/xdg"
)

func TestExports(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	synctest.Test(t, testExports)
}

func testExports(t *testing.T) {
	h := newHome(t)
	defer h.end()
	c := &controller{rig: h.rig}
	raw := h.s.Token().Reveal()
	for _, choice := range c.Exports() {
		path, err := c.Export("sara", choice.Name)
		if err != nil {
			t.Errorf("%s is written: %v", choice.Name, err)
			continue
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is a file for the user's eyes only: %v, %v", choice.Name, info, err)
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(text), raw) {
			t.Errorf("%s holds no token (%v)", choice.Name, err)
		}
	}
	if path, err := c.Export("sara", "last 90s"); err != nil || !strings.HasSuffix(path, "last-90s.ndjson.zst") {
		t.Errorf("any time can be saved, got %s, %v", path, err)
	}
	if _, err := c.Export("sara", exportRecord); err == nil || !strings.Contains(err.Error(), "it is recorded already, to "+h.rig.recordingPath()) {
		t.Errorf("there is one recording at a time, got %v", err)
	}
	for _, name := range []string{"poem", "last", "last week", "last -5m"} {
		if _, err := c.Export("sara", name); err == nil {
			t.Errorf("%q is not offered and is refused", name)
		}
	}
}
