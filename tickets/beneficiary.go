package tickets

import (
	"regexp"
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

// addressLike is what has to be cut out of a sentence to leave the name.
var addressLike = regexp.MustCompile(`[<(]?\s*\S+@\S+[^\s,;)>]\s*[>)]?`)

// courtesy precedes a name in people's answers.
var courtesy = regexp.MustCompile(`(?i)^(?:(?:è|e'|e’|it'?s|it is|for|per)\s+)*(?:(?:una?|il|la|il mio|la mia|mio|mia|my|a)\s+)?(?:collega|colleague|signor[ae]?|sig\.?(?:ra)?|dott\.?(?:ssa)?|dottor(?:essa)?)?[\s:,]+`)

// readBeneficiary reads "Anna Bianchi, anna.bianchi@giustizia.it" in the ways
// people write it. What is missing stays empty.
func readBeneficiary(text string) Beneficiary {
	var b Beneficiary
	b.Email, _ = account.FindAddress(text)
	name := addressLike.ReplaceAllString(text, " ")
	name = courtesy.ReplaceAllString(" "+name, " ")
	for _, word := range []string{"e-mail", "email", "mail", "indirizzo", "address"} {
		name = regexp.MustCompile(`(?i)\b`+word+`\b`).ReplaceAllString(name, " ")
	}
	b.Name = strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(name), " ,;:.-<>()\t")), " ")
	b.Name = strings.Trim(b.Name, " ,;:.-")
	return b
}
