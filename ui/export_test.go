package ui

import "testing"

// exporter is a controller that can write the record down.
type exporter struct{ *fakeController }

func (exporter) Exports() []Choice { return []Choice{{"record", "all that comes"}} }

func (e exporter) Export(session, name string) (string, error) {
	return "/tmp/" + name, e.note("export " + session + " " + name)
}

func TestCommandsWriteTheRecordDown(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Controller = exporter{o.Controller.(*fakeController)} })
	x.connectedStory()
	x.Press(":")
	x.Type("save last 90s")
	x.Press("enter")
	x.wantAsked("any time can be typed", "export sara last 90s")
	x.WantScreen("where it is is said", "written to /tmp/last 90s")
	x.WantNotOnScreen("it was one file", "REC")
	x.Press(":")
	x.Type("record")
	x.Press("enter")
	x.wantAsked("a recording begins", "export sara last 90s", "export sara record")
	x.WantScreen("and is shown as long as it goes on", "REC", "recording to /tmp/record")
	x.Press("q")
	x.WantScreen("leaving asks first", "Quit?", "recorded to /tmp/record")
}
