package tickets

import (
	"slices"
	"strings"
	"time"

	"sportello/internal/fault"
)

// maxLine is the limit of a line of text where the catalogue says none.
const maxLine = 200

// Longest is how many characters a value of f may have.
func (f Field) Longest() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Kind == KindLong:
		return MaxBody
	default:
		return maxLine
	}
}

// Read turns what somebody wrote or chose into the value of f, as Draft.With
// takes it: the ID of a choice, a date as 2006-01-02, a person as
// "Name <address>", else the text. Empty text is an empty value: whether it may
// be is for Catalogue.Check. It fails with fault.Invalid, or fault.TooLarge for
// a text over the limit; the phrase names the field by its label in lang.
func (f Field) Read(text, lang string, now time.Time) (string, error) {
	text = trimmed(text)
	if text == "" {
		return "", nil
	}
	label := f.Label.In(lang)
	if tooLong(text, f.Longest()) {
		if f.ID == FieldSubject {
			return "", fault.New(fault.TooLarge, "ticket.subject_long", fault.Values{"Max": f.Longest()})
		}
		return "", fault.New(fault.TooLarge, "ticket.field_long", fault.Values{"Label": label, "Max": f.Longest()})
	}
	switch f.Kind {
	case KindChoice:
		if c, found := f.choose(text); found {
			return c.ID, nil
		}
		return "", fault.New(fault.Invalid, "ticket.field_choice", fault.Values{"Label": label})
	case KindDate:
		if day, found := readDate(text, now); found {
			return day.Format(time.DateOnly), nil
		}
		return "", fault.New(fault.Invalid, "ticket.field_date", fault.Values{"Label": label})
	case KindPerson:
		return f.readPerson(text)
	case KindLong:
		return text, nil
	default:
		return oneLine(text), nil
	}
}

// choose finds the choice that text names: its ID, or its label in any
// language, or the only one whose label holds the words.
func (f Field) choose(text string) (Choice, bool) {
	said := strings.Join(foldAll(tokens(text)), " ")
	var holding []Choice
	for _, c := range f.Choices {
		if text == c.ID {
			return c, true
		}
		held := false
		for _, label := range c.Label {
			words := strings.Join(foldAll(tokens(label)), " ")
			if words == said {
				return c, true
			}
			held = held || said != "" && strings.Contains(" "+words+" ", " "+said+" ")
		}
		if held {
			holding = append(holding, c)
		}
	}
	if len(holding) != 1 {
		return Choice{}, false
	}
	return holding[0], true
}

// forMe are answers to "for whom?" that mean the author.
var forMe = []string{"me", "per me", "per me stesso", "per me stessa", "io", "mia", "mio", "sono io", "for me", "myself", "for myself", "me stesso", "me stessa", "per il sottoscritto", "per la sottoscritta", "it s for me", "it is for me"}

// readPerson understands "for me", or name and address of somebody else.
func (f Field) readPerson(text string) (string, error) {
	said := strings.Join(foldAll(tokens(text)), " ")
	if slices.Contains(forMe, said) {
		return ForMe, nil
	}
	if c, chosen := f.choose(text); chosen {
		if c.ID == ForMe {
			return ForMe, nil
		}
		return "", fault.New(fault.Invalid, "ticket.beneficiary_who")
	}
	b := readBeneficiary(text)
	switch {
	case b.Name == "" && b.Email == "":
		return "", fault.New(fault.Invalid, "ticket.beneficiary_who")
	case b.Name == "":
		return "", fault.New(fault.Invalid, "ticket.beneficiary_name")
	case b.Email == "":
		return "", fault.New(fault.Invalid, "ticket.beneficiary_email")
	}
	return b.String(), nil
}

// Show writes a value of f for people: the label of a choice, the date as it
// is written in Italy.
func (f Field) Show(value, lang string) string {
	if c, found := f.Choice(value); found {
		return c.Label.In(lang)
	}
	if day, err := time.Parse(time.DateOnly, value); err == nil && f.Kind == KindDate {
		return day.Format("02/01/2006")
	}
	return value
}
