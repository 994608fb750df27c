package bundle

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/kb/markdown"
)

// Check tells where articles do not fit together: links and related articles
// that are not there, links that lead to a narrower audience's article,
// questions that two articles claim (warnings), translations that are missing
// (info). The files named are those that Write would write.
func Check(articles []kb.Article) []Problem {
	c := checker{byKey: map[kb.Key]kb.Article{}, langs: map[string]bool{}}
	for _, a := range articles {
		c.byKey[a.Key()] = a
		c.langs[a.Lang] = true
	}
	asked := map[string]kb.Key{} // language and folded question → first article
	for _, key := range slices.SortedFunc(maps.Keys(c.byKey), func(a, b kb.Key) int { return strings.Compare(a.String(), b.String()) }) {
		a := c.byKey[key]
		for _, id := range a.Related {
			c.target(a, kb.Key{ID: id, Lang: a.Lang}, "", id)
		}
		for _, l := range markdown.Links(a.Body) {
			if key, anchor, ours := target(a, l.Destination); ours && !l.Image {
				c.target(a, key, anchor, l.Destination)
			}
		}
		for _, q := range append([]string{a.Title}, a.Questions...) {
			folded := a.Lang + " " + fold(q)
			if first, taken := asked[folded]; taken && first != key {
				c.report(a, Warning, "kb.check.question_shared", fault.Values{"Question": q, "Other": first.String()})
			} else {
				asked[folded] = key
			}
		}
		for _, lang := range slices.Sorted(maps.Keys(c.langs)) {
			if _, there := c.byKey[kb.Key{ID: a.ID, Lang: lang}]; !there {
				c.report(a, Info, "kb.check.untranslated", fault.Values{"Lang": lang})
			}
		}
	}
	return inOrder(c.problems)
}

type checker struct {
	byKey    map[kb.Key]kb.Article
	langs    map[string]bool
	problems []Problem
}

func (c *checker) report(a kb.Article, severity Severity, phrase string, values fault.Values) {
	c.problems = append(c.problems, Problem{File: Path(a.Key()), Severity: severity, Phrase: phrase, Values: values})
}

// target reads a link to an article of ours: /kb/<lang>/<id>, or a fragment of
// the same article.
func target(from kb.Article, destination string) (key kb.Key, anchor string, ours bool) {
	u, err := url.Parse(destination)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return key, "", false
	}
	if u.Path == "" {
		return from.Key(), u.Fragment, u.Fragment != ""
	}
	rest, is := strings.CutPrefix(u.Path, "/kb/")
	if !is {
		return key, "", false
	}
	lang, id, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	return kb.Key{ID: id, Lang: lang}, u.Fragment, true
}

// target checks one link. Where a translation is missing the reader gets the
// fallback language, so that is enough.
func (c *checker) target(from kb.Article, key kb.Key, anchor, link string) {
	to, there := c.byKey[key]
	if !there {
		to, there = c.byKey[kb.Key{ID: key.ID, Lang: kb.Fallback}]
	}
	values := fault.Values{"Link": link}
	switch {
	case !there:
		c.report(from, Error, "kb.check.link_missing", values)
	case from.Status == kb.Published && to.Status != kb.Published:
		c.report(from, Error, "kb.check.link_unpublished", values)
	case slices.Index(kb.Audiences, to.Audience) > slices.Index(kb.Audiences, from.Audience):
		c.report(from, Info, "kb.check.link_narrower", values)
	case anchor != "" && !hasAnchor(to, anchor):
		c.report(from, Error, "kb.check.anchor_missing", values)
	}
}

func hasAnchor(a kb.Article, anchor string) bool {
	heading, text := a.Section(anchor)
	return heading != "" || text != ""
}
