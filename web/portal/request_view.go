package portal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sportello/internal/phrases"
	"sportello/privacy"
	"sportello/tickets"
	"sportello/web/ui"
)

type requestPage struct {
	ui.Frame
	Services, Self string
	Type, Category string
	Warning        string
	Notices        []noticed
	SignedIn       bool
	SignIn         string // where a stranger signs in; to come back here
	Refused        bool   // a stranger wanted to send it
	Resumed        string // tells that an earlier form goes on
	Saved          string // tells that it was kept just now
	Told           []string
	Problems       []problem
	Sections       []section
	Key, Seen      string
	Files          []attachedFile
	FileLimits     string
	MaxFiles       int
	KeepDrafts     int  // days, 0 if for ever or for a stranger
	Proposed       bool // the subject is our proposal

	values  map[string]string
	masked  []privacy.Kind
	resumed time.Time
}

// problem leads from the summary of what is wrong to its input.
type problem struct{ Anchor, Text string }

// section is a part of the form under a heading.
type section struct {
	ID, Title string
	Inputs    []input
}

// input is a field as the form shows it.
type input struct {
	Sort     string // text, long, choice, date, application, for, observers, files
	Name     string
	Label    string
	Help     string
	Value    string
	Error    string
	Required bool
	Max      int // counted while typing, 0 for none
	Rows     int
	Complete string // autocomplete
	Type     string // of a line
	Choices  []pick

	// Of "for".
	PersonName, PersonEmail string
	NameError, EmailError   string
	Other                   bool
}

// pick is one choice of an input.
type pick struct {
	Value, Label string
	Picked       bool
}

// Described names the elements that describe an input.
func (i input) Described() string {
	var ids []string
	if i.Error != "" {
		ids = append(ids, i.Name+"-error")
	}
	if i.Help != "" {
		ids = append(ids, i.Name+"-help")
	}
	if i.Max > 0 {
		ids = append(ids, i.Name+"-count")
	}
	return strings.Join(ids, " ")
}

func (p *Portal) requestFrame(v *visit, title string) ui.Frame {
	at := map[string]string{}
	for _, l := range Languages {
		at[l] = paths[l]["services"] + "/" + v.t.ID
	}
	frame := p.frame(v.r, "services", title, "", at)
	frame.Hidden, frame.URL, frame.Alternates = true, "", nil
	return frame
}

// showAgain shows the form as it was sent, with what is wrong with it.
func (p *Portal) showAgain(v *visit, status int, f received, found []amiss) error {
	page := requestPage{Key: f.Key, values: f.Values, masked: f.Masked, Seen: strings.Join(f.Seen, " ")}
	page.Refused = v.person == nil && f.Do != "edit"
	if v.person != nil && v.unsent != nil && (f.Do == "save" || strings.HasPrefix(f.Do, "detach")) && len(found) == 0 {
		page.Saved = p.Phrases.Say(v.lang, "request.saved", map[string]any{"Time": phrases.Clock(v.lang, v.unsent.SavedAt.In(rome))})
	}
	page.Problems = []problem{}
	return p.showRequest(v, status, page, slices.Concat(found, f.FileWrong)...)
}

// showRequest lays the form out: whom it is for, the problem, and what this
// request type asks besides, in the order of the catalogue.
func (p *Portal) showRequest(v *visit, status int, page requestPage, found ...amiss) error {
	l := v.lang
	label := v.t.Label.In(l)
	title := label
	if len(found) > 0 {
		title = p.Phrases.Say(l, "request.title_wrong", map[string]any{"Title": label})
	}
	page.Frame = p.requestFrame(v, title)
	page.Services, page.Self = paths[l]["services"], v.self()
	page.Type, page.Category, page.Warning = label, p.categoryLabel(l, v.t), warningOf(v.t, l)
	page.SignedIn, page.SignIn = v.person != nil, v.signIn()
	page.Notices = p.noticed(l, p.applicationsOf(v.t, page.values)...)
	if v.person != nil {
		page.KeepDrafts = p.Content.Terms.DraftDays
	}
	page.Told = p.tellMasked(l, page.masked)
	page.Files = p.attached(v)
	limits := p.Files.Limits()
	page.MaxFiles = limits.MaxCount
	page.FileLimits = p.Phrases.Say(l, "request.files_limits", map[string]any{"Count": limits.MaxCount, "Size": phrases.Size(l, limits.MaxBytes)})
	if !page.resumed.IsZero() {
		page.Resumed = p.Phrases.Say(l, "request.resumed", map[string]any{"Time": phrases.DateTime(l, page.resumed.In(rome))})
	}
	p.sections(v, &page, found)
	for _, w := range found {
		page.Problems = append(page.Problems, problem{anchorOf(w.Input, page), p.say(l, w)})
	}
	return ui.Show(v.w, status, pages["request"], page)
}

// say tells what is wrong; of a file, which one.
func (p *Portal) say(l string, w amiss) string {
	text := p.Phrases.Say(l, w.Phrase, w.Values)
	if name, named := w.Values["File"]; named {
		return fmt.Sprintf("%s: %s", name, text)
	}
	return text
}

// anchorOf is the element that gets the focus for an input.
func anchorOf(name string, page requestPage) string {
	for _, s := range page.Sections {
		for _, i := range s.Inputs {
			if i.Name == name && (i.Sort == "for" || i.Sort == "choice") {
				return name + "-" + i.Choices[0].Value
			}
		}
	}
	return name
}

