package runlock

import (
	"net"
	"path/filepath"
	"strings"
)

// Portal names a portal by its host, with or without a port, in one way however it is
// written: case, a closing dot, the usual ports and the names of this machine make no
// difference.
func Portal(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), ""
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if ip := net.ParseIP(name); ip != nil && ip.IsLoopback() {
		name = "localhost"
	}
	if port == "" || port == "443" || port == "80" {
		return name
	}
	return net.JoinHostPort(name, port)
}

// File names a portal that is a file, in one way however the file is reached. The file
// exists.
func File(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return "embedded:" + path, nil
}
