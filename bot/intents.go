package bot

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sportello/internal/strictyaml"
	"sportello/tickets"

	"golang.org/x/text/unicode/norm"
)

// Intent is what a message is for, when it is no question for the knowledge
// base: a command, a courtesy, an answer of one word. Empty if none.
type Intent string

// The intents that the assistant acts upon. Each has sample utterances in
// content/intents.
const (
	Greet         Intent = "greet"
	Thanks        Intent = "thanks"
	Goodbye       Intent = "goodbye"
	Complaint     Intent = "complaint"
	Insult        Intent = "insult"
	Human         Intent = "human"
	TicketOpen    Intent = "ticket.open"
	TicketThird   Intent = "ticket.third"
	TicketStatus  Intent = "ticket.status"
	TicketMessage Intent = "ticket.message"
	TicketClose   Intent = "ticket.close"
	TicketReopen  Intent = "ticket.reopen"
	TicketRate    Intent = "ticket.rate"
	Services      Intent = "catalogue"
	Hours         Intent = "hours"
	Phone         Intent = "phone"
	Help          Intent = "help"
	Identity      Intent = "bot.identity"
	WhoAmI        Intent = "account.whoami"
	ForgetMe      Intent = "account.forget"
	Chats         Intent = "account.chats"
	Elsewhere     Intent = "elsewhere"
	SpeakItalian  Intent = "language.it"
	SpeakEnglish  Intent = "language.en"
	Privacy       Intent = "privacy"
	SendCode      Intent = "verify.code-request"
	Cancel        Intent = "cancel"
	Back          Intent = "back"
	Next          Intent = "next"
	Skip          Intent = "skip"
	Restart       Intent = "restart"
	Stop          Intent = "stop"
	Repeat        Intent = "repeat"
	Yes           Intent = "yes"
	No            Intent = "no"
	Solved        Intent = "solved"
	Unsolved      Intent = "unsolved"
	None          Intent = "none"

	// plain stands for utterances that are none, however much they look like
	// one: "mi serve un reset della password".
	plain Intent = "question"
)

// Intents recognises intents by their likeness to sample utterances.
type Intents struct {
	languages map[string]*samples
}

type samples struct {
	exact map[string]Intent
	idf   map[string]float64
	rare  float64 // weight of a word that no sample has
	all   []sample
	with  map[string][]int // word without its ending → samples that have it, by their place in all
}

type sample struct {
	intent Intent
	words  map[string]bool // without their endings
	whole  map[string]bool // as they stand
	no     bool            // it negates something
	heavy  int             // how many of its words are not light
	length float64
}

// alike is how alike a message and a sample have to be, as the cosine of
// their words' weights.
const alike = 0.74

// light words say little about what somebody wants: they weigh a fraction.
var light = stems(strings.Fields(`
	il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai alle all da dal dalla in nel nella
	con su sul sulla sui per e o ma che ci si mi me te ti vi ne se come mio mia miei mie suo sua vostro
	vorrei voglio volevo vuole desidero desideravo preferisco preferirei posso potrei puo puoi potete potrebbe devo dovrei deve bisogno serve ho ha hai avete e sono sei siete
	ora adesso subito oggi ieri pure ok bene va proprio molto un po ancora poi allora dai guardi senta purtroppo pero perfetto tutti tutto tutta fammi faccia fatemi grazie favore prego lei
	the a an of to in on for and or my your me i you is am are be can could may would like want need please now just so ok it this that do does have has s m ll d`))

const lightness = 0.35

// rarer makes a word that no sample has speak against all of them.
const rarer = 1.2

// stems are the words without their endings, as a set: "riaprire", "riapra".
func stems(words []string) map[string]bool {
	cut := make(map[string]bool, len(words))
	for _, w := range words {
		cut[stem(w)] = true
	}
	return cut
}

func setOf(words []string) map[string]bool {
	all := make(map[string]bool, len(words))
	for _, w := range words {
		all[w] = true
	}
	return all
}

