//go:build !unix

package spec

// isOwn and sameFileSystem cannot tell here: whoever can write above a folder of
// yours is trusted.
func isOwn(string) bool { return true }

func sameFileSystem(string, string) bool { return true }
