package portal

import (
	"cmp"
	"crypto/rand"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// The names of a form's inputs that are no fields of the catalogue.
const (
	inputFor       = "for" // whom the help is for: me or other
	inputForName   = "for-name"
	inputForEmail  = "for-email"
	inputObservers = "observers"
	inputFiles     = "files"
	inputKey       = "key"  // of the form: the same one opens one ticket
	inputSeen      = "seen" // articles and tickets that were shown before sending
	inputDo        = "do"   // what is to be done with the form

	other = "other" // the answer of inputFor that names somebody
)

// inputName is the name of the input of a field.
func inputName(field string) string { return "f-" + field }

// unmasked are inputs whose secrets are none: numbers to call, names and
// addresses of people.
var unmasked = []string{inputName(tickets.FieldPhone), inputFor, inputForName, inputForEmail, inputObservers}

// written is a form as it was sent to us, secrets taken out.
type written struct {
	Do     string
	Key    string
	Seen   []string
	Values map[string]string
	Masked []privacy.Kind
}

// keyShape is what rand.Text makes.
var keyShape = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// readWritten takes the inputs of a request type out of what was posted. Others
// are left out: a page of an earlier release, or somebody's experiment.
func readWritten(t tickets.RequestType, posted url.Values) written {
	f := written{Do: posted.Get(inputDo), Key: posted.Get(inputKey), Values: map[string]string{}}
	if !keyShape.MatchString(f.Key) {
		f.Key = rand.Text()
	}
	for _, seen := range strings.Fields(posted.Get(inputSeen)) {
		if len(f.Seen) < 40 && len(seen) < 120 {
			f.Seen = append(f.Seen, seen)
		}
	}
	found := map[privacy.Kind]bool{}
	for _, name := range inputsOf(t) {
		value := posted.Get(name)
		if value == "" || name == inputFiles {
			continue
		}
		if !slices.Contains(unmasked, name) {
			var kinds []privacy.Kind
			value, kinds = privacy.Mask(value)
			for _, k := range kinds {
				found[k] = true
			}
		}
		f.Values[name] = value
	}
	f.Masked = inOrder(found)
	return f
}

// inOrder lists kinds of secrets, the gravest first.
func inOrder(found map[privacy.Kind]bool) []privacy.Kind {
	return slices.DeleteFunc(slices.Clone(privacy.Kinds), func(k privacy.Kind) bool { return !found[k] })
}

// allMasked joins what was taken out at different times.
func allMasked(a, b []privacy.Kind) []privacy.Kind {
	found := map[privacy.Kind]bool{}
	for _, k := range slices.Concat(a, b) {
		found[k] = true
	}
	return inOrder(found)
}

// inputsOf names the inputs of a request type, in the order of its form.
func inputsOf(t tickets.RequestType) []string {
	var names []string
	for _, f := range t.Fields {
		switch {
		case f.ID == tickets.FieldBeneficiary:
			names = append(names, inputFor, inputForName, inputForEmail)
		case f.Kind == tickets.KindFiles:
			names = append(names, inputFiles)
		default:
			names = append(names, inputName(f.ID))
		}
		if f.ID == tickets.FieldPhone {
			names = append(names, inputObservers)
		}
	}
	return names
}

// wrong is a problem with what stands in an input.
type wrong struct {
	Input  string
	Phrase string
	Values fault.Values
}

// understood is what a form means.
type understood struct {
	Draft     tickets.Draft
	Observers []string // addresses
	Wrong     []wrong  // in the order of the form
}

// understand reads a form as its request type defines it and tells everything
// that is wrong with it, each at its input.
func (p *Portal) understand(l string, t tickets.RequestType, f written, by *account.Person) understood {
	u := understood{Draft: tickets.Draft{RequestType: t.ID, Channel: "portal"}}
	add := func(input string, err error) {
		phrase, values := fault.Public(err)
		u.Wrong = append(u.Wrong, wrong{input, phrase, values})
	}
	for _, field := range t.Fields {
		text := f.Values[inputName(field.ID)]
		switch {
		case field.ID == tickets.FieldBeneficiary:
			u.readFor(f.Values, add)
			continue
		case field.Kind == tickets.KindFiles:
			continue
		case field.Kind == tickets.KindApplication:
			text = p.applicationID(text)
		}
		value, err := field.Read(text, l, p.Now().In(rome))
		if err != nil {
			add(inputName(field.ID), err)
			continue
		}
		u.Draft = u.Draft.With(field.ID, value)
	}
	u.readObservers(p.Domains, f.Values[inputObservers], by, add)
	if _, asked := t.Field(tickets.FieldApplication); !asked {
		named, _ := p.Tickets.Catalogue.FindApplication(u.Draft.Subject)
		u.Draft.Application = named.ID
	}
	u.Draft = p.Tickets.Catalogue.Complete(u.Draft)
	for _, problem := range p.Tickets.Catalogue.Check(u.Draft, l) {
		u.add(wrong{inputOf(problem), problem.Phrase, problem.Values})
	}
	order := inputsOf(t)
	slices.SortStableFunc(u.Wrong, func(a, b wrong) int {
		return cmp.Compare(slices.Index(order, a.Input), slices.Index(order, b.Input))
	})
	return u
}

// add adds a problem unless its input has one already.
func (u *understood) add(w wrong) {
	if w.Input == inputFor && u.at(inputForName) || u.at(w.Input) {
		return
	}
	u.Wrong = append(u.Wrong, w)
}

func (u *understood) at(input string) bool {
	return slices.ContainsFunc(u.Wrong, func(w wrong) bool {
		return w.Input == input || input == inputForName && w.Input == inputForEmail
	})
}

// inputOf is the input at which a problem of the catalogue is told.
func inputOf(problem tickets.Problem) string {
	switch {
	case problem.Field != tickets.FieldBeneficiary:
		return inputName(problem.Field)
	case problem.Phrase == "ticket.beneficiary_email":
		return inputForEmail
	case problem.Phrase == "ticket.field_missing":
		return inputFor
	}
	return inputForName
}

// longestName of a person whom help is for, in characters.
const longestName = 200

// readFor reads whom the help is for: the author, or somebody by name and
// address.
func (u *understood) readFor(values map[string]string, add func(string, error)) {
	switch values[inputFor] {
	case tickets.ForMe:
		u.Draft.ForMe = true
		return
	case other:
	default:
		return // Check tells that it is missing
	}
	name := strings.Join(strings.Fields(values[inputForName]), " ")
	switch {
	case name == "":
		add(inputForName, fault.New(fault.Invalid, "request.for_name"))
	case len([]rune(name)) > longestName:
		add(inputForName, fault.New(fault.Invalid, "ticket.person_name"))
	}
	address, err := account.Address(values[inputForEmail])
	if strings.TrimSpace(values[inputForEmail]) == "" {
		err = fault.New(fault.Invalid, "request.for_email")
	}
	if err != nil {
		add(inputForEmail, err)
	}
	u.Draft.Beneficiary = tickets.Beneficiary{Name: name, Email: address}
}

// between separates addresses.
var between = regexp.MustCompile(`[\s,;]+`)

// readObservers reads the addresses of those who shall follow the request:
// people of the organisation.
func (u *understood) readObservers(domains account.Domains, text string, by *account.Person, add func(string, error)) {
	for _, one := range between.Split(strings.TrimSpace(text), -1) {
		if one == "" {
			continue
		}
		address, external, err := domains.Decide(strings.Trim(one, "<>"))
		shown := one
		if len([]rune(shown)) > 80 {
			shown = string([]rune(shown)[:80]) + "…"
		}
		switch {
		case fault.Is(err, fault.Invalid):
			add(inputObservers, fault.New(fault.Invalid, "request.observer_address", fault.Values{"Address": shown}))
			return
		case err != nil || external:
			add(inputObservers, fault.New(fault.Invalid, "request.observer_external", fault.Values{"Address": shown, "Domains": strings.Join(domains.Employee, ", ")}))
			return
		case by != nil && address == by.Email || slices.Contains(u.Observers, address):
			continue
		}
		if u.Observers = append(u.Observers, address); len(u.Observers) > tickets.MaxObservers {
			add(inputObservers, fault.New(fault.Invalid, "ticket.observers_many", fault.Values{"Most": tickets.MaxObservers}))
			return
		}
	}
}

// applicationID is the application that somebody chose or wrote, or the text
// itself where it is none: Check tells.
func (p *Portal) applicationID(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	for _, a := range p.Tickets.Catalogue.Applications {
		if strings.EqualFold(text, a.Name) || strings.EqualFold(text, a.Short) || text == a.ID {
			return a.ID
		}
	}
	if named, found := p.Tickets.Catalogue.FindApplication(text); found {
		return named.ID
	}
	return text
}

// filled are the values of a form that nobody has written into: what we know
// of the person, and of the problem if they told it in the catalogue's search.
func (p *Portal) filled(t tickets.RequestType, by *account.Person, told string) map[string]string {
	values := map[string]string{inputFor: tickets.ForMe}
	if by != nil {
		values[inputName(tickets.FieldOffice)] = by.Office
		values[inputName(tickets.FieldPhone)] = by.Phone
	}
	d := tickets.Draft{RequestType: t.ID}
	if told != "" {
		about, _ := p.Tickets.Catalogue.FindApplication(told)
		d.Application = about.ID
		values[inputName(tickets.FieldBody)] = told
		values[inputName(tickets.FieldSubject)] = tickets.ProposeSubject(about.Title(), told)
	}
	if _, asked := t.Field(tickets.FieldApplication); asked {
		about, _ := p.Tickets.Catalogue.Application(p.Tickets.Catalogue.Complete(d).Application)
		values[inputName(tickets.FieldApplication)] = about.Name
	}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
	return values
}
