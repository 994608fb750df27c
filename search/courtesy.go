package search

import (
	"strings"

	"sportello/search/analysis"
)

// courtesies are what people wrap around a question: greetings, thanks,
// urgency, forms of letters. Longer phrases come first where one begins another.
var courtesies = map[string][][]string{
	analysis.Italian: phrases(`
		buongiorno a tutti; buon giorno a tutti; buongiorno; buon giorno; buonasera; buona sera; buon pomeriggio; buona giornata;
		buondi; salve a tutti; salve; ciao a tutti; ciao; gentile utente; gentili colleghi; gentile assistenza; spett le; spettabile;
		gentili signori; cari colleghi; egregi; gentilissimi; grazie mille; mille grazie; grazie in anticipo; grazie anticipatamente;
		ringrazio anticipatamente; vi ringrazio; la ringrazio; ringraziando; ringrazio; grazie; per favore; per piacere;
		per cortesia; cortesemente; gentilmente; se possibile; vi prego; ti prego; la prego; prego; pf; pls;
		cordiali saluti; distinti saluti; un cordiale saluto; saluti; cordialmente; come da oggetto; urgentissimo;
		massima urgenza; con urgenza; urgentemente; urgente; scusate il disturbo; scusi il disturbo; scusate; scusi; scusa;
		mi scusi; avrei bisogno di aiuto; ho bisogno di aiuto; mi serve aiuto; potete aiutarmi; puo aiutarmi; mi puo aiutare;
		mi potete aiutare; mi aiutate; vorrei sapere; volevo sapere; vorrei chiedere; volevo chiedere; sapete dirmi; mi sapete dire;
		mi sa dire; potete dirmi; puo dirmi; mi dica; vi chiedo; un informazione; una informazione; una domanda; ho una domanda;
		avrei una domanda; avrei bisogno di sapere; ho bisogno di sapere; mi potete dire; mi puo dire`),
	analysis.English: phrases(`
		good morning; good afternoon; good evening; hello there; hello; hi there; hi; hey; dear all; dear support; thank you very much;
		thanks a lot; thanks in advance; thank you; thanks; please; kindly; best regards; kind regards; regards; as soon as possible;
		asap; urgent; sorry to bother you; sorry; excuse me; can you help me; could you help me; i need help; help me;
		i would like to know; i d like to know; can you tell me; could you tell me; i have a question`),
}

func phrases(list string) [][]string {
	var all [][]string
	for p := range strings.SplitSeq(list, ";") {
		all = append(all, strings.Fields(p))
	}
	return all
}

// WithoutCourtesy returns the words of a question that are not greeting,
// thanks or plea; all of them if nothing else would be left.
func WithoutCourtesy(lang string, words []analysis.Word) []analysis.Word {
	rest := make([]analysis.Word, 0, len(words))
	subject := false
	for i := 0; i < len(words); {
		if n := courtesyAt(courtesies[lang], words[i:]); n > 0 {
			i += n
			continue
		}
		rest = append(rest, words[i])
		subject = subject || !words[i].Function
		i++
	}
	if !subject {
		return words
	}
	return rest
}

// courtesyAt returns how many words the longest courtesy takes with which words begin.
func courtesyAt(list [][]string, words []analysis.Word) int {
	longest := 0
next:
	for _, phrase := range list {
		if len(phrase) <= longest || len(phrase) > len(words) {
			continue
		}
		for i, w := range phrase {
			if words[i].Text != w {
				continue next
			}
		}
		longest = len(phrase)
	}
	return longest
}

// GuessLanguage tells in which language a text is written, by its grammar
// words; sure is false if they do not tell. Italian is the default: names of
// programs, log lines and dialect make no text English for sure.
func GuessLanguage(text string) (lang string, sure bool) {
	italian, english, told := 0, 0, false
	for _, w := range analysis.Analyze(analysis.Italian, text) {
		if w.Name || len(w.Text) < 2 && w.Text != "i" {
			continue
		}
		it := analysis.Function(analysis.Italian, w.Text) || courtesyAt(courtesies[analysis.Italian], []analysis.Word{w}) > 0
		en := analysis.Function(analysis.English, w.Text) || courtesyAt(courtesies[analysis.English], []analysis.Word{w}) > 0
		switch {
		case it && !en:
			italian += 2
		case en && !it:
			english += 2
			told = true
		case !it && !en && strings.ContainsAny(w.Text[len(w.Text)-1:], "aeiou"):
			italian++
		case !it && !en:
			english++
		}
	}
	switch {
	case english > italian:
		return analysis.English, told && english > 2*italian
	default:
		return analysis.Italian, italian > 2*english
	}
}
