package tickets

import (
	"regexp"
	"slices"
	"strings"

	"sportello/account"
)

// String writes b as "Name <address>", or what there is of it.
func (b Beneficiary) String() string {
	switch {
	case b.Email == "":
		return b.Name
	case b.Name == "":
		return b.Email
	default:
		return b.Name + " <" + b.Email + ">"
	}
}

// same reports whether two requests are for one person.
func (b Beneficiary) same(other Beneficiary) bool {
	if b.Email != "" && other.Email != "" {
		return strings.EqualFold(b.Email, other.Email)
	}
	return strings.EqualFold(oneLine(b.Name), oneLine(other.Name)) && b.Email == other.Email
}

// addressLike is what has to be cut out of a sentence to leave the name.
var addressLike = regexp.MustCompile(`\S*@\S*`)

// nameMarks are what people put between name and address.
var nameMarks = strings.NewReplacer(",", " ", ";", " ", ":", " ", "<", " ", ">", " ", "(", " ", ")", " ", "\"", " ")

// aroundNames are words before or after a name that are not part of it, folded.
var aroundNames = set(`
e per la il lo un una mio mia collega collaboratrice collaboratore signora signor signore sig sig.ra sigra dott dott.ssa dottor dottoressa dottore
avv avvocato giudice presidente cancelliere email e-mail mail indirizzo pec si chiama nome cognome
it is for my a the colleague mr mrs ms dr address her his name and
`)

// readBeneficiary reads "Anna Bianchi, anna.bianchi@giustizia.it" in the ways
// people write it. What is missing stays empty.
func readBeneficiary(text string) Beneficiary {
	var b Beneficiary
	b.Email, _ = account.FindAddress(text)
	words := strings.Fields(nameMarks.Replace(addressLike.ReplaceAllString(text, " ")))
	around := func(word string) bool {
		return aroundNames[strings.Trim(fold(word), ".-–")] || strings.Trim(word, ".-–") == ""
	}
	for len(words) > 0 && around(words[0]) {
		words = words[1:]
	}
	for len(words) > 0 && around(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, ".-–") == "" })
	b.Name = strings.TrimRight(strings.Join(words, " "), ".-–")
	return b
}
