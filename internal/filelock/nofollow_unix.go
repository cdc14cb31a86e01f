//go:build unix

package filelock

import "syscall"

// noFollow makes opening a link fail.
const noFollow = syscall.O_NOFOLLOW
