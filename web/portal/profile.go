package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
	"sportello/web/ui"
)

type profilePage struct {
	ui.Frame
	Self, Tickets, Privacy string
	Facts                  []fact
	Languages              []option
	Preferences            account.Preferences
	From, Until            string // of the quiet hours, as 22:00
	Version                int
	Chats                  []chat
	CanExport, CanSignOut  bool
	Key                    string
	Done                   string
	Wrong                  *refusal
}

// chat is a linked identity; Sign names it without telling the channel's ID.
type chat struct {
	Name, Sign string
	Since      moment
}

// profileActs are the forms of the profile, by the end of their address.
var profileActs = map[string]func(profileSheet) (done string, err error){
	"language":      profileSheet.language,
	"notifications": profileSheet.notifications,
	"unlink":        profileSheet.unlink,
	"sign-out":      profileSheet.signOut,
	"erasure":       profileSheet.erasure,
}

// profileWords are what the page says after each of them.
var profileWords = []string{"language", "notifications", "unlink"}

func (p *Portal) profileRoutes(r chi.Router, get func(string, http.HandlerFunc), lang string) {
	at := paths[lang]["profile"]
	get(at, p.owned(lang, func(w http.ResponseWriter, r *http.Request, by account.Person) error {
		return p.profile(w, r, by, nil)
	}))
	r.Get(at+"/data.json", p.owned(lang, p.export))
	for name, act := range profileActs {
		r.Post(at+"/"+name, p.owned(lang, func(w http.ResponseWriter, r *http.Request, by account.Person) error {
			return p.profilePost(w, r, by, name, act)
		}))
	}
}

// profile tells somebody what we know of them, and what they may decide.
func (p *Portal) profile(w http.ResponseWriter, r *http.Request, by account.Person, refused *refusal) error {
	l := lang(r)
	page := profilePage{
		Self: paths[l]["profile"], Tickets: paths[l]["tickets"], Privacy: paths[l]["privacy"], Facts: p.knownOf(l, by), Preferences: by.Preferences, Version: by.Version,
		From: clock(by.Preferences.QuietFrom), Until: clock(by.Preferences.QuietUntil),
		CanExport: p.Own.Export != nil, CanSignOut: p.Own.SignOut != nil, Key: rand.Text(), Wrong: refused,
	}
	if by.Preferences.QuietFrom == by.Preferences.QuietUntil {
		page.From, page.Until = "", ""
	}
	if refused != nil && refused.Act == "notifications" {
		page.From, page.Until = refused.Values["from"], refused.Values["until"]
		page.Preferences.MailOff, page.Preferences.ChatOff = refused.Values["mail"] == "", refused.Values["chat"] == ""
	}
	for _, one := range Languages {
		page.Languages = append(page.Languages, option{one, p.tell(one, "web.language", nil), one == by.Lang || by.Lang == "" && one == Languages[0]})
	}
	links, err := account.Links{Store: p.Accounts}.Of(r.Context(), by.ID)
	if err != nil {
		return err
	}
	for _, one := range links {
		page.Chats = append(page.Chats, chat{p.channel(l, one.Identity.Channel), sign(by, one.Identity), p.moment(l, one.At)})
	}
	if done := r.URL.Query().Get("done"); slices.Contains(profileWords, done) && refused == nil {
		page.Done = p.tell(l, "profile.done_"+done, nil)
	}
	page.Frame = p.frame(r, "profile", p.tell(l, "profile.title", nil), "", both("profile"))
	page.Hidden, page.URL = true, ""
	status := http.StatusOK
	if refused != nil {
		status = refused.Status
	}
	return showStatus(w, status, "profile", page)
}

// knownOf is what an account says of a person.
func (p *Portal) knownOf(l string, by account.Person) []fact {
	area := by.Area
	for _, team := range p.Tickets.Terms.Teams {
		if team.Area != "" && team.Area == by.Area {
			area = team.Label.In(l)
		}
	}
	var roles []string
	for _, role := range account.Roles {
		if by.Has(role) {
			roles = append(roles, p.tell(l, "profile.role_"+string(role), nil))
		}
	}
	known := []fact{}
	for _, f := range []struct{ key, value string }{
		{"name", by.Name}, {"email", by.Email}, {"office", by.Office}, {"area", area}, {"phone", by.Phone}, {"roles", strings.Join(roles, ", ")},
	} {
		if f.value == "" {
			f.value = p.tell(l, "profile.unknown", nil)
		}
		known = append(known, fact{Label: p.tell(l, "profile."+f.key, nil), Value: f.value})
	}
	return known
}

// profileSheet is a form of the profile that is being carried out.
type profileSheet struct {
	*Portal
	w    http.ResponseWriter
	r    *http.Request
	by   account.Person
	form ticketForm
}

