package mattermostpeer

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// serverModule is where the server's texts and templates lie as well.
const serverModule = "github.com/mattermost/mattermost/server/v8"

// Program is the path of the server's program. It is built if the cache folder
// lacks it, which takes minutes the first time; whoever else wants it meanwhile
// waits, in other processes too.
var Program = sync.OnceValues(func() (string, error) {
	module, err := ownModule()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	key, err := keyOf(module)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "sportello", "mattermost-"+key)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(folder, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	program := filepath.Join(folder, "mattermost")
	if built(folder) {
		return program, nil
	}
	return program, build(module, folder)
})

// ownModule is the folder of the server's module, from any folder of ours.
func ownModule() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "test", "mattermost"), nil
}

// keyOf is a sum of all that decides on what is built.
func keyOf(module string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, name, len(text))
		sum.Write(text)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

// lock keeps other processes from building at the same time.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

// built tells whether the program is there, and what it reads at run time.
func built(folder string) bool {
	for _, name := range []string{"mattermost", "source/i18n", "source/templates", "source/fonts"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

func build(module, folder string) error {
	fresh := filepath.Join(folder, "mattermost.new")
	if err := inModule(module, "build", "-trimpath=false", "-ldflags=-s -w", "-o", fresh, "."); err != nil {
		return err
	}
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", serverModule)
	list.Dir = module
	source, err := list.Output()
	if err != nil {
		return err
	}
	link := filepath.Join(folder, "source")
	_ = os.Remove(link) // of an earlier build, if any
	if err := os.Symlink(strings.TrimSpace(string(source)), link); err != nil {
		return err
	}
	return os.Rename(fresh, filepath.Join(folder, "mattermost"))
}

// inModule runs the go command on the server's module.
func inModule(module string, args ...string) error {
	command := exec.Command("go", args...)
	command.Dir = module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s in test/mattermost: %w\n%s", args[0], err, out)
	}
	return nil
}