// weighty reports whether any of the words is not light.
func weighty(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return !light[stem(w)] })
}

// heavy counts the stems that are not light.
func heavy(stems map[string]bool) int {
	n := 0
	for w := range stems {
		if !light[w] {
			n++
		}
	}
	return n
}

func stem(w string) string {
	if len(w) < 5 {
		return w
	}
	for _, clitic := range []string{"mi", "ci", "vi", "lo", "la", "li", "le"} { // aprirmi, chiederle
		if base, cut := strings.CutSuffix(w, "r"+clitic); cut && len(base) > 3 {
			w = base + "re"
			break
		}
	}
	if base, cut := strings.CutSuffix(w, "re"); cut {
		w = base
	}
	return strings.TrimRight(w, "aeiou")
}

// ReadIntents parses the files <lang>.yaml of fsys, each a map from intent to
// utterances. It reports all mistakes at once: the same utterance under two
// intents, an intent without any.
func ReadIntents(fsys fs.FS) (*Intents, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	in := &Intents{languages: map[string]*samples{}}
	var mistakes []error
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		var utterances map[Intent][]string
		if err := strictyaml.Decode(text, &utterances); err != nil {
			mistakes = append(mistakes, fmt.Errorf("intents/%s: %w", file, err))
			continue
		}
		s, err := newSamples(utterances)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("intents/%s: %w", file, err))
		}
		in.languages[strings.TrimSuffix(path.Base(file), ".yaml")] = s
	}
	return in, errors.Join(mistakes...)
}

func newSamples(utterances map[Intent][]string) (*samples, error) {
	s := &samples{exact: map[string]Intent{}, idf: map[string]float64{}, with: map[string][]int{}}
	var mistakes []error
	for _, intent := range slices.Sorted(maps.Keys(utterances)) {
		if len(utterances[intent]) == 0 {
			mistakes = append(mistakes, fmt.Errorf("%s has no utterance", intent))
		}
		for _, utterance := range utterances[intent] {
			words := plainWords(utterance)
			key := strings.Join(words, " ")
			if other, taken := s.exact[key]; taken && other != intent {
				mistakes = append(mistakes, fmt.Errorf("%q stands under %s and %s", utterance, other, intent))
			}
			s.exact[key] = intent
			one := sample{intent: intent, words: stems(words), heavy: heavy(stems(words)), whole: setOf(words)}
			one.no = negates(one.whole)
			for w := range one.words {
				s.idf[w]++
				s.with[w] = append(s.with[w], len(s.all))
			}
			s.all = append(s.all, one)
		}
	}
	for w, n := range s.idf {
		s.idf[w] = math.Log(1 + float64(len(s.all))/n)
	}
	s.rare = rarer * math.Log(1+float64(len(s.all)))
	for i := range s.all {
		s.all[i].length = s.weigh(s.all[i].words)
	}
	return s, errors.Join(mistakes...)
}

// weight says how much a word tells: the rarer, the more.
func (s *samples) weight(w string) float64 {
	weight, known := s.idf[w]
	if !known {
		weight = s.rare
	}
	if light[w] {
		weight *= lightness
	}
	return weight
}

func (s *samples) weigh(words map[string]bool) float64 {
	sum := 0.0
	for _, w := range slices.Sorted(maps.Keys(words)) {
		sum += s.weight(w) * s.weight(w)
	}
	return math.Sqrt(sum)
}

// Match returns the intent of a message, or none. Courtesies around a command
// are passed over; a message that also tells a problem is none.
func (in *Intents) Match(lang, text string) Intent {
	s := in.languages[lang]
	if s == nil {
		return ""
	}
	if intent := s.match(text); intent != plain {
		return intent
	}
	return ""
}

