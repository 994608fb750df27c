package mattermostpeer

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sportello/internal/freeport"
)

// cluster is the PostgreSQL of this test binary. It runs while a server needs
// it, and each server has a database of its own in it.
var cluster struct {
	sync.Mutex
	*postgres
	users, databases int
}

// postgres is a running PostgreSQL with nothing in it that outlives it.
type postgres struct {
	*process
	folder string
	port   int
}

// database makes an empty one and returns how to reach it; the cluster ends
// with the last test that asked.
func database(t testing.TB) string {
	t.Helper()
	cluster.Lock()
	defer cluster.Unlock()
	if cluster.users == 0 {
		p, err := startPostgres(freeport.Choose(t))
		if err != nil {
			t.Fatalf("no PostgreSQL: %v (scripts/tools.sh installs it)", err)
		}
		cluster.postgres = p
	}
	cluster.users++
	t.Cleanup(func() {
		cluster.Lock()
		defer cluster.Unlock()
		if cluster.users--; cluster.users == 0 {
			cluster.stop()
		}
	})
	cluster.databases++
	name := fmt.Sprint("mattermost", cluster.databases)
	if err := cluster.run("postgres", "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return name
}

// source is the address of a database, as the server wants it.
func (p *postgres) source(name string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable&connect_timeout=10", p.port, name)
}

func startPostgres(port int) (p *postgres, err error) {
	p = &postgres{port: port}
	if p.folder, err = os.MkdirTemp("", "mattermostpeer-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(p.folder))
		}
	}()
	data := filepath.Join(p.folder, "data")
	initialise, err := postgresCommand(p.folder, "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if err != nil {
		return nil, err
	}
	if out, err := initialise.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	serve, err := postgresCommand(p.folder, "postgres", "-D", data, "-p", strconv.Itoa(p.port), "-k", p.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	if err != nil {
		return nil, err
	}
	if p.process, err = launch(serve, filepath.Join(p.folder, "log")); err != nil {
		return nil, err
	}
	err = p.until(func() bool {
		conn, err := net.Dial("unix", filepath.Join(p.folder, fmt.Sprint(".s.PGSQL.", p.port)))
		if err != nil {
			return false
		}
		conn.Close()
		return p.run("postgres", "SELECT 1") == nil
	})
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, p.tail())
		p.kill()
	}
	return p, err
}

// run has a database carry out some SQL.
func (p *postgres) run(database, sql string) error {
	path, err := postgresProgram("psql")
	if err != nil {
		return err
	}
	command := exec.Command(path, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", p.folder, "-p", strconv.Itoa(p.port), "-U", "postgres", "-d", database, "-c", sql)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, out)
	}
	return nil
}

func (p *postgres) stop() {
	p.signal(syscall.SIGQUIT) // at once, its children too: nothing in it is kept
	<-p.ended
	_ = os.RemoveAll(p.folder)
}

// postgresCommand is one that works in a folder; PostgreSQL refuses to run as
// root, so for root it is user postgres who does.
func postgresCommand(folder, name string, args ...string) (*exec.Cmd, error) {
	path, err := postgresProgram(name)
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, args...)
	command.Dir, command.SysProcAttr = folder, attributes()
	if os.Geteuid() != 0 {
		return command, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	command.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return command, os.Chown(folder, uid, gid)
}

// postgresProgram finds a program of PostgreSQL's; where the server's lie, no
// PATH leads on Debian.
func postgresProgram(name string) (string, error) {
	folders := []string{os.Getenv("PGBIN")}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	for _, folder := range append(folders, debian...) {
		if path, err := exec.LookPath(filepath.Join(folder, name)); folder != "" && err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}
