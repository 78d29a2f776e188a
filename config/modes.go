package config

import (
	"io/fs"
	"os"
)

// permissions refuses a file that tells a secret to others, as ssh does, and warns
// about one that tells more than it should.
func (l *loader) permissions(path string) {
	mode := modeOf(path)
	switch {
	case l.doc.clear && mode&0o044 != 0:
		l.problems = append(l.problems, Problem{File: path, Text: "it holds a secret in clear, and others on this machine can read it",
			Hint: "chmod 600 " + path + "; better write env:NAME, file:PATH or cmd:COMMAND in place of the secret"})
	case l.doc.clear:
		l.warn("a secret is written in clear in "+path, "write env:NAME, file:PATH or cmd:COMMAND instead")
	case mode&0o004 != 0:
		l.warn(path+" can be read by every user of this machine", "chmod 600 "+path)
	}
}

// secretFiles warns about files with a secret that others can read. They may be
// made by somebody else, so they are not refused.
func (l *loader) secretFiles() {
	for _, k := range l.keys {
		var paths []string
		switch v := k.value(&l.cfg); {
		case k.Path == "connection.token.file":
			paths = append(paths, v.String())
		case k.Secret:
			for _, s := range secrets(v) {
				if scheme, rest, _ := s.Reference(); scheme == "file" {
					paths = append(paths, homePath(rest))
				}
			}
		}
		for _, path := range paths {
			if modeOf(path)&0o044 != 0 {
				l.warn(path+", which holds a secret, can be read by others on this machine", "chmod 600 "+path)
			}
		}
	}
}

// modeOf returns who may do what with a file; 0 where that is not known.
func modeOf(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil || os.PathSeparator != '/' || !info.Mode().IsRegular() {
		return 0
	}
	return info.Mode().Perm()
}
