package analysis

// Common reports whether a folded word is an everyday one that is spelt right
// even where no article uses it, so that nothing should be read into it.
func Common(lang, word string) bool {
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

	italianWords = set(`farmi farti farsi farci farlo farla farle farli dirmi dirti dirgli darmi darti darlo darla starci averlo
		averla averne esserci vederlo vederla metterlo metterla fammi dimmi dammi dirlo saperlo vada vadano faccia facciano dica
		dicano dia diano sappia sappiano possa possano voglia debba debbano feci fece fecero vidi vide mise prese disse diede
		stessi andro verro faro daro diro vedro sapro potro dovro vorra vedra fara dara dira andra verra potra dovra
		eccolo uno due tre quattro cinque sei sette otto nove dieci undici dodici quindici venti trenta quaranta cinquanta cento mille
		euro ok boh mah beh ehi ops robot app`)
	italianCommon = stems(Italian, `lavoro lavorare oggi ieri domani dopodomani stamattina stamani stasera stanotte mattina mattino
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
	englishCommon = stems(English, `today yesterday tomorrow morning evening night hour day week month year time moment people person
		house home friend colleague boss name life world country city street room hand head water money price cost bank shop
		school doctor car child man woman old new big small good bad right wrong first last think believe hope remember forget
		know talk speak listen hear look read write call answer ask eat drink sleep walk run come go arrive stay leave enter
		exit open close bring take put lose search wait buy sell pay send receive start begin end finish stop continue move
		change become seem like love hate prefer choose decide learn teach study play win live die explain show tell joke story
		song music film book weather recipe capital president maybe really very much many quickly soon late early`)
)

// stems returns the set of the stems of words.
func stems(lang, words string) map[string]bool {
	all := map[string]bool{}
	for w := range set(words) {
		all[Stem(lang, w)] = true
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