func (p *Portal) profilePost(w http.ResponseWriter, r *http.Request, by account.Person, name string, act func(profileSheet) (string, error)) error {
	form, err := p.readForm(w, r, false)
	to := ""
	if err == nil {
		to, err = act(profileSheet{p, w, r, by, form})
	}
	if err == nil {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	status := httpstatus.Of(err)
	if status >= http.StatusInternalServerError {
		p.Log.ErrorContext(r.Context(), "profile not changed", "person", by.ID, "error", err)
	}
	phrase, values := fault.Public(err)
	if now, again := p.Accounts.Person(r.Context(), by.ID); again == nil {
		by = now // as they are, should they have changed meanwhile
	}
	return p.profile(w, r, by, &refusal{Act: name, Message: p.tell(lang(r), phrase, values), Status: status, Values: form.values})
}

// change applies what a form says to the person as they are now: forms of two
// tabs about different things both count.
func (s profileSheet) change(alter func(*account.Person)) error {
	for try := 1; ; try++ {
		now, err := s.Accounts.Person(s.r.Context(), s.by.ID)
		if err != nil {
			return err
		}
		alter(&now)
		err = s.Accounts.Apply(s.r.Context(), account.Change{Person: &now})
		if !fault.Is(err, fault.Conflict) || try == 5 {
			return err
		}
	}
}

func (s profileSheet) language() (string, error) {
	chosen := s.form.get("language")
	if !slices.Contains(Languages, chosen) {
		return "", fault.New(fault.Invalid, "profile.language_unknown")
	}
	return paths[chosen]["profile"] + "?done=language", s.change(func(p *account.Person) { p.Lang = chosen })
}

func (s profileSheet) notifications() (string, error) {
	quiet := [2]int{}
	given := 0
	for i, name := range []string{"from", "until"} {
		if s.form.get(name) == "" {
			continue
		}
		given++
		minute, ok := minuteOf(s.form.get(name))
		if !ok {
			return "", fault.New(fault.Invalid, "profile.quiet_shape")
		}
		quiet[i] = minute
	}
	if given == 1 || given == 2 && quiet[0] == quiet[1] {
		return "", fault.New(fault.Invalid, "profile.quiet_both")
	}
	return paths[lang(s.r)]["profile"] + "?done=notifications", s.change(func(p *account.Person) {
		p.Preferences.MailOff, p.Preferences.ChatOff = s.form.get("mail") == "", s.form.get("chat") == ""
		p.Preferences.QuietFrom, p.Preferences.QuietUntil = quiet[0], quiet[1]
	})
}

// unlink takes a chat from the person, if it is theirs; one that is gone is
// what they wanted.
func (s profileSheet) unlink() (string, error) {
	chats := account.Links{Store: s.Accounts}
	links, err := chats.Of(s.r.Context(), s.by.ID)
	if err != nil {
		return "", err
	}
	for _, one := range links {
		if sign(s.by, one.Identity) == s.form.get("chat") {
			if err := chats.End(s.r.Context(), s.by.ID, one.Identity); err != nil && !fault.Is(err, fault.NotFound) {
				return "", err
			}
			if s.Own.Unlinked == nil {
				continue
			}
			if err := s.Own.Unlinked(s.r.Context(), one.Identity); err != nil {
				return "", err
			}
		}
	}
	return paths[lang(s.r)]["profile"] + "?done=unlink", nil
}

func (s profileSheet) signOut() (string, error) {
	if s.Own.SignOut == nil {
		return "", fault.New(fault.Unavailable, "error.unavailable")
	}
	return paths[lang(s.r)]["home"], s.Own.SignOut(s.r.Context(), s.by.ID)
}

// erasure asks for one's data to be erased, by a ticket: so it has a number,
// an answer and a history, like everything else that is asked for.
func (s profileSheet) erasure() (string, error) {
	l := lang(s.r)
	key, err := s.form.key(s.by)
	if err != nil {
		return "", err
	}
	t, err := s.Tickets.Open(s.r.Context(), s.by, tickets.Draft{
		RequestType: erasureType, Subject: s.tell(l, "profile.erasure_subject", nil), Body: s.tell(l, "profile.erasure_body", map[string]any{"Email": s.by.Email}),
		ForMe: true, Impact: tickets.Me, Urgency: tickets.Normal, Office: s.by.Office, Phone: s.by.Phone, Channel: "portal",
	}, key)
	return paths[l]["tickets"] + "/" + string(t.Number) + "?done=opened", err
}

// erasureType is the request type under which an erasure is asked for.
const erasureType = "informazioni"

// export is a copy of all we have about somebody.
func (p *Portal) export(w http.ResponseWriter, r *http.Request, by account.Person) error {
	if p.Own.Export == nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	data, err := p.Own.Export(r.Context(), by)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="sportello-`+p.Now().In(p.Tickets.Terms.Zone()).Format("2006-01-02")+`.json"`)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // the reader went away: nobody to tell
	return nil
}

// sign names an identity in a form.
func sign(by account.Person, i account.Identity) string {
	sum := sha256.Sum256([]byte(string(by.ID) + "\x00" + i.Channel + "\x00" + i.PlatformID))
	return hex.EncodeToString(sum[:16])
}

// clock writes a minute of the day.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// minuteOf reads a time of day as browsers send it, and as people type it.
func minuteOf(text string) (int, bool) {
	hours, minutes, _ := strings.Cut(strings.NewReplacer(".", ":", " ", "").Replace(text), ":")
	if minutes == "" {
		minutes = "0"
	}
	minutes, _, _ = strings.Cut(minutes, ":") // some browsers send seconds
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	if err1 != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}
