package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sportello/internal/browser"
)

// What a person sees of the widget, as expressions on the page.
const (
	shadow = `document.querySelector("sportello-chat").shadowRoot`
	log    = shadow + `.querySelector("[role=log]")`
)

// told is true once the conversation shows these words more often than that.
func told(words string, times int) string {
	return fmt.Sprintf(`(%s?.textContent.split(%q).length ?? 1) - 1 > %d`, log, words, times)
}

// visitor is a person with a browser.
type visitor struct {
	*testing.T
	tab *browser.Tab
}

func (v visitor) say(text string) {
	v.tab.Run(shadow + `.querySelector("textarea").focus()`)
	v.tab.Type(text + "\r")
}

// choose presses the newest choice of this name, as soon as it is there.
func (v visitor) choose(label string) {
	choice := fmt.Sprintf(`[...%s.querySelectorAll("button:not([disabled])")].filter(b => b.textContent.trim() === %q).at(-1)`, log, label)
	v.tab.Wait(choice)
	v.tab.Run(choice + ".click()")
}

func (v visitor) hears(words string) { v.tab.Wait(told(words, 0)) }

// The main job, in a real browser, over the whole service.
func TestJourneysThroughTheWidget(t *testing.T) {
	b := browser.Start(t)
	site := testSite(t, testApp(t), true)
	visit := func(t *testing.T) visitor {
		tab := b.Open(t, site.URL+"/#chat", browser.Screen{})
		tab.Wait(log)
		v := visitor{t, tab}
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("the conversation:\n%s", browser.Eval[string](tab, log+".innerText"))
			}
		})
		v.hears("assistente automatico")
		return v
	}

	t.Run("solved by an article", func(t *testing.T) {
		v := visit(t)
		v.say("ho dimenticato la password")
		v.hears("Password dimenticata")
		v.tab.Shot("journey-answer")
		v.tab.Axe("the widget with an answer")
		v.choose("Sì, risolto")
		v.hears("piacere che sia risolto")
	})

	t.Run("solved by a suggestion", func(t *testing.T) {
		v := visit(t)
		v.tab.Run(shadow + `.querySelector("textarea").focus()`)
		v.tab.Type("smrat card")
		v.tab.Wait(shadow + `.querySelector("[role=option]")?.checkVisibility()`)
		v.tab.Shot("journey-suggestions")
		v.tab.Type(kb.ArrowDown)
		v.tab.Enter()
		v.choose("Sì, risolto")
		v.tab.Wait(log + `.querySelector(".sources a").pathname === "/kb/it/smart-card-non-riconosciuta"`)
	})

	t.Run("solved by a guided procedure", func(t *testing.T) {
		v := visit(t)
		v.say("ho dimenticato la password")
		v.choose("Un passo alla volta")
		v.hears("Passo 1 di")
		v.choose("Fatto")
		v.hears("Passo 2 di")
		v.choose("Passo precedente")
		v.tab.Wait(told("Passo 1 di", 1))
		steps := browser.Eval[int](v.tab, `Number(`+log+`.textContent.match(/Passo 1 di (\d+)/)[1])`)
		seen := 1 // step 2 was shown before
		for step := 2; step <= steps; step++ {
			v.choose("Fatto")
			v.tab.Wait(told(fmt.Sprintf("Passo %d di", step), seen))
			seen = 0
		}
		v.choose("Fatto")
		v.hears("Questi erano tutti i passi")
		v.choose("Sì, risolto")
		v.hears("piacere che sia risolto")
	})

	t.Run("not solved: a ticket for a colleague, its status, a message, a rating", func(t *testing.T) {
		v := visit(t)
		v.say("la stampante non stampa")
		v.tab.Wait(log + `.querySelectorAll("button:not([disabled])").length > 1`)
		v.say("apri un ticket per la stampante che non stampa")
		v.hears("Mi scriva il Suo indirizzo e-mail")
		v.say("mario.rossi@giustizia.it")
		v.hears("Ho mandato un codice")
		v.say(mailedCode(t, site.URL, "mario.rossi@giustizia.it"))
		v.hears("è confermato")
		v.choose("Sì, Stampanti e scanner")
		v.choose("Per un'altra persona")
		v.hears("nome, cognome ed e-mail")
		v.say("Anna Bianchi, anna.bianchi@giustizia.it")
		v.choose("Va bene così")
		v.hears("Che cosa stava facendo")
		v.say("Da stamattina le stampe restano in coda, ho già riavviato.")
		v.choose("Solo io")
		v.choose("Non lo so")
		v.hears("stanza")
		v.say("Stanza 12, primo piano")
		v.choose("Salta")
		v.hears("Ecco il ticket")
		v.hears("Anna Bianchi")
		v.tab.Shot("journey-summary")
		v.choose("Invia il ticket")
		v.hears("Ho aperto il ticket")
		v.choose("Vedo il ticket")
		v.hears("Aperto il ")
		v.choose("Scrivo all'operatore")
		v.hears("Che cosa scrivo sul ticket")
		v.say("Ora fa anche rumore.")
		v.hears("Ho aggiunto il messaggio")
		v.choose("Vedo il ticket")
		v.tab.Wait(told("Ora fa anche rumore.", 1))
		v.choose("Chiudo il ticket")
		v.choose("Sì")
		v.hears("Ho chiuso il ticket")
		v.choose("Valuto il servizio")
		v.choose("4 - buono")
		v.hears("suggerimento per migliorare")
		v.choose("Salta")
		v.hears("Grazie per la Sua valutazione")
		v.tab.Shot("journey-rated")
		v.tab.Axe("the widget after a ticket")
		v.tab.Reload()
		v.hears("Grazie per la Sua valutazione") // a reload loses nothing
	})
}

// Who begins to write a question is led to its article.
func TestJourneyFromASearchBoxToAnArticle(t *testing.T) {
	b := browser.Start(t)
	site := testSite(t, testApp(t), true)
	tab := b.Open(t, site.URL+"/", browser.Screen{})
	tab.Run(`document.querySelector("#q").focus()`)
	tab.Type("nn riesco a stamp")
	tab.Wait(`document.querySelector("[role=option] .of")?.textContent === "La stampante non stampa"`)
	tab.Shot("journey-search-suggestions")
	tab.Type(kb.ArrowDown)
	tab.Enter()
	tab.Wait(`location.pathname === "/kb/it/stampante-scanner"`)
}

// Every page that the first one links to is there, and keeps nobody out.
func TestJourneyOverThePages(t *testing.T) {
	b := browser.Start(t)
	site := testSite(t, testApp(t), true)
	for _, path := range []string{"/", "/en/", "/kb/it/vpn", "/kb/en/vpn", "/kb/", "/cerca?q=vpn+non+va"} {
		tab := b.Open(t, site.URL+path, browser.Screen{})
		tab.Axe(path)
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "+", "-").Replace(path), "-")
		tab.FullShot("page-" + name)
	}
}
