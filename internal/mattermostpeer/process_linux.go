package mattermostpeer

import "syscall"

// attributes make a process of ours end with the test binary, even if that is
// stopped for taking too long and cleans nothing up.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
