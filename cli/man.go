package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

// manCommand prints the manual page of all commands, for a package to hold.
func (p *program) manCommand() *cobra.Command {
	var c *cobra.Command
	c = p.command(&cobra.Command{Use: "man", Short: "Print the manual page", Hidden: true}, takes{},
		func(context.Context, []string) error {
			page, err := mango.NewManPage(1, c.Root())
			if err != nil {
				return err
			}
			page = page.WithLongDescription(manAbout).WithSection("Exit status", manExits())
			_, err = fmt.Fprint(p.out, page.Build(manual{roff.NewDocument(), sourceDate(time.Now())}))
			return err
		})
	return c
}

const manAbout = about + "\n" +
	"Every flag is also a variable in the environment (STREAMSCOPE_USER_ID) and a key of the configuration file; " +
	"streamscope config paths names the files, and streamscope COMMAND --help has examples."

// manExits are the exit codes as a list.
func manExits() string {
	lines := make([]string, len(exitTable))
	for i, row := range exitTable {
		lines[i] = "* " + row.code + ": " + row.text
	}
	return strings.Join(lines, "\n")
}

// manual is a page whose head names the manual, where the library would repeat the
// description, and a date that does not depend on the day of the build.
type manual struct {
	*roff.Document
	date time.Time
}

// Heading implements the library's builder.
func (m manual) Heading(section uint, title, _ string, _ time.Time) {
	m.Document.Heading(section, title, title+" manual", m.date)
}

// sourceDate is the time of the sources where the build says it, as reproducible
// builds do.
func sourceDate(now time.Time) time.Time {
	if n, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		now = time.Unix(n, 0)
	}
	return now.UTC()
}
