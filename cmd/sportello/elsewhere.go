package main

import "sportello/bot"

// way leads to a channel, where a code continues a conversation.
type way struct {
	to   string // the channel
	link func(lang, code string) bot.Link
}

// elsewhere are the links by which a conversation of a channel can be
// continued: on the site, and on each other platform that has added its way.
func (a *app) elsewhere(from, lang, code string) []bot.Link {
	var links []bot.Link
	if a.config.SiteURL != "" {
		links = append(links, a.onSite(lang, code))
	}
	for _, w := range a.ways {
		if w.to == from {
			continue
		}
		if l := w.link(lang, code); l.URL != "" { // a platform that was never reached has no address yet
			links = append(links, l)
		}
	}
	return links
}

// onSite leads to the chat of the pages. What follows the # is sent to no
// server and written into no log.
func (a *app) onSite(lang, code string) bot.Link {
	home := "/"
	if lang == "en" {
		home = "/en/"
	}
	return bot.Link{Label: a.material.phrases.Say(lang, "elsewhere.site", nil), URL: a.config.SiteURL + home + "#continua=" + code}
}
