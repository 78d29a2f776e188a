package cli

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"streamscope/doctor"
)

// doctor looks at the way to the service that the settings name, connects nobody,
// and prints what stands in the way.
func (p *program) doctor(ctx context.Context, flags *sharedFlags, f checkFlags) error {
	cfg, _, err := flags.load(p, "")
	if err != nil {
		return err
	}
	report := doctor.Run(ctx, doctor.Options{
		BaseURL: cfg.Connection.BaseURL, APIKey: cfg.Connection.APIKey,
		HintURL: cfg.Connection.LocationHintURL, Env: os.Environ(),
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f.json {
		err = json.NewEncoder(p.out).Encode(report)
	} else {
		_, err = io.WriteString(p.out, report.Text(p.width())+"\n")
	}
	if err == nil && report.Failed() {
		return silent(exitUnreachable)
	}
	return err
}
