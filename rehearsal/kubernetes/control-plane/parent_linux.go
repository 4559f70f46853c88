package main

import "syscall"

// endsWithParent has the kernel end a process when the supervisor is killed.
func endsWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
