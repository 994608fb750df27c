// Package analysis turns Italian and English text into the words that an index
// should hold, and that a question should be looked up with.
//
// It promises that the ways in which people write the same word meet: capitals
// and accents do not matter ("città", "citta", "citta'", "CITTÀ"), nor which
// apostrophe was typed ("l’app", "l'app"), nor number, gender and the commoner
// verb endings ("carta", "carte"; "installo", "installarlo"), nor a space
// inside a compound ("smart card", "smartcard"), nor digits ("tre", "3"). Acronyms, product names, error
// codes, addresses and versions stay whole ("Script@", ".p7m", "0x80070005").
//
// Analysis never fails and never panics, whatever the text.
package analysis

// Version changes whenever the same text gives other words than before: an
// index made by another version must be built again.
const Version = 3

// The languages known here.
const (
	Italian = "it"
	English = "en"
)

// Word is one word of a text.
type Word struct {
	Text       string // folded: lower case, without accents and apostrophes
	Term       string // what is indexed: the stem of Text
	Start, End int    // bytes of the original text it was read from
	Function   bool   // a grammar word ("il", "come", "the"), which says little by itself
	Name       bool   // an acronym, code, address or number: spelt as it is meant
}

// Analyze returns the words of text in their order.
func Analyze(lang, text string) []Word {
	return Join(lang, tokens(text))
}

// Stem returns the form under which a folded word is indexed.
func Stem(lang, word string) string {
	if digits := numbers[lang][word]; digits != "" {
		return digits
	}
	if lang == English {
		return stemEnglish(word)
	}
	return stemItalian(word)
}

// Function reports whether a folded word belongs to the grammar of the
// language rather than to a subject.
func Function(lang, word string) bool {
	if len(word) == 1 && (word[0] < '0' || word[0] > '9') {
		return true
	}
	if lang == English {
		return englishFunction[word]
	}
	return italianFunction[word]
}

// compounds are written as one word or as two, with and without hyphen.
var compounds = map[[2]string]string{
	{"smart", "card"}: "smartcard", {"e", "mail"}: "email", {"wi", "fi"}: "wifi",
	{"log", "in"}: "login", {"log", "out"}: "logout", {"user", "name"}: "username",
	{"pass", "word"}: "password", {"back", "up"}: "backup", {"on", "line"}: "online",
	{"off", "line"}: "offline", {"one", "drive"}: "onedrive", {"web", "mail"}: "webmail",
	{"note", "book"}: "notebook", {"smart", "working"}: "smartworking", {"web", "cam"}: "webcam",
	{"down", "load"}: "download", {"up", "load"}: "upload", {"pop", "up"}: "popup",
	{"call", "center"}: "callcenter", {"help", "desk"}: "helpdesk", {"service", "desk"}: "servicedesk",
	{"touch", "pad"}: "touchpad", {"hot", "spot"}: "hotspot", {"screen", "shot"}: "screenshot",
	{"spedi", "gius"}: "spedigius", {"noi", "pa"}: "noipa", {"polis", "web"}: "polisweb",
	{"rege", "web"}: "regeweb", {"reg", "inde"}: "reginde", {"data", "base"}: "database",
	{"multi", "funzione"}: "multifunzione",
	{"desk", "top"}:       "desktop", {"lap", "top"}: "laptop", {"user", "id"}: "userid",
	{"video", "conferenza"}: "videoconferenza",
}

// Compound reports whether a word is one of those also written as two.
func Compound(word string) bool {
	for _, one := range compounds {
		if one == word {
			return true
		}
	}
	return false
}

// Join writes spaced and hyphenated compounds as one word, and stems what has
// no term yet. It changes words; who mends a spelling calls it again.
func Join(lang string, words []Word) []Word {
	out := words[:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		if i+1 < len(words) && len(w.Text) <= 9 {
			next := words[i+1]
			if one := compounds[[2]string{w.Text, next.Text}]; one != "" && next.Start-w.End <= 2 {
				w = Word{Text: one, Start: w.Start, End: next.End}
				i++
			}
		}
		out = append(out, w)
	}
	for i := range out {
		w := &out[i]
		if !w.Function {
			w.Function = !w.Name && Function(lang, w.Text)
		}
		if w.Term == "" {
			w.Term = Stem(lang, w.Text)
		}
	}
	return out
}
