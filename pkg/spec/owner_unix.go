//go:build unix

package spec

import (
	"os"
	"syscall"
)

// isOwn tells whether the user of this process owns a file or folder.
func isOwn(name string) bool {
	stat, ok := statOf(name)
	return ok && int(stat.Uid) == os.Geteuid()
}

// sameFileSystem tells whether two folders lie in one file system.
func sameFileSystem(a, b string) bool {
	x, okX := statOf(a)
	y, okY := statOf(b)
	return okX && okY && x.Dev == y.Dev
}

func statOf(name string) (*syscall.Stat_t, bool) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return stat, ok
}