func (s *samples) match(text string) Intent {
	words := plainWords(withoutNumber(text))
	if len(words) == 0 || len(words) > 20 {
		return ""
	}
	if intent, known := s.exact[strings.Join(words, " ")]; known {
		return intent
	}
	if bare := s.withoutCourtesy(words); weighty(bare) || len(bare) > 0 && s.exact[strings.Join(bare, " ")] != "" {
		words = bare
	}
	if intent, known := s.exact[strings.Join(words, " ")]; known {
		return intent
	}
	return s.nearest(words)
}

// ticketNumber is a ticket's number as it stands in a sentence.
var ticketNumber = regexp.MustCompile(`#\d{1,9}\b|\b20\d{2}[-/]\d{1,9}\b|\b\d{4,6}\b`)

// withoutNumber passes a ticket's number over: "novità sul 2026-000123?" and "a
// che punto è il ticket 12?" are questions for status.
func withoutNumber(text string) string {
	return ticketNumber.ReplaceAllString(tickets.WithoutCount(text), " ")
}

// nearest returns the intent of the sample that is most like these words;
// among equals, of the one that shares most words as they stand.
func (s *samples) nearest(words []string) Intent {
	if !weighty(words) {
		return "" // they may mean anything
	}
	cut, whole := stems(words), setOf(words)
	length, order := s.weigh(cut), slices.Sorted(maps.Keys(cut)) // sums must not depend on chance
	common := make([]float64, len(s.all))
	for _, w := range order {
		weight := s.weight(w)
		for _, i := range s.with[w] {
			common[i] += weight * weight
		}
	}
	no, alone := negates(whole), heavy(cut) == 1 // one word must be the whole matter: "cancelliere" deletes nothing
	best, intent := 0.0, Intent("")
	for i, one := range s.all {
		if common[i] == 0 || one.no != no || alone && one.heavy > 1 {
			continue
		}
		likeness := common[i] / (length * one.length)
		if likeness < alike {
			continue
		}
		same := 0.0
		for w := range whole {
			if one.whole[w] {
				same++
			}
		}
		if likeness += same / float64(len(whole)+len(one.whole)) / 10; likeness > best {
			best, intent = likeness, one.intent
		}
	}
	return intent
}

// negates reports whether words say no: "non riesco a entrare" is not "riesco
// a entrare", however alike they are.
func negates(words map[string]bool) bool {
	for _, w := range []string{"non", "mai", "niente", "nulla", "nessuno", "nessuna", "not", "t", "cannot", "never", "nothing"} {
		if words[w] {
			return true
		}
	}
	return false
}

// withoutCourtesy takes greetings and thanks from both ends.
func (s *samples) withoutCourtesy(words []string) []string {
	polite := func(part []string) bool {
		switch s.exact[strings.Join(part, " ")] {
		case Greet, Thanks, Goodbye:
			return true
		}
		return slices.Contains(courtesies, strings.Join(part, " "))
	}
	for again := true; again; {
		again = false
		for n := min(3, len(words)); n > 0; n-- {
			if polite(words[:n]) {
				words, again = words[n:], true
				break
			}
			if polite(words[len(words)-n:]) {
				words, again = words[:len(words)-n], true
				break
			}
		}
	}
	return words
}

// courtesies surround a request without being one.
var courtesies = []string{"per favore", "per piacere", "per cortesia", "cortesemente", "gentilmente", "scusi", "scusa", "senta", "please", "sorry", "e", "and"}

var shorthand = map[string]string{
	"nn": "non", "x": "per", "xke": "perche", "xche": "perche", "ke": "che", "cmq": "comunque",
	"grz": "grazie", "tt": "tutto", "qlc": "qualcuno", "sn": "sono", "cn": "con",
}

// plainWords are the words of a text without case, accents, punctuation and
// shorthand; letters drawn out for emphasis are cut short.
func plainWords(text string) []string {
	var b strings.Builder
	var last rune
	run := 0
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if r == last {
			run++
		} else {
			last, run = r, 1
		}
		switch {
		case run > 2:
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if long, known := shorthand[w]; known {
			words[i] = long
		}
	}
	return words
}
