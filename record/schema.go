package record

import _ "embed" // the schema is a file

//go:embed schema/recording.schema.json
var schema []byte

// Schema returns the JSON Schema of one line of a recording: the header, an event
// or a log record. The slice is the caller's.
func Schema() []byte { return append([]byte(nil), schema...) }
