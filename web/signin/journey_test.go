package signin_test

import (
	"fmt"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/browser"
	"sportello/web/signin"
)

// fits fails the test if the page must be scrolled sideways.
func fits(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("it must be scrolled sideways")
	}
}

var screens = map[string]browser.Screen{"desktop": {}, "320": {Width: 320, Height: 640}}

func TestSigningInByCodeInABrowser(t *testing.T) {
	b := browser.Start(t)
	for lang, at := range map[string][2]string{"it": {"/privacy", "/accedi"}, "en": {"/en/privacy", "/en/sign-in"}} {
		for screen, size := range screens {
			t.Run(lang+" "+screen, func(t *testing.T) {
				s := newSite(t)
				s.admit("anna@giustizia.it", account.Operator)
				size.Lang = lang
				name := "signin-" + lang + "-" + screen
				tab := b.Open(t, s.URL+at[0], size)
				tab.Click(".site-enter")
				tab.Wait(fmt.Sprintf(`location.pathname === %q && document.querySelector("#email")`, at[1]))
				tab.Axe("the way in")
				tab.FullShot(name)
				fits(t, tab)
				tab.Click("#email")
				tab.Type("niente@")
				tab.Run(`document.querySelector("form[action$='` + at[1] + `']").noValidate = true`)
				tab.Enter()
				tab.Wait(`document.activeElement.id === "email" && document.activeElement.getAttribute("aria-invalid") === "true"`)
				tab.Axe("an address that is none")
				tab.FullShot(name + "-wrong")
				tab.Run(`document.querySelector("#email").value = ""`)
				tab.Type("anna@giustizia.it")
				tab.Enter()
				tab.Wait(`document.activeElement.id === "code"`)
				tab.Axe("the code")
				tab.FullShot(name + "-code")
				fits(t, tab)
				tab.Type("12")
				tab.Enter()
				tab.Wait(`document.querySelector("#code-wrong") && document.activeElement.id === "code"`)
				tab.Axe("a wrong code")
				tab.FullShot(name + "-code-wrong")
				tab.Type(s.code("anna@giustizia.it"))
				tab.Enter()
				tab.Wait(fmt.Sprintf(`location.pathname === %q && document.querySelector(".site-account")`, at[0]))
				tab.Axe("signed in")
				tab.Click(".site-account summary")
				tab.Wait(`document.querySelector(".site-account details").open`)
				tab.Axe("signed in, with the menu open")
				tab.Shot(name + "-in")
				fits(t, tab)
				tab.Click(".site-account button")
				tab.Wait(`document.querySelector(".site-enter")`)
			})
		}
	}
}

func TestSigningInWithoutJavaScript(t *testing.T) {
	s := newSite(t)
	tab := browser.Start(t).Open(t, s.URL+"/accedi?ritorno=/privacy", browser.Screen{NoScript: true})
	tab.Click("#email")
	tab.Type("anna@giustizia.it")
	tab.Enter()
	tab.Wait(`location.pathname === "/accedi/codice"`)
	tab.Click("#code")
	tab.Type(s.code("anna@giustizia.it"))
	tab.Enter()
	tab.Wait(`location.pathname === "/privacy"`)
	tab.Click(".site-account summary")
	tab.Click(".site-account button")
	tab.Wait(`location.pathname === "/"`)
}

func TestSigningInByAProviderInABrowser(t *testing.T) {
	provider, with := withProvider(t)
	s := newSite(t, with, withPasswords, func(c *signin.Config) {
		cie := c.Providers[0]
		cie.Name, cie.Button, cie.Label, cie.Issuer = "cie", "cie", signin.Label{IT: "Entra con CIE", EN: "Sign in with CIE"}, "http://127.0.0.1:1"
		c.Providers[0].Label = signin.Label{IT: "Entra con SPID", EN: "Sign in with SPID"}
		c.Providers = append(c.Providers, cie)
	})
	b := browser.Start(t)
	for screen, size := range screens {
		tab := b.Open(t, s.URL+"/accedi?ritorno=/privacy", size)
		tab.Axe("the ways in, " + screen)
		tab.FullShot("signin-ways-" + screen)
		fits(t, tab)
		tab.Click(".way-cie") // it is away
		tab.Wait(`document.querySelector(".problem[role=alert]")`)
		tab.Axe("a provider that is away")
		tab.FullShot("signin-away-" + screen)
		provider.QueueUser(anna(nil))
		tab.Click(".way-spid")
		tab.Wait(`location.pathname === "/privacy" && document.querySelector(".site-account")`)
	}
}

func TestSettingUpAnAppInABrowser(t *testing.T) {
	b := browser.Start(t)
	for screen, size := range screens {
		s := newSite(t, withPasswords)
		s.give(s.admit("anna@giustizia.it"), password)
		tab := b.Open(t, s.URL+"/accedi", size)
		tab.Click("#user")
		tab.Type("anna@giustizia.it")
		tab.Click("#password")
		tab.Type(password)
		tab.Enter()
		tab.Wait(`document.querySelector(".qr")?.naturalWidth > 0`)
		tab.Axe("setting up an app, " + screen)
		tab.FullShot("signin-enrol-" + screen)
		fits(t, tab)
		key := browser.Eval[string](tab, `document.querySelector(".secret").textContent`)
		tab.Click("#code")
		tab.Type(app(t, key, time.Now()))
		tab.Enter()
		tab.Wait(`document.querySelectorAll(".recovery code").length === 8`)
		tab.Axe("recovery codes, " + screen)
		tab.FullShot("signin-codes-" + screen)
		tab.Click(".enter .btn")
		tab.Wait(`location.pathname === "/" && document.querySelector(".site-account")`)
	}
}
