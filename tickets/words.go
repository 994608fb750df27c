package tickets

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// tokens splits a text at everything that is neither letter nor digit, keeping
// the writing. An @ that ends a word belongs to it: Script@ is a name.
func tokens(text string) []string {
	var all []string
	start := -1
	letters := []rune(text)
	for i, r := range letters {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) ||
			r == '@' && start >= 0 && (i+1 == len(letters) || !unicode.IsLetter(letters[i+1]) && !unicode.IsDigit(letters[i+1]))
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			all = append(all, string(letters[start:i]))
			start = -1
		}
	}
	if start >= 0 {
		all = append(all, string(letters[start:]))
	}
	return all
}

// fold makes words comparable: lower case, no accents.
func fold(word string) string {
	plain := true
	for i := range len(word) {
		if word[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return strings.ToLower(word)
	}
	// The transformer keeps state, so each call has its own.
	without, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), word)
	if err != nil {
		return strings.ToLower(word)
	}
	return strings.ToLower(without)
}

func foldAll(words []string) []string {
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = fold(w)
	}
	return folded
}

// stem cuts what inflects a word, enough to compare subjects: "fascicoli" and
// "fascicolo" are the same.
func stem(word string) string {
	if len(word) < 4 {
		return word
	}
	return strings.TrimRight(word, "aeiou")
}

// set makes a lookup of the words in a text.
func set(text string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(text) {
		words[w] = true
	}
	return words
}

// functionWords say nothing about a problem: articles, prepositions, pronouns,
// auxiliaries, courtesy and the phrases that wrap a request, in Italian and
// English, folded. Words that negate are not among them.
var functionWords = set(`
il lo la i gli le l un uno una di a da in con su per tra fra d c n s t v m cos com dov quand quant
del dello della dei degli delle dell al allo alla ai agli alle all dal dallo dalla dai dagli dalle dall
nel nello nella nei negli nelle nell sul sullo sulla sui sugli sulle sull col coi ad ed od
e o ma se che chi cui come quando dove perche pero quindi allora anche ancora piu gia solo sempre
io tu lui lei noi voi loro mi ti si ci vi ne me te se ce ve lo la li le gli mio mia miei mie suo sua suoi sue nostro nostra nostri nostre
questo questa questi queste quello quella quelli quelle quest quell qui qua
ho hai ha abbiamo avete hanno avevo aveva sono sei siamo siete era ero stato stata stati essere avere
buongiorno buonasera buonpomeriggio buon buona giorno sera pomeriggio salve ciao gentile gentili spett spettabile egregio cortese cortesemente cordiali saluti distinti
grazie prego scusate scusi scusa scusami favore piacere cortesia urgente urgentemente urgenza anticipo mille tante
vorrei volevo voglio devo dovrei posso potrei potete potrebbe puo possibile avrei bisogno serve serviva sapere chiedere chiedo segnalare segnalo aiuto aiutarmi aiutatemi aiutare
richiesta problema problemi oggetto ticket assistenza helpdesk help desk aprire
oggi ieri stamattina stamane stasera adesso ora domani giorni giorno minuti settimana mattina fa
poi cosa fare faccio dopo prima quale quali niente nulla molto tutto tutti tutta tutte ogni
the a an of to in on at for with from by and or but if is are was were be been am i you he she it we they my your his her our their me
this that these those there here please hello hi dear thanks thank good morning afternoon evening would like want need can could help have has had do does did
`)

// shorthand is how people abbreviate the few words that matter in a subject.
var shorthand = map[string]string{"nn": "non", "n": "non", "funge": "funziona", "pw": "password", "psw": "password", "pwd": "password"}

// negations keep the word that follows them, even if it is a function word:
// "non ho accesso", "non mi fa entrare".
var negations = set("non not no senza without cannot can't don't doesn't nemmeno neanche mai")

// carriers are what stays after a negation although it is a function word.
var carriers = set("ho ha fa posso puo possibile sono e serve")
