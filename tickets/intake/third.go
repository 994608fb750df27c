package intake

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sportello/account"
	"sportello/tickets"
)

// forOther begins the words that name somebody for whom help is asked.
var forOther = regexp.MustCompile(`(?i)\b(?:(?:per|in nome e per) (?:conto|nome) (?:di|del|della|dello|dell['’]|dei|degli)|a nome (?:di|del|della|dell['’])|on behalf of|for (?:my|our|a) colleague|` +
	`per (?:il|la|un|una|l['’]|un['’]|il mio|la mia|il nostro|la nostra) ?(?:collega|collaborat(?:ore|rice)|dott(?:or|oressa|\.? ?ssa|\.)|funzionari[oa]|cancellier[ea]|assistente|giudice|presidente|direttore|direttrice|sig(?:nor|nora|\.ra|\.)))\b\.?\s*`)

// titles stand before a name and are no part of it.
var titles = regexp.MustCompile(`(?i)^(?:il|la|lo|i|gli|le|un|una|my|our|the|mr|mrs|ms|dr|judge|dott|dott\.?ssa|ssa|dottor|dottoressa|sig|sig\.?ra|sig\.?na|signor|signora|collega|colleague|avv|avvocato|giudice|presidente|cons|consigliere|direttore|direttrice|cancelliere|cancelliera|funzionario|funzionaria|assistente|mio|mia|nostro|nostra|del|della|dell|di|giudiziario|giudiziaria|amministrativo|amministrativa)\.?$`)

// addressWritten finds addresses within a text.
var addressWritten = regexp.MustCompile(`[^\s<>()\[\]",;:]{1,80}@[^\s<>()\[\]",;:]{1,120}`)

// headerLines are those of a mail that was passed on: who wrote it is not whom
// help is asked for.
var headerLines = regexp.MustCompile(`(?im)^[\s>*]*(?:da|a|cc|ccn|from|to|inviato|sent|mittente|reply-to)\s*:.*$`)

// third guesses for whom help is asked, if not for the sender: somebody who is
// named as that, or whose address of the organisation stands in the text. It
// is zero if nobody is. An operator decides.
func (i *Intake) third(text string, sender account.Person) tickets.Beneficiary {
	var b tickets.Beneficiary
	text = headerLines.ReplaceAllString(text, "")
	for _, at := range addressWritten.FindAllStringIndex(text, 50) {
		found := text[at[0]:at[1]]
		email, err := account.Address(strings.Trim(found, ".!?'’`*_"))
		if err != nil || email == sender.Email {
			continue
		}
		_, domain, _ := strings.Cut(email, "@")
		own := slices.ContainsFunc(i.Config.Addresses, func(a string) bool { return strings.EqualFold(a, email) })
		if oneOf(domain, i.domains()) && !own && !i.sharedMailbox(email) {
			b.Email, b.Name = email, nameBefore(text[:at[0]])
			break
		}
	}
	if at := forOther.FindStringIndex(text); at != nil {
		rest := text[at[1]:]
		if name := nameAt(rest); name != "" && !strings.EqualFold(name, sender.Name) {
			b.Name = name
		}
	}
	return b
}

// nameAt reads the name that begins a text: up to four words with capitals,
// after titles.
func nameAt(text string) string {
	var name []string
	for _, word := range strings.Fields(text[:min(len(text), 200)]) {
		ends := strings.ContainsAny(word, ",;:!?()") || strings.HasSuffix(word, ".") && len(word) > 4
		word = strings.Trim(word, ",;:!?()\"“”'’.")
		switch {
		case word == "" || strings.Contains(word, "@"):
			return strings.Join(name, " ")
		case len(name) == 0 && titles.MatchString(word):
			continue
		case !capital(word):
			return strings.Join(name, " ")
		}
		if name = append(name, word); ends || len(name) == 4 {
			break
		}
	}
	return strings.Join(name, " ")
}

// nameBefore reads the name that ends a text: "il collega Luca Neri (".
func nameBefore(text string) string {
	text = strings.TrimRight(text[max(0, len(text)-100):], " \t\"<([,:-")
	if at := strings.LastIndexAny(text, "\n.;:!?,()"); at >= 0 {
		text = text[at+1:]
	}
	words := strings.Fields(text)
	from := len(words)
	for from > 0 && len(words)-from < 4 && capital(words[from-1]) && !titles.MatchString(words[from-1]) {
		from--
	}
	if len(words)-from < 2 { // one word may be the first of a sentence
		return ""
	}
	return strings.Join(words[from:], " ")
}

// capital reports whether a word is written as names are.
func capital(word string) bool {
	for i, r := range word {
		if i == 0 && !unicode.IsUpper(r) {
			return false
		}
		if !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' {
			return false
		}
	}
	return true
}
