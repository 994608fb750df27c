package analysis

import "strings"

// stemItalian removes clitic pronouns, the commoner verb endings and the final
// vowel, so that number, gender and tense do not part what belongs together.
// Short words lose only their final vowel: "carta" and "carte" must meet, and
// nothing else may.
func stemItalian(word string) string {
	if len(word) <= 3 || hasDigit(word) {
		return word
	}
	if stem, known := italianExceptions[word]; known {
		return stem
	}
	w := withoutClitic(word)
	if stem, known := italianExceptions[w]; known {
		return stem
	}
	for _, ending := range italianEndings[w[len(w)-1]] {
		if stem, found := strings.CutSuffix(w, ending); found && len(stem) >= 4 {
			if n := len(stem); n > 4 && stem[n-1] == 'i' { // "cambiare" as "cambio"
				stem = stem[:n-1]
			}
			return hard(stem)
		}
	}
	return hard(withoutVowel(w))
}

// withoutVowel removes the ending that tells number and gender.
func withoutVowel(w string) string {
	if n := len(w); n > 3 && isVowel(w[n-1]) {
		w = w[:n-1]
		if n = len(w); n > 3 && w[n-1] == 'i' { // servizio and servizi
			w = w[:n-1]
		}
	}
	return w
}

// hard lets "banca" and "banche", "lunga" and "lunghe" meet.
func hard(w string) string {
	if n := len(w); n > 3 && w[n-1] == 'h' && (w[n-2] == 'c' || w[n-2] == 'g') {
		return w[:n-1]
	}
	return w
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

// italianEndings are those of verbs, longest first. "-ita" is missing because
// of "identita" and "attivita", which lost their accents; "-ivi" and "-essi"
// because of "archivi" and "permessi".
var italianEndings = byLastLetter(`erebbero irebbero assero essero issero eranno iranno eremmo iremmo
	avamo evamo ivamo avate evate ivate avano evano ivano arono erono irono ereste ireste erebbe irebbe
	eremo iremo erete irete iamo ando endo asse isse assi issi ava eva iva avo evo ivo
	era ero erai irai ira iro ano ono are ere ire ato ata ati ate uto uta uti ute ito iti ite ai`)

// byLastLetter spares a word the endings that it cannot have.
func byLastLetter(endings string) (all [256][]string) {
	for _, e := range strings.Fields(endings) {
		last := e[len(e)-1]
		all[last] = append(all[last], e)
	}
	return all
}

var clitics = byLastLetter(`gliela glielo gliele glieli gliene mela melo mele meli mene tela telo tele teli tene cela celo
	cele celi cene vela velo vele veli vene sela selo sele seli sene gli mi ti si ci vi lo la li le ne`)

// withoutClitic turns "installarlo" into "installare" and "facendomi" into
// "facendo".
func withoutClitic(w string) string {
	if len(w) < 7 {
		return w
	}
	for _, c := range clitics[w[len(w)-1]] {
		stem, found := strings.CutSuffix(w, c)
		if !found || len(stem) < 5 {
			continue
		}
		switch {
		case strings.HasSuffix(stem, "ar"), strings.HasSuffix(stem, "er"), strings.HasSuffix(stem, "ir"):
			return stem + "e"
		case strings.HasSuffix(stem, "ando"), strings.HasSuffix(stem, "endo"):
			return stem
		}
	}
	return w
}

// italianExceptions are words that the rules would part or wrongly marry.
var italianExceptions = exceptions(`
	caso: caso casi
	posto: posto posti
	modo: modo modi
	moda: moda mode
	conta: conta
	banco: banco banchi
	porto: porto porti
	foglio: foglio fogli
	sedia: sedia sedie
	foglia: foglia foglie
	mese: mese mesi
	mess: messo messa messi messe
	fatt: fatto fatta fatti fatte
	uffic: ufficio uffici
	log: loggo logga loggare loggarsi loggarmi loggato loggata login
	invi: invio invia invii inviare inviato inviata inviati inviate inviarla inviarlo
	avvi: avvio avvia avvii avviare avviato avviata
	accedere: accedo accede accedi accediamo accedono accedere accesso accessi
	apr: apro apre apri aprono aprire aperto aperta aperti aperte
	chiud: chiudo chiude chiudi chiudono chiudere chiuso chiusa chiusi chiuse
	perd: perdo perde perdi perdere perso persa persi perse perduto perduta
	rispond: rispondo risponde rispondi rispondono rispondere risposta risposte risposto
	scad: scade scadono scadere scaduto scaduta scaduti scadute scadenza scadenze
	legg: leggo legge leggi leggono leggere letto letta lette
	scriv: scrivo scrive scrivi scrivono scrivere scritto scritta scritti scritte
	richied: richiedo richiede richiedi richiedono richiedere richiesto richiesta richiesti richieste
	chied: chiedo chiede chiedi chiedono chiedere chiesto chiesta
	rompo: rotto rotta rotti rotte rompe rompere
	spost: sposto sposta sposti spostare spostato spostata
	uso: uso usa usi usano usare usato usata usando usarlo usarla usiamo
	pago: pago paga paghi pagano pagare pagato pagata pagamento pagamenti
	pec: pec
	deposit: deposito depositi
	rifiut: rifiuto rifiuti
	telefon: telefono
	cancellier: cancelliere
`)

func exceptions(lines string) map[string]string {
	m := make(map[string]string)
	for line := range strings.Lines(lines) {
		stem, words, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		for _, w := range strings.Fields(words) {
			m[w] = strings.TrimSpace(stem)
		}
	}
	return m
}

// elided are the words that lose their vowel before an apostrophe.
var elided = set(`l un dell all dall nell sull coll quell quest bell sant c d s m t v n cos dov com quant anch senz gl
	po mo nessun ciascun qualcos tutt mezz quand perch`)

var italianFunction = set(`il lo la i gli le l un uno una un di a da in con su per tra fra del dello della dei degli delle dell al
	allo alla ai agli alle all dal dallo dalla dai dagli dalle dall nel nello nella nei negli nelle nell sul sullo sulla sui
	sugli sulle sull col coi coll e ed o od ma se che chi cui non ne ci vi si mi ti io tu lui lei noi voi loro egli ella
	esso essa essi esse me te ce ve glie gliela glielo gliele glieli mio mia miei mie tuo tua tuoi tue suo sua suoi sue
	nostro nostra nostri nostre vostro vostra vostri vostre questo questa questi queste quest quello quella quelli quelle
	quell quei quegli quel cio come cosa cos cose dove dov quando quand quanto quanta quanti quante quant quale quali qual
	perche poiche mentre anche anch ancora gia piu meno molto molta molti molte poco poca pochi poche po troppo troppa tutto
	tutta tutti tutte tutt ogni qualche alcuno alcuna alcuni alcune nessuno nessuna nessun altro altra altri altre stesso
	stessa stessi stesse tale tali sono sei e siamo siete era erano ero eri eravamo sara saranno sia siano fosse fossero
	essere stato stata stati state essendo sarebbe sarebbero fu furono ho hai ha abbiamo avete hanno aveva avevo avevano avevi
	avra avro avranno abbia abbiano avere avuto avendo avrebbe avesse faccio fai fa facciamo fate fanno fare fatto fa
	facendo posso puoi puo possiamo potete possono potere potrei potrebbe potuto devo devi deve dobbiamo dovete devono dovere
	dovrei dovrebbe debba voglio vuoi vuole vogliamo vogliono volere vorrei vorrebbe sto stai sta stiamo stanno stava
	stavo c d s m t v n si no sì qui qua li la ecco poi ora adesso pero quindi allora dunque oppure ovvero cioe invece dopo
	prima sotto sopra verso senza durante tramite presso secondo contro entro oltre fino sino pur pure solo soltanto proprio
	appena cosi tanto tanta tanti tante quasi molto bene male sempre mai forse comunque infatti inoltre eccetera ecc ad
	vado va vai vanno andare viene vengono venire venga vengo qualcuno qualcosa niente nulla dei x`)

// sms are the spellings of short messages and what they stand for.
var sms = map[string]string{
	"nn": "non", "n": "non", "xke": "perche", "xche": "perche", "xk": "perche", "pk": "perche", "perke": "perche",
	"perk": "perche", "pke": "perche", "cmq": "comunque", "cmnq": "comunque", "ke": "che", "k": "che", "ki": "chi",
	"kosa": "cosa", "cs": "cosa", "csa": "cosa", "qlc": "qualche", "qlcs": "qualcosa", "qcs": "qualcosa",
	"qlcn": "qualcuno", "qlk": "qualche", "qls": "qualsiasi", "grz": "grazie", "graz": "grazie", "grzie": "grazie",
	"tt": "tutto", "tti": "tutti", "tutt": "tutti", "x": "per", "dv": "dove", "qnd": "quando", "qndo": "quando",
	"qnt": "quanto", "qnto": "quanto", "quanno": "quando", "cm": "come", "sn": "sono", "nnt": "niente", "prox": "prossimo",
	"msg": "messaggio", "msgs": "messaggi", "tel": "telefono", "cell": "cellulare", "num": "numero",
	"risp": "risposta", "cn": "con", "pwd": "password", "psw": "password", "pw": "password", "passw": "password",
	"pswd": "password", "anke": "anche", "sl": "solo", "sempr": "sempre", "dp": "dopo", "qst": "questo",
	"qsto": "questo", "qsta": "questa", "qll": "quello", "qllo": "quello", "qlla": "quella", "qndi": "quindi",
	"bn": "bene", "dmn": "domani", "ogg": "oggi", "pom": "pomeriggio", "mex": "messaggio", "fto": "foto",
	"xo": "pero", "xro": "pero", "xsona": "persona", "xsone": "persone", "xdere": "perdere",
	"xso": "perso", "appl": "applicazione", "doc": "documento", "docs": "documenti",
	"sett": "settimana", "min": "minuti", "uff": "ufficio", "resp": "responsabile", "cmnque": "comunque",
	"kmq": "comunque", "tnt": "tanto", "spt": "soprattutto", "dx": "destra", "sx": "sinistra", "asap": "subito",
}

// Expand writes out a folded word in the spelling of short messages, or
// returns it as it is.
func Expand(lang, word string) string {
	if lang == Italian {
		if full, known := sms[word]; known {
			return full
		}
	}
	return word
}
