package analysis

import (
	"maps"
	"slices"
	"strings"
)

// Common reports whether a folded word is an everyday one that is spelt right
// even where no article uses it, so that nothing should be read into it.
func Common(lang, word string) bool {
	if brands[word] {
		return true
	}
	if lang == English {
		return englishCommon[stemEnglish(word)]
	}
	if italianFunction[word] || italianWords[word] || italianCommon[stemItalian(word)] {
		return true
	}
	if n := len(word) - 2; n >= 5 { // imperatives: "consigliami"
		switch word[n:] {
		case "mi", "ti", "ci", "lo", "la", "li", "le", "ne":
			return italianCommon[stemItalian(word[:n])]
		}
	}
	return false
}

// General reports whether a term (a stem) belongs to every request for help
// rather than to a subject: "funziona", "problema", "riesco".
func General(lang, term string) bool {
	if lang == English {
		return englishGeneral[term]
	}
	return italianGeneral[term]
}

var (
	italianGeneral = stems(Italian, `riesco riesci riesce riuscire riuscito funziona funzionare problema problemi errore errori
		aiuto aiutare serve servono servire bisogno necessario possibile trovo trova trovare vedo vede vedere dice dire detto
		chiedo capire capisco capito sapere so sa sanno mettere metto mette dare da danno dato prendere prendo preso provo prova
		provare provato continua continuare succede succedere succeso cosa cose tipo volta volte usare uso devo dovuto parte
		ricevo ricevere esce uscire compare appare appare chiede risulta riguarda informazioni informazione`)
	englishGeneral = stems(English, `work working problem error help need want use find see say tell know make give take try
		happen thing time able possible appear show unable keep information`)

	brands = set(`zoom skype whatsapp telegram google gmail chrome firefox edge safari android iphone ipad ios samsung huawei
		apple microsoft facebook instagram youtube netflix amazon excel word powerpoint acrobat adobe windows linux mac chatgpt
		juve inter milan roma lazio napoli ferrari inps inail aci imu tari naspi isee postepay bancomat paypal uber`)

	italianWords = set(`farmi farti farsi farci farlo farla farle farli dirmi dirti dirgli darmi darti darlo darla starci averlo
		averla averne esserci vederlo vederla metterlo metterla fammi dimmi dammi dirlo saperlo vada vadano faccia facciano dica
		dicano dia diano sappia sappiano possa possano voglia debba debbano feci fece fecero vidi vide mise prese disse diede
		stessi andro verro faro daro diro vedro sapro potro dovro vorra vedra fara dara dira andra verra potra dovra
		eccolo uno due tre quattro cinque sei sette otto nove dieci undici dodici quindici venti trenta quaranta cinquanta cento mille
		euro ok boh mah beh ehi ops robot app`)
	italianEveryday = strings.Fields(`lavoro lavorare oggi ieri domani dopodomani stamattina stamani stasera stanotte mattina mattino
		pomeriggio sera notte ora ore minuto minuti secondo giorno giorni giornata settimana mese mesi anno anni tempo momento
		cosa persona persone gente casa amico amica collega colleghi capo signore signora signor dottore figlio figlia marito
		moglie madre padre mamma fratello sorella famiglia nome cognome vita mondo paese citta strada stanza piano porta tavolo
		mano testa occhio acqua pane caffe soldi prezzo costo conto banca negozio scuola medico ospedale viaggio treno aereo
		macchina auto bambino bambina ragazzo ragazza uomo donna vecchio vecchia nuovo nuova nuovi grande piccolo piccola bello
		bella brutto buono buona cattivo alto alta basso bassa lungo lunga corto largo stretto forte debole facile difficile
		giusto giusta sbagliato vero vera falso primo prima ultimo ultima unico diverso diversa uguale simile stesso pronto
		contento felice triste stanco arrabbiato preoccupato sicuro libero occupato pieno vuoto caldo freddo rosso verde blu
		giallo bianco nero grigio pensare penso credere credo sperare spero ricordare ricordo dimenticare conoscere conosco
		parlare parlo ascoltare sentire sento guardare guardo leggere scrivere chiamare chiamo rispondere domandare mangiare bere
		dormire svegliare alzare sedere camminare correre tornare torno ritornare partire arrivare arrivo restare resto rimanere
		rimango entrare uscire salire scendere cadere portare porto togliere tolgo lasciare lascio tenere tengo perdere cercare
		cerco aspettare aspetto attendere comprare vendere pagare spendere ricevere mandare mando spedire prestare rubare regalare
		cominciare comincio iniziare inizio finire finisco smettere continuare fermare bloccare muovere cambiare diventare
		sembrare sembra piacere piace amare odiare preferire scegliere decidere imparare insegnare studiare giocare vincere
		nascere vivere morire sposare nato morto conviene capitare succedere accadere riuscire tentare toccare spingere tirare
		rompere riparare aggiustare pulire lavare cucinare guidare viaggiare visitare incontrare salutare abbracciare baciare
		ridere piangere scherzare raccontare barzelletta storia canzone musica film libro giornale sport calcio squadra partita
		gioco festa compleanno natale vacanza estate inverno primavera autunno sole pioggia neve vento meteo ricetta pizza
		pasta carbonara capitale presidente guerra governo legge politica religione animale cane gatto albero fiore mare montagna
		sapere modificare aggiungere eliminare usare utilizzare controllare verificare spiegare mostrare indicare subito presto
		tardi adesso spesso insieme davanti dietro vicino lontano dentro fuori sinistra destra purtroppo magari davvero
		veramente praticamente finalmente solamente normalmente probabilmente sicuramente esattamente
		votare voto sosta multa patente passaporto bollo tassa tasse tari imu bus autobus metro taxi biglietto concorso bando
		curriculum abbonamento rivista sedia poltrona ombrello ascensore condizionatore riscaldamento termosifone lampadina
		finestra bagno parcheggio mensa pensione contratto sindacato sciopero malattia medico vaccino farmacia ricetta dentista
		asilo nido iscrizione corso lezione universita esame laurea matrimonio divorzio residenza permesso soggiorno visto
		cittadinanza catasto mutuo prestito bonifico assegno investire borsa azioni lotteria oroscopo cucina carbonara panino
		ristorante albergo hotel aeroporto stazione treno nave traghetto moto bicicletta benzina meccanico gomma idraulico
		elettricista muratore giardino fiori pianta uccello pesce cavallo mucca gallina luna stella cielo nuvola temporale
		terremoto vulcano isola lago fiume deserto foresta castello chiesa museo teatro cinema concerto cantante attore pittore
		scrittore poeta re regina imperatore generale soldato battaglia impero rivoluzione repubblica monarchia scienza
		matematica fisica chimica biologia storia geografia filosofia pianeta galassia dinosauro calciatore allenatore
		campionato scudetto gol tennis nuoto sci palestra dieta dimagrire capelli parrucchiere vestito scarpe borsetta gioiello
		anello regalo compleanno festa torta vino birra caffe zucchero sale olio latte formaggio carne frutta verdura mela
		fidanzata fidanzato bacio amore cuore anima sogno paura rabbia noia felicita buonanotte arrivederci consigliare
		suggerire prenotare traduzione tradurre inglese francese tedesco spagnolo italiano capoluogo nazione continente
		abitante altezza larghezza peso velocita distanza temperatura gradi chilometro metro litro chilo dollaro sterlina
		inventare scoprire scoperta inventore nascita morte secolo epoca medioevo rinascimento romano greco egizio
		robot chatbot intelligente stupido scemo idiota bravo simpatico noioso terribile carino`)
	englishEveryday = strings.Fields(`today yesterday tomorrow morning evening night hour day week month year time moment people person
		house home friend colleague boss name life world country city street room hand head water money price cost bank shop
		school doctor car child man woman old new big small good bad right wrong first last think believe hope remember forget
		know talk speak listen hear look read write call answer ask eat drink sleep walk run come go arrive stay leave enter
		exit open close bring sad happy tired angry afraid ready sure free busy full empty hot cold warm wet dry clean dirty white
		black red green blue yellow brown grey pink dark light far near left right top bottom front back side inside outside long
		short high low deep wide thin thick heavy soft hard strong weak fast slow early young rich poor cheap expensive easy
		difficult simple strange funny nice beautiful ugly stupid clever moon sun star sky rain snow wind cloud sea river lake
		mountain tree flower grass dog cat bird fish horse food meat bread cheese fruit apple egg milk coffee tea wine beer sugar
		salt kitchen table chair door window wall floor roof garden bed bath light lamp heat fire air conditioning lift elevator
		stairs desk pen paper book page newspaper letter stamp picture photo camera radio television song dance game football
		tennis team match ball sport gym holiday travel trip train bus plane airport ticket hotel restaurant passport visa border
		language english italian french german spanish word sentence meaning translate law lawyer judge court crime police thief
		war peace king queen president government tax salary pension strike union contract marriage wedding divorce birthday
		christmas easter party gift baby brother sister mother father parent husband wife son daughter uncle aunt grandmother
		body face eye ear nose mouth tooth hair arm leg foot heart blood doctor nurse hospital medicine ill sick pain headache
		vaccine parking meal lunch dinner breakfast cook bake drive fly swim ride throw catch hit kick push pull hold carry drop
		pick cut break fix build grow feed wash wear dress shoe shirt coat hat ring bag key pocket umbrella glass cup plate knife
		fork spoon bottle box gold silver iron wood stone plastic glass science history geography biology chemistry physics
		mathematics planet earth island desert forest century ancient modern invent discover inventor capital population
		distance height weight temperature degree mile meter dollar pound share stock invest lottery horoscope secretary
		invent reject refuse crash bought sent told gave took went came saw knew thought found kept left lost made met paid
		exit open close bring take put lose search wait buy sell pay send receive start begin end finish stop continue move
		change become seem like love hate prefer choose decide learn teach study play win live die explain show tell joke story
		song music film book weather recipe capital president maybe really very much many quickly soon late early`)
)

