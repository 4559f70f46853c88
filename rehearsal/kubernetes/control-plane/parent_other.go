//go:build !linux

package main

import "syscall"

// endsWithParent keeps a process out of the terminal's group; only Linux can tie its life to the supervisor's.
func endsWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
