package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/tickets"
)

// teller puts notices into words, which are content: notice.<kind>.text, and
// notice.<kind>.<bond> where it is told otherwise to one of the people.
type teller struct {
	e        *Engine
	lang     string
	subjects map[tickets.Number]string
}

// longestQuote is how much of what somebody wrote a notice shows.
const longestQuote = 1200

func (s teller) phrase(key string, values fault.Values) string {
	return (&turn{Engine: s.e, conv: Conversation{Lang: s.lang}}).tell(key, values)
}

// otherwise are the notices that one of the people is told in other words.
var otherwise = map[NoticeKind]Bond{NoticeOpened: AsBeneficiary, NoticeWaiting: AsObserver}

// line tells one notice.
func (s teller) line(n Notice) string {
	key := "notice." + string(n.Kind) + ".text"
	if n.Bond == otherwise[n.Kind] {
		key = "notice." + string(n.Kind) + "." + string(n.Bond)
	}
	return s.phrase(key, fault.Values{
		"Number": n.Number, "Subject": s.subjects[n.Number], "Text": excerpt(n.Text, longestQuote), "By": n.By,
		"Date": s.date(n),
		"Days": int(s.e.Terms.Reopening().Hours() / 24),
	})
}

// excerpt is what somebody wrote, in its lines, cut if it is long.
func excerpt(text string, most int) string {
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + " …"
	}
	return text
}

// date is the day that a warning names.
func (s teller) date(n Notice) string {
	at, err := time.Parse(time.RFC3339, n.Text)
	if n.Kind != NoticeWarned || err != nil {
		return ""
	}
	return phrases.Date(s.lang, at.In(s.e.Book.Zone()))
}

// lines tells notices of one ticket, each once.
func (s teller) lines(group []Placed) string {
	merged := slices.ContainsFunc(group, func(n Placed) bool { return n.Kind == NoticeMerged })
	var lines []string
	for _, n := range group {
		if merged && n.Kind == NoticeClosed {
			continue // that is why it is closed
		}
		if line := s.line(n.Notice); len(lines) == 0 || lines[len(lines)-1] != line {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n\n")
}

func plainNotices(group []Placed) []Notice {
	var list []Notice
	for _, n := range group {
		list = append(list, n.Notice)
	}
	return list
}

// one is the event that tells what happened to one ticket. What the person is
// asked depends on the weightiest.
func (s teller) one(group []Placed) Event {
	decides := weightiest(plainNotices(group))
	text := s.lines(group)
	var offer []Choice
	choice := func(action, phrase string) {
		offer = append(offer, Choice{
			ID:    fmt.Sprintf("n%d.%s:%s", decides.Happening, action, decides.Number),
			Label: s.e.Phrases.Say(s.lang, phrase, nil),
		})
	}
	switch {
	case decides.Bond == AsObserver:
	case decides.Kind == NoticeWaiting || decides.Kind == NoticeReminded || decides.Kind == NoticeMessage:
		choice("reply", "choice.reply")
		text += "\n\n" + s.phrase("notice.chat.reply", nil)
	case decides.Kind == NoticeSolved || decides.Kind == NoticeWarned:
		choice("settled", "choice.settled")
		choice("unsettled", "choice.unsettled")
		text += "\n\n" + s.phrase("notice.chat.settled", nil)
	case decides.Kind == NoticeClosed:
		choice("rate", "choice.rate_ticket")
		choice("reopen", "choice.reopen_ticket")
	}
	choice("show", "choice.show_ticket")
	return Event{
		Act: ActNotice, Object: string(decides.Number),
		Reply:  &Reply{Markdown: text, Choices: offer},
		Change: &Change{Heard: []Heard{{Number: decides.Number, Kind: decides.Kind, Bond: decides.Bond}}},
	}
}

// many is the event that tells what happened to many tickets.
func (s teller) many(groups [][]Placed) Event {
	text := s.phrase("notice.many.text", fault.Values{"Count": len(groups), "List": Markdown(s.list(groups))})
	change := &Change{}
	var offer []Choice
	for i, group := range groups {
		decides := weightiest(plainNotices(group))
		change.Heard = append(change.Heard, Heard{Number: decides.Number, Kind: decides.Kind, Bond: decides.Bond})
		if i < listed {
			offer = append(offer, Choice{ID: fmt.Sprintf("n%d.show:%s", decides.Happening, decides.Number), Label: string(decides.Number)})
		}
	}
	change.Heard = change.Heard[max(0, len(change.Heard)-mostHeard):]
	return Event{Act: ActNotice, Object: fmt.Sprint(len(groups), " tickets"), Reply: &Reply{Markdown: text, Choices: offer}, Change: change}
}

// onOneLine takes the line breaks out of quoted text.
var onOneLine = strings.NewReplacer("\\\n", " ", "\n", " ")

// list tells of many tickets in a line each.
func (s teller) list(groups [][]Placed) string {
	const most = 50
	var lines []string
	for _, group := range groups[:min(most, len(groups))] {
		lines = append(lines, "- "+onOneLine.Replace(s.line(weightiest(plainNotices(group)))))
	}
	return strings.Join(lines, "\n")
}

// letter is the mail about one ticket.
func (s teller) letter(group []Placed) Outgoing {
	n := weightiest(plainNotices(group))
	subject := "notice." + string(n.Kind) + ".subject"
	if n.Bond == otherwise[n.Kind] {
		subject += "_" + string(n.Bond)
	}
	return Outgoing{
		Lang: s.lang, Thread: string(n.Number),
		Subject:  s.e.Phrases.Say(s.lang, subject, fault.Values{"Number": n.Number, "Subject": s.subjects[n.Number]}),
		Markdown: s.lines(group) + "\n\n" + s.where(n.Number),
	}
}

// digest is the mail about many tickets.
func (s teller) digest(groups [][]Placed) Outgoing {
	return Outgoing{
		Lang:     s.lang,
		Subject:  s.e.Phrases.Say(s.lang, "notice.many.subject", fault.Values{"Count": len(groups)}),
		Markdown: s.phrase("notice.many.text", fault.Values{"Count": len(groups), "List": Markdown(s.list(groups))}) + "\n\n" + s.where(""),
	}
}

// where leads to where one goes on, which is never an answer to the letter
// (domain brief, F8). A paragraph that is but a link is drawn as a button.
func (s teller) where(number tickets.Number) string {
	if s.e.SiteURL == "" {
		return s.phrase("notice.letter.where_portal", fault.Values{"Portal": s.e.Book.Portal})
	}
	url := s.e.SiteURL
	if s.lang == "en" {
		url += "/en"
	}
	if number == "" {
		return s.phrase("notice.letter.where_all", fault.Values{"URL": Markdown(url + "/ticket")})
	}
	return s.phrase("notice.letter.where", fault.Values{"URL": Markdown(url + "/ticket/" + string(number))})
}
