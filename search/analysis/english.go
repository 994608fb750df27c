package analysis

import "strings"

// stemEnglish removes plurals and the endings -ed and -ing. It is light on
// purpose: help texts are short, and a wrong meeting of two words costs more
// than a missed one.
func stemEnglish(word string) string {
	if len(word) <= 3 || hasDigit(word) {
		return word
	}
	w := word
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:len(w)-1]
	}
	for _, ending := range []string{"ing", "ed"} {
		stem, found := strings.CutSuffix(w, ending)
		if !found || len(stem) < 3 || !strings.ContainsAny(stem, "aeiouy") {
			continue
		}
		if n := len(stem); stem[n-1] == stem[n-2] && !strings.ContainsRune("lsz", rune(stem[n-1])) {
			stem = stem[:n-1]
		}
		w = stem
		break
	}
	if len(w) > 4 {
		w = strings.TrimSuffix(w, "e")
	}
	if len(w) > 3 && w[len(w)-1] == 'y' {
		w = w[:len(w)-1] + "i"
	}
	return w
}

var englishFunction = set(`a an the this that these those i you he she it we they me him her us them my your his its our
	their mine yours ours theirs myself yourself itself and or but nor so if then than as of at by for with about against
	between into through during before after above below to from up down in out on off over under again further once
	here there when where why how what which who whom whose all any both each few more most other some such no not only
	own same too very s t can will just don should now is am are was were be been being have has had having do does did
	doing would could ought im ive dont doesnt didnt cant cannot wont isnt arent wasnt werent havent hasnt id ill youre
	theyre weve aren isn don doesn didn wasn weren hasn haven hadn won couldn shouldn wouldn also may might must shall let lets get got`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
