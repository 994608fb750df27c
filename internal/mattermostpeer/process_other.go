//go:build !linux

package mattermostpeer

import "syscall"

// attributes keep signals of the terminal from a process of ours: the test
// ends it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
