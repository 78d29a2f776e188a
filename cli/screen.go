package cli

import (
	"os"
	"path/filepath"

	"github.com/adrg/xdg"

	"streamscope/ui"
)

// checkTheme refuses a theme file that cannot be used, before there is a screen.
func checkTheme(path string) error {
	if path == "" {
		return nil
	}
	if err := ui.CheckTheme(path); err != nil {
		return usage("streamscope config blame ui.theme_file says where it is set", "%s", err)
	}
	return nil
}

// tourMark is the file that says that the tour of first steps is over for good.
func tourMark() string { return filepath.Join(xdg.StateHome, "streamscope", "tour-is-over") }

// tourSeen reports whether the user has been through the tour, or ended it.
func tourSeen() bool {
	_, err := os.Stat(tourMark())
	return err == nil
}

// rememberTour keeps the tour from beginning by itself again. Where that cannot
// be written down it begins again, which is no harm.
func rememberTour() {
	path := tourMark()
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = os.WriteFile(path, nil, 0o600)
	}
}