var (
	italianCommon = stems(Italian, italianEveryday...)
	englishCommon = stems(English, englishEveryday...)
)

// Everyday returns words of the language that may well be meant by a misspelt
// one: its grammar, and what people talk about every day. They are sorted.
func Everyday(lang string) []string {
	grammar, words := italianFunction, italianEveryday
	if lang == English {
		grammar, words = englishFunction, englishEveryday
	}
	all := slices.AppendSeq(slices.Clone(words), maps.Keys(grammar))
	slices.Sort(all)
	return slices.Compact(all)
}

// stems returns the set of the stems of words.
func stems(lang string, words ...string) map[string]bool {
	all := map[string]bool{}
	for _, list := range words {
		for w := range set(list) {
			all[Stem(lang, w)] = true
		}
	}
	return all
}

// Particle reports whether a folded word is an article, a preposition or the
// like, which does not even tell one question from another.
func Particle(lang, word string) bool {
	if lang == English {
		return englishParticles[word]
	}
	return len(word) == 1 || italianParticles[word]
}

var (
	italianParticles = set(`il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle dell al allo
		alla ai agli alle all dal dallo dalla dai dagli dalle dall nel nello nella nei negli nelle nell sul sullo sulla sui sugli
		sulle sull col coi coll e ed o od ad ma se c d s m t v n`)
	englishParticles = set(`a an the of to in on for and or at by with from as is are be s t`)
)
