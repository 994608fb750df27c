// Package mattermostpeer lets tests talk to a real Mattermost server, built
// from test/mattermost, with a PostgreSQL behind it. Both listen on loopback,
// live in folders of their own and end with the test that started them. The
// server can be killed, started again and frozen in the middle, as servers are.
package mattermostpeer

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sportello/internal/freeport"

	"github.com/mattermost/mattermost/server/public/model"
)

// Patience is how long a test waits for a server, or for something to happen
// on it.
const Patience = 30 * time.Second

// Password of everybody on the server.
const Password = "Segreta-della-prova-1"

// Server is a Mattermost server with one team. Its first user, Admin, may do
// everything.
type Server struct {
	URL   string
	Admin *User
	Team  *model.Team

	t        testing.TB
	folder   string
	database string
	settings []string

	running sync.Mutex // held while the process is exchanged
	process *process
}

// Start starts an empty server. Settings such as
// "MM_EMAILSETTINGS_REQUIREEMAILVERIFICATION=true" come after ours.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	program, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	port := freeport.Choose(t)
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), t: t, database: database(t)}
	if s.folder, err = os.MkdirTemp("", "mattermostpeer-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	for _, below := range []string{"config", "data"} {
		if err := os.Mkdir(filepath.Join(s.folder, below), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.settings = append(s.ours(port), settings...)
	if err := s.start(program); err != nil {
		t.Fatal(err)
	}
	s.furnish()
	return s
}

// ours are the settings of every server: all on this machine, no letter, no
// telemetry, no look for updates, bots and their commands allowed.
func (s *Server) ours(port int) []string {
	return []string{
		"MM_CONFIG=" + filepath.Join(s.folder, "config", "config.json"),
		"MM_FILESETTINGS_DIRECTORY=" + filepath.Join(s.folder, "data") + "/",
		"MM_SQLSETTINGS_DRIVERNAME=postgres",
		"MM_SQLSETTINGS_DATASOURCE=" + cluster.source(s.database),
		"MM_SQLSETTINGS_MAXOPENCONNS=30",
		"MM_SERVICESETTINGS_LISTENADDRESS=" + fmt.Sprintf("127.0.0.1:%d", port),
		"MM_SERVICESETTINGS_SITEURL=" + s.URL,
		"MM_SERVICESETTINGS_WEBSERVERMODE=disabled",
		"MM_SERVICESETTINGS_ENABLEBOTACCOUNTCREATION=true",
		"MM_SERVICESETTINGS_ENABLEUSERACCESSTOKENS=true",
		"MM_SERVICESETTINGS_ENABLECOMMANDS=true",
		"MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS=127.0.0.1",
		"MM_SERVICESETTINGS_ENABLESECURITYFIXALERT=false",
		"MM_SERVICESETTINGS_ENABLELINKPREVIEWS=false",
		"MM_SERVICESETTINGS_ENABLEGIFPICKER=false",
		"MM_TEAMSETTINGS_ENABLEOPENSERVER=true",
		"MM_TEAMSETTINGS_MAXUSERSPERTEAM=1000",
		"MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS=false",
		"MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS=false",
		"MM_RATELIMITSETTINGS_ENABLE=false",
		"MM_PLUGINSETTINGS_ENABLE=false",
		"MM_PLUGINSETTINGS_ENABLEMARKETPLACE=false",
		"MM_PLUGINSETTINGS_AUTOMATICPREPACKAGEDPLUGINS=false",
		"MM_LOGSETTINGS_ENABLEDIAGNOSTICS=false",
		"MM_LOGSETTINGS_ENABLESENTRY=false",
		"MM_LOGSETTINGS_ENABLEFILE=false",
		"MM_LOGSETTINGS_CONSOLELEVEL=WARN",
		"MM_NOTIFICATIONLOGSETTINGS_ENABLECONSOLE=false",
		"MM_NOTIFICATIONLOGSETTINGS_ENABLEFILE=false",
		"MM_ANNOUNCEMENTSETTINGS_ADMINNOTICESENABLED=false",
		"MM_ANNOUNCEMENTSETTINGS_USERNOTICESENABLED=false",
		"MM_PRIVACYSETTINGS_SHOWEMAILADDRESS=true",
	}
}

// start runs the server's program until it answers.
func (s *Server) start(program string) error {
	s.running.Lock()
	defer s.running.Unlock()
	command := exec.Command(program, "server")
	command.Dir, command.SysProcAttr = s.folder, attributes()
	command.Env = append(os.Environ(), s.settings...)
	p, err := launch(command, filepath.Join(s.folder, "log"))
	if err != nil {
		return err
	}
	s.process = p
	if err := p.until(s.answers); err != nil {
		return fmt.Errorf("no Mattermost: %w\n%s", err, p.tail())
	}
	return nil
}

func (s *Server) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v4/system/ping", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// furnish makes the first user, who is the administrator, and the team.
func (s *Server) furnish() {
	s.t.Helper()
	ctx := context.Background()
	client := s.client()
	first, _, err := client.CreateUser(ctx, &model.User{Username: "amministratore", Email: "amministratore@giustizia.it", Password: Password, Locale: "it"})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cluster.run(s.database, "UPDATE users SET emailverified = true"); err != nil { // nobody else could
		s.t.Fatal(err)
	}
	if _, _, err := client.Login(ctx, first.Username, Password); err != nil {
		s.t.Fatal(err)
	}
	s.Admin = &User{User: first, Client: client, server: s}
	if s.Team, _, err = client.CreateTeam(ctx, &model.Team{Name: "giustizia", DisplayName: "Giustizia", Type: model.TeamOpen}); err != nil {
		s.t.Fatal(err)
	}
}

// client is one that nobody has signed in with yet; it does not wait for ever.
func (s *Server) client() *model.Client4 {
	c := model.NewAPIv4Client(s.URL)
	c.HTTPClient = &http.Client{Timeout: Patience, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	return c
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() {
	s.running.Lock()
	defer s.running.Unlock()
	s.process.kill()
}

// Restart kills the server if it runs, and starts it again where it was.
func (s *Server) Restart() error {
	s.Kill()
	program, err := Program()
	if err != nil {
		return err
	}
	return s.start(program)
}

// Freeze stops the server's clock: connections stay open and nothing answers.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sort os.Signal) {
	s.running.Lock()
	defer s.running.Unlock()
	s.process.signal(sort)
}

// Socket is where the server's sockets are.
func (s *Server) Socket() string { return strings.Replace(s.URL, "http", "ws", 1) }

// SQL lets the server's database carry out a statement, for what an
// administrator could not do by the API.
func (s *Server) SQL(statement string) error { return cluster.run(s.database, statement) }

// Log is the end of what the server wrote.
func (s *Server) Log() string { return s.process.tail() }

func (s *Server) end() {
	if s.process != nil {
		s.process.kill()
		if s.t.Failed() {
			s.t.Logf("Mattermost said:\n%s", s.process.tail())
		}
	}
	_ = os.RemoveAll(s.folder)
}
