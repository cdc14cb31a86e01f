//go:build !unix

package filelock

// noFollow is nothing where the system has no such flag; Lock.check refuses links then.
const noFollow = 0
