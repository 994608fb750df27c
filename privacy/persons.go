package privacy

import (
	"regexp"
	"strings"
)

// MaskPersons is Mask for text that leaves the program: it also takes out what
// tells who somebody is. These are e-mail addresses, user names, telephone and
// other long numbers (of staff, files, inventories, addresses of machines), and
// names after words that introduce them, such as "mi chiamo" or "la dott.ssa".
// A name in the middle of a sentence that nothing introduces is not recognised.
func MaskPersons(text string) string {
	text, _ = Mask(text)
	for _, m := range identifying {
		text = m.form.ReplaceAllString(text, m.put)
	}
	return dotted.ReplaceAllStringFunc(text, func(name string) string {
		if given, family, two := strings.Cut(name, "."); two && len(given) > 2 && len(family) > 3 && letters(given) && letters(family) && !fileName.MatchString(name) {
			return "‹utente›"
		}
		return name
	})
}

// dotted is what consists of words and points: a user name if there are two
// and the second ends no file or host, such as mario.rossi.
var dotted = regexp.MustCompile(`[\p{L}\d\-]+(?:\.[\p{L}\d\-]+)+`)

// identifying is what tells who somebody is, in the order in which it is
// looked for. Placeholders hold no sign that a later form could take for more.
var identifying = []struct {
	form *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`(?i)[\p{L}\d._%+\-]+\s?(?:@|\(at\)|\[at\]|\schiocciola\s)\s?[\p{L}\d\-]+(?:\.[\p{L}\d\-]+)*`), "‹e-mail›"},
	{regexp.MustCompile(`\b[\p{L}\d.\-]{2,}\\[\p{L}\d._\-]{2,}`), "‹utente›"}, // DOMAIN\name
	{regexp.MustCompile(`(?i)\b((?:nome utente|utente|utenza|user ?name|user|login|account|matricola|badge|staff id|userid)(?:\s*[:=#]\s*|\s+(?:è|e'|is|n\.?|nr\.?)?\s*))(` + userName + `)`), "${1}‹utente›"},
	{regexp.MustCompile(`\b[a-zàèéìòù]{2,}\.[a-zàèéìòù]{3,}\d{1,3}\b`), "‹utente›"}, // mario.rossi82
	{regexp.MustCompile(`((?i:\b(?:mi chiamo|sono|il mio nome è|my name is|i am|i'm|this is|firmato|cordialmente|cordiali saluti|distinti saluti|best regards|kind regards|collega|colleague|giudice|cancelliere|funzionario|direttore|direttrice|presidente|avvocato|avvocata|dottor|dottore|dottoressa|signor|signora|signorina|mr|mrs|ms|dott|dott\.?ssa|dr|dr\.?ssa|avv|sig|sig\.?ra|ing|prof|prof\.?ssa|cons|pres|proc|geom|rag)\b)[.,:]?\s+(?:(?i:il|la|lo|l'|dott\.?|dott\.?ssa|avv\.?|sig\.?|sig\.?ra|dr\.?|judge|judges?)\s+)?)(` + properName + `)`), "${1}‹nome›"},
	{regexp.MustCompile(`(?i)\b((?:mi chiamo|il mio nome è|my name is)\s+)[\p{L}'’]{2,}(?:\s+[\p{L}'’]{3,})?`), "${1}‹nome›"}, // whatever the case
	{regexp.MustCompile(`\+?\(?\d(?:[\s./\-()]{0,2}\d){4,}`), "‹numero›"},
	{regexp.MustCompile(`\b\d{1,6}\s?/\s?\d{2,4}\b`), "‹numero›"}, // of a file: 1234/25
}

const (
	// a user name holds a digit or a sign, or else it is a word of a sentence
	userName = `[\p{L}\d]*(?:\d|[\p{L}\d][._\-][\p{L}\d])[\p{L}\d._\-]*`
	// up to three words with a capital, with what stands between them
	properName = `\p{Lu}(?:['’]\p{Lu})?\p{Ll}+(?:(?:\s+(?:de|di|del|della|dei|lo|la|van|von|d['’])?\s*|['’\-])\p{Lu}(?:['’]\p{Lu})?\p{Ll}+){0,2}`
)