func warningOf(t tickets.RequestType, l string) string {
	if len(t.Warning) == 0 {
		return ""
	}
	return t.Warning.In(l)
}

// applicationsOf are the applications that a form is about, as far as is known.
func (p *Portal) applicationsOf(t tickets.RequestType, values map[string]string) []string {
	about := []string{p.applicationID(values[inputName(tickets.FieldApplication)])}
	for _, a := range p.Tickets.Catalogue.Applications {
		if a.Request == t.ID {
			about = append(about, a.ID)
		}
	}
	return about
}

// completes are the autocomplete tokens of fields about the person who writes.
var completes = map[string]string{tickets.FieldPhone: "tel", tickets.FieldOffice: "organization"}

// asksToo are the common fields whose question tells more than their label.
var asksToo = []string{tickets.FieldBody, tickets.FieldDeadline, tickets.FieldOffice}

// many is how many choices are better in a list that opens.
const many = 8

func (p *Portal) sections(v *visit, page *requestPage, found []amiss) {
	l := v.lang
	who := section{ID: "who", Title: p.Phrases.Say(l, "request.section_who", nil)}
	what := section{ID: "what", Title: p.Phrases.Say(l, "request.section_what", nil)}
	own := section{ID: "own", Title: p.Phrases.Say(l, "request.section_own", nil)}
	wrongAt := func(name string) string {
		for _, w := range found {
			if w.Input == name {
				return p.say(l, w)
			}
		}
		return ""
	}
	past := false // the common fields
	for n, f := range v.t.Fields {
		name := inputName(f.ID)
		i := input{
			Sort: string(f.Kind), Name: name, Label: f.Label.In(l), Help: f.Why.In(l), Value: page.values[name], Error: wrongAt(name), Required: f.Required,
			Complete: orElse(completes[f.ID], "off"), Type: "text", Rows: 4,
		}
		past = past || n > 0 && v.t.Fields[n-1].ID == tickets.FieldDeadline
		if past && f.Kind != tickets.KindChoice || slices.Contains(asksToo, f.ID) {
			i.Help = f.Question.In(l) + " " + i.Help
		}
		switch {
		case f.ID == tickets.FieldBeneficiary:
			p.forInput(l, f, &i, page.values, wrongAt)
		case f.Kind == tickets.KindFiles:
			i.Name, i.Error = inputFiles, wrongAt(inputFiles)
		case f.Kind == tickets.KindChoice:
			i.Sort = "choice"
			if len(f.Choices) > many {
				i.Sort = "list"
			}
			for _, c := range f.Choices {
				i.Choices = append(i.Choices, pick{c.ID, c.Label.In(l), c.ID == i.Value})
			}
		case f.Kind == tickets.KindDate:
			i.Type = "date"
			if _, err := time.Parse(time.DateOnly, i.Value); err != nil && i.Value != "" {
				i.Type = "text" // a date input cannot show what is none
			}
		case f.Kind == tickets.KindApplication:
			i.Choices = nil
			if about, known := p.Tickets.Catalogue.Application(i.Value); known {
				i.Value = about.Name
			}
			page.applications(p.Tickets.Catalogue, v.t, &i)
		case f.ID == tickets.FieldPhone:
			i.Type = "tel"
		case f.ID == tickets.FieldBody:
			i.Rows = 7
		}
		if f.ID == tickets.FieldSubject || f.Kind == tickets.KindLong && f.Max > 0 && f.Max < 2000 {
			i.Max = f.Longest()
		}
		switch {
		case past:
			own.Inputs = append(own.Inputs, i)
		case f.ID == tickets.FieldBeneficiary || f.ID == tickets.FieldOffice || f.ID == tickets.FieldPhone:
			who.Inputs = append(who.Inputs, i)
		default:
			what.Inputs = append(what.Inputs, i)
		}
	}
	who.Inputs = append(who.Inputs, input{
		Sort: "observers", Name: inputObservers, Label: p.Phrases.Say(l, "request.observers", nil), Help: p.Phrases.Say(l, "request.observers_why", nil),
		Value: page.values[inputObservers], Error: wrongAt(inputObservers), Complete: "off", Rows: 2,
	})
	for _, s := range []section{who, what, own} {
		if len(s.Inputs) > 0 {
			page.Sections = append(page.Sections, s)
		}
	}
}

// forInput asks whom the help is for.
func (p *Portal) forInput(l string, f tickets.Field, i *input, values map[string]string, wrongAt func(string) string) {
	i.Sort, i.Name, i.Error = "for", inputFor, wrongAt(inputFor)
	for _, c := range f.Choices {
		i.Choices = append(i.Choices, pick{c.ID, c.Label.In(l), c.ID == values[inputFor]})
	}
	i.Other = values[inputFor] == other
	i.PersonName, i.PersonEmail = values[inputForName], values[inputForEmail]
	i.NameError, i.EmailError = wrongAt(inputForName), wrongAt(inputForEmail)
}

// applications offers names of applications, those of the category first.
func (page *requestPage) applications(c tickets.Catalogue, t tickets.RequestType, i *input) {
	var own, others []pick
	for _, a := range c.Applications {
		one := pick{Value: a.Name, Label: a.Name}
		if a.Category == t.Category {
			own = append(own, one)
		} else {
			others = append(others, one)
		}
	}
	i.Choices = slices.Concat(own, others)
}
